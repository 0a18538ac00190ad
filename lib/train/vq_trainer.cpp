#include "train/vq_trainer.h"

#include <cmath>

#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "base/signals.h"
#include "image/draw.h"
#include "model/pixels.h"

namespace easel::train {

using torch::Tensor;

namespace {

constexpr int64_t kKmeansLatents = 40000, kKmeansRounds = 15;
constexpr double kDeadBelow = 0.02;  // average uses a step; below, a code is moved

Tensor unit(const Tensor& x) { return x / x.norm(2, -1, true).clamp_min(1e-12); }

// Weight of each pixel [B, 1, S, S]: `foreground` where it or one near it differs from the picture's
// median colour. What is near counts too, for a hole or a notch is all background: weighted like a
// plain wall, rings came out as filled circles.
Tensor pixel_weights(const Tensor& pixels, double foreground) {
  const Tensor median = std::get<0>(pixels.flatten(2).median(2)).unsqueeze(2).unsqueeze(3);
  const Tensor differs = (pixels - median).abs().amax(1, true) > 0.1;
  constexpr int64_t kNear = 3;  // pixels
  const Tensor near = torch::max_pool2d(differs.to(torch::kFloat32), 2 * kNear + 1, 1, kNear);
  return 1 + (foreground - 1) * near;
}

Tensor edge_loss(const Tensor& a, const Tensor& b) {
  const auto across = [](const Tensor& t) { return t.slice(3, 1) - t.slice(3, 0, -1); };
  const auto down = [](const Tensor& t) { return t.slice(2, 1) - t.slice(2, 0, -1); };
  return (across(a) - across(b)).abs().mean() + (down(a) - down(b)).abs().mean();
}

// The codebook during training: unit rows, each the running mean of the latents that chose it.
class Codebook {
 public:
  Codebook(Tensor& rows, double decay) : rows_(rows), decay_(decay) {}

  // k-means of latents on the sphere: centres start at latents drawn by `random`.
  void fit(const Tensor& latents, base::RandomStream& random) {
    const int64_t codes = rows_.size(0);
    rows_.copy_(latents.index_select(0, draw(latents.size(0), codes, random)));
    for (int64_t round = 0; round < kKmeansRounds; ++round) {
      const auto [sums, counts] = assign(latents, nearest(latents));
      const Tensor used = counts > 0;
      rows_.copy_(torch::where(used.unsqueeze(1), unit(sums), rows_));
      // An empty cluster restarts at a latent that is far from its centre.
      const Tensor cosine = (latents * rows_.index_select(0, nearest(latents))).sum(1);
      const Tensor far = std::get<1>(cosine.topk(std::min(codes, latents.size(0)), 0, false));
      const Tensor empty = used.logical_not().nonzero().squeeze(1).slice(0, 0, far.size(0));
      rows_.index_copy_(0, empty, latents.index_select(0, far.slice(0, 0, empty.size(0))));
    }
    const auto [sums, counts] = assign(latents, nearest(latents));
    counts_ = counts.clamp_min(1);
    sums_ = rows_ * counts_.unsqueeze(1);
  }

  Tensor nearest(const Tensor& latents) const { return torch::mm(latents, rows_.t()).argmax(1); }

  void follow(const Tensor& latents, const Tensor& indices, base::RandomStream& random) {
    const auto [sums, counts] = assign(latents, indices);
    counts_ = decay_ * counts_ + (1 - decay_) * counts;
    sums_ = decay_ * sums_ + (1 - decay_) * sums;
    rows_.copy_(unit(sums_));
    const Tensor dead = (counts_ < kDeadBelow).nonzero().squeeze(1);
    if (dead.size(0) == 0) return;
    const Tensor fresh =
        latents.index_select(0, draw(latents.size(0), dead.size(0), random));
    rows_.index_copy_(0, dead, fresh);
    sums_.index_copy_(0, dead, fresh);
    counts_.index_fill_(0, dead, 1.0);
  }

 private:
  static Tensor draw(int64_t from, int64_t count, base::RandomStream& random) {
    std::vector<int64_t> picks(static_cast<size_t>(count));
    for (auto& p : picks) p = static_cast<int64_t>(random.below(static_cast<uint64_t>(from)));
    return torch::tensor(picks, torch::kInt64);
  }
  std::pair<Tensor, Tensor> assign(const Tensor& latents, const Tensor& indices) const {
    Tensor sums = torch::zeros_like(rows_), counts = torch::zeros({rows_.size(0)});
    sums.index_add_(0, indices, latents);
    counts.index_add_(0, indices, torch::ones({indices.size(0)}));
    return {sums, counts};
  }
  Tensor& rows_;
  double decay_;
  Tensor sums_, counts_;
};

}  // namespace

Tensor load_pictures(const std::vector<image::Image>& images, int64_t side) {
  Tensor out = torch::empty({static_cast<int64_t>(images.size()), 3, side, side}, torch::kUInt8);
  for (size_t i = 0; i < images.size(); ++i) {
    image::Image square = image::center_square(images[i]);
    if (square.width != side) {
      square = image::resize(square, static_cast<int>(side), static_cast<int>(side));
    }
    out[static_cast<int64_t>(i)].copy_(model::planes_of(square.rgb.data(), side, side));
  }
  return out;
}

void train_vq(model::Vq& vq, const Tensor& pictures, const VqTrainOptions& o,
              const std::function<void(const record::VqMetrics&)>& report) {
  ParameterSet parameters;
  vq.visit([&](const std::string& name, Tensor& p) {
    if (&p != &vq.codebook) parameters.add(name, p);
  });
  parameters.build();
  Codebook codebook(vq.codebook, o.codebook_decay);
  const auto seed = static_cast<uint64_t>(o.seed);
  base::RandomStream order(seed, "vq-order"), revive(seed, "vq-codes");
  const auto count = static_cast<uint64_t>(pictures.size(0));
  const auto continuous_steps =
      static_cast<int64_t>(std::llround(o.continuous_share * static_cast<double>(o.steps)));
  const AdamWOptions adamw{.beta1 = 0.9, .beta2 = 0.95, .eps = 1e-8, .weight_decay = 0};
  std::vector<Tensor> seen;  // latents for k-means
  int64_t seen_rows = 0;

  for (int64_t step = 0; step < o.steps; ++step) {
    base::throw_if_stopped();
    base::Stopwatch watch;
    std::vector<int64_t> picks(static_cast<size_t>(o.batch));
    for (auto& p : picks) p = static_cast<int64_t>(order.below(count));
    const Tensor pixels = model::to_pixels(pictures.index_select(0, torch::tensor(picks, torch::kInt64)));
    const Tensor latents = vq.encode_latents(pixels);
    const Tensor z = unit(latents.permute({0, 2, 3, 1}));  // [B, G, G, E]
    const Tensor flat = z.detach().reshape({-1, z.size(3)});

    const bool continuous = step < continuous_steps;
    Tensor codes = z, codebook_loss = torch::zeros({});
    int64_t used = 0;
    if (continuous) {
      if (step >= continuous_steps - 400 && seen_rows < kKmeansLatents) {
        seen.push_back(flat);
        seen_rows += flat.size(0);
      }
    } else {
      torch::NoGradGuard no_grad;
      if (step == continuous_steps) {
        codebook.fit(seen.empty() ? flat : torch::cat(seen).contiguous(), revive);
        seen.clear();
      }
    }
    if (!continuous) {
      const Tensor indices = codebook.nearest(flat);
      const Tensor rows = vq.codebook.index_select(0, indices).view(z.sizes()).detach();
      codebook_loss = (z - rows).pow(2).sum(-1).mean();
      codes = z + (rows - z).detach();
      torch::NoGradGuard no_grad;
      codebook.follow(flat, indices, revive);
      used = std::get<0>(at::_unique(indices)).size(0);
    }
    const Tensor decoded = vq.decode_latents(codes.permute({0, 3, 1, 2}));
    const Tensor weights = pixel_weights(pixels, o.foreground_weight);
    Tensor reconstruction = ((decoded - pixels).abs() * weights).mean() +
                            ((decoded - pixels).pow(2) * weights).mean();
    if (o.edge_weight > 0) reconstruction = reconstruction + o.edge_weight * edge_loss(decoded, pixels);
    const Tensor loss = reconstruction + o.commitment * codebook_loss;
    parameters.zero_gradients();
    loss.backward();
    const double norm = parameters.gradient_norm();
    if (!std::isfinite(norm)) base::fail(base::cat("step ", step + 1, ": the gradient is not finite"));
    const double rate = o.learning_rate * schedule(Decay::kLinear, step, o.warmup, o.steps);
    parameters.adamw_step(rate, clip_scale(norm, o.max_gradient_norm), adamw);

    record::VqMetrics metrics;
    metrics.step = step + 1;
    metrics.loss = loss.item<double>();
    metrics.reconstruction_loss = reconstruction.item<double>();
    if (!continuous) {
      metrics.codebook_loss = codebook_loss.item<double>();
      metrics.codes_used = used;
    }
    metrics.learning_rate = rate;
    metrics.seconds = watch.seconds();
    report(metrics);
  }
  vq.visit([](const std::string&, Tensor& p) { p = p.detach(); });
}

}  // namespace easel::train
