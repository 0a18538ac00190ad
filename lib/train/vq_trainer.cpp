#include "train/vq_trainer.h"

#include <cmath>

#include "base/error.h"
#include "base/log.h"
#include "image/draw.h"
#include "model/pixels.h"

namespace easel::train {

using torch::Tensor;

namespace {

constexpr int64_t kKmeansLatents = 40000, kKmeansSteps = 400, kKmeansRounds = 15;
constexpr double kDeadBelow = 0.02;  // average uses a step; below, a code is moved

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

}  // namespace

// The codebook during training: unit rows, each the running mean of the latents that chose it.
class VqTrainer::Codebook {
 public:
  Codebook(Tensor& rows, double decay)
      : sums(torch::zeros_like(rows)), counts(torch::zeros({rows.size(0)})), rows_(rows), decay_(decay) {}

  Tensor sums, counts;  // running: of the latents that chose a code, and how many

  // k-means of latents on the sphere: centres start at latents drawn by `random`.
  void fit(const Tensor& latents, base::RandomStream& random) {
    const int64_t codes = rows_.size(0);
    rows_.copy_(latents.index_select(0, draw(latents.size(0), codes, random)));
    for (int64_t round = 0; round < kKmeansRounds; ++round) {
      const auto [total, members] = assign(latents, nearest(latents));
      const Tensor used = members > 0;
      rows_.copy_(torch::where(used.unsqueeze(1), model::on_sphere(total, 1), rows_));
      // An empty cluster restarts at a latent that is far from its centre.
      const Tensor cosine = (latents * rows_.index_select(0, nearest(latents))).sum(1);
      const Tensor far = std::get<1>(cosine.topk(std::min(codes, latents.size(0)), 0, false));
      const Tensor empty = used.logical_not().nonzero().squeeze(1).slice(0, 0, far.size(0));
      rows_.index_copy_(0, empty, latents.index_select(0, far.slice(0, 0, empty.size(0))));
    }
    counts = assign(latents, nearest(latents)).second.clamp_min(1);
    sums = rows_ * counts.unsqueeze(1);
  }

  Tensor nearest(const Tensor& latents) const { return torch::mm(latents, rows_.t()).argmax(1); }

  void follow(const Tensor& latents, const Tensor& indices, base::RandomStream& random) {
    const auto [total, members] = assign(latents, indices);
    counts = decay_ * counts + (1 - decay_) * members;
    sums = decay_ * sums + (1 - decay_) * total;
    rows_.copy_(model::on_sphere(sums, 1));
    const Tensor dead = (counts < kDeadBelow).nonzero().squeeze(1);
    if (dead.size(0) == 0) return;
    const Tensor fresh =
        latents.index_select(0, draw(latents.size(0), dead.size(0), random));
    rows_.index_copy_(0, dead, fresh);
    sums.index_copy_(0, dead, fresh);
    counts.index_fill_(0, dead, 1.0);
  }

 private:
  static Tensor draw(int64_t from, int64_t count, base::RandomStream& random) {
    std::vector<int64_t> picks(static_cast<size_t>(count));
    for (auto& p : picks) p = static_cast<int64_t>(random.below(static_cast<uint64_t>(from)));
    return torch::tensor(picks, torch::kInt64);
  }
  std::pair<Tensor, Tensor> assign(const Tensor& latents, const Tensor& indices) const {
    Tensor total = torch::zeros_like(rows_), members = torch::zeros({rows_.size(0)});
    total.index_add_(0, indices, latents);
    members.index_add_(0, indices, torch::ones({indices.size(0)}));
    return {total, members};
  }
  Tensor& rows_;
  double decay_;
};

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

VqTrainer::VqTrainer(model::Vq& vq, const Tensor& pictures, const VqTrainOptions& o)
    : vq_(vq),
      pictures_(pictures),
      options_(o),
      continuous_steps_(static_cast<int64_t>(std::llround(o.continuous_share * static_cast<double>(o.steps)))),
      codebook_(std::make_unique<Codebook>(vq.codebook, o.codebook_decay)),
      order_(static_cast<uint64_t>(o.seed), "vq-order"),
      revive_(static_cast<uint64_t>(o.seed), "vq-codes"),
      seen_(torch::zeros({0, vq.codebook.size(1)})) {
  vq.visit([&](const std::string& name, Tensor& p) {
    if (&p != &vq.codebook) parameters_.add(name, p);
  });
  parameters_.build();
}

VqTrainer::~VqTrainer() {
  vq_.visit([](const std::string&, Tensor& p) { p = p.detach(); });
}

tensor::NamedTensors VqTrainer::tensors() const {
  auto all = parameters_.state();
  all.emplace_back("codebook.sums", codebook_->sums);
  all.emplace_back("codebook.counts", codebook_->counts);
  all.emplace_back("codebook.seen", seen_);
  return all;
}

jsonl::Object VqTrainer::state() const {
  jsonl::Object state;
  state.set("codes_drawn", static_cast<int64_t>(revive_.position()));
  return state;
}

void VqTrainer::restore(const tensor::Safetensors& tensors, const jsonl::Object& state) {
  parameters_.load_state(tensors);
  codebook_->sums = tensors.get("codebook.sums", torch::kFloat32, 2).clone();
  codebook_->counts = tensors.get("codebook.counts", torch::kFloat32, 1).clone();
  seen_ = tensors.get("codebook.seen", torch::kFloat32, 2).clone();
  revive_.seek(static_cast<uint64_t>(state.integer("codes_drawn")));
}

record::VqMetrics VqTrainer::step(int64_t step) {
  const VqTrainOptions& o = options_;
  base::Stopwatch watch;
  const auto count = static_cast<uint64_t>(pictures_.size(0));
  std::vector<int64_t> picks;
  for (int64_t i = 0; i < o.batch; ++i) {
    picks.push_back(static_cast<int64_t>(order_.below(count, static_cast<uint64_t>(step * o.batch + i))));
  }
  const Tensor pixels = model::to_pixels(pictures_.index_select(0, torch::tensor(picks, torch::kInt64)));
  const Tensor latents = vq_.encode_latents(pixels);
  const Tensor z = model::on_sphere(latents.permute({0, 2, 3, 1}), -1);  // [B, G, G, E]
  const Tensor flat = z.detach().reshape({-1, z.size(3)});

  const bool continuous = step < continuous_steps_;
  Tensor codes = z, codebook_loss = torch::zeros({});
  int64_t used = 0;
  if (continuous) {
    if (step >= continuous_steps_ - kKmeansSteps && seen_.size(0) < kKmeansLatents) seen_ = torch::cat({seen_, flat});
  } else {
    if (step == continuous_steps_) {
      torch::NoGradGuard no_grad;
      codebook_->fit(seen_.size(0) == 0 ? flat : seen_, revive_);
      seen_ = seen_.slice(0, 0, 0).clone();
    }
    const Tensor indices = codebook_->nearest(flat);
    const Tensor rows = vq_.codebook.index_select(0, indices).view(z.sizes()).detach();
    codebook_loss = (z - rows).pow(2).sum(-1).mean();
    codes = z + (rows - z).detach();
    torch::NoGradGuard no_grad;
    codebook_->follow(flat, indices, revive_);
    used = std::get<0>(at::_unique(indices)).size(0);
  }
  const Tensor decoded = vq_.decode_latents(codes.permute({0, 3, 1, 2}));
  const Tensor weights = pixel_weights(pixels, o.foreground_weight);
  Tensor reconstruction = ((decoded - pixels).abs() * weights).mean() +
                          ((decoded - pixels).pow(2) * weights).mean();
  if (o.edge_weight > 0) reconstruction = reconstruction + o.edge_weight * edge_loss(decoded, pixels);
  const Tensor loss = reconstruction + o.commitment * codebook_loss;
  parameters_.zero_gradients();
  loss.backward();
  const double norm = parameters_.gradient_norm();
  if (!std::isfinite(norm)) base::fail(base::cat("step ", step + 1, ": the gradient is not finite"));
  const double rate = o.learning_rate * schedule(Decay::kLinear, step, o.warmup, o.steps);
  const AdamWOptions adamw{.beta1 = 0.9, .beta2 = 0.95, .eps = 1e-8, .weight_decay = 0};
  parameters_.adamw_step(rate, clip_scale(norm, o.max_gradient_norm), adamw);

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
  return metrics;
}

}  // namespace easel::train
