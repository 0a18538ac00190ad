#include "model/janus.h"

#include <cmath>

#include "base/random.h"
#include "base/signals.h"
#include "tensor/compute.h"

namespace easel::model {

using tensor::unset;

Janus::Janus(const JanusConfig& c)
    : config(c),
      lm(c.text),
      vq(c.vq),
      vision(c.vision),
      aligner(Mlp::make(c.vision.hidden_size, c.vision.projection_dim, c.vision.depth)),
      generation_aligner(Mlp::make(c.vq.embed_dim, c.vq.projection_dim, c.vq.num_hidden_layers)) {
  if (!c.text.tie_word_embeddings) lm_head = unset({c.text.vocab_size, c.text.hidden_size});
  generation_embeddings = unset({c.vq.num_embeddings, c.vq.embed_dim});
  generation_projection = {unset({c.vq.projection_dim, c.vq.image_token_embed_dim}),
                           unset({c.vq.projection_dim})};
  image_head = {unset({c.vq.num_embeddings, c.vq.projection_dim}),
                unset({c.vq.num_embeddings})};
}

void Janus::visit(const ParameterVisitor& v) {
  if (!tied()) v("lm_head.weight", lm_head);
  lm.visit(v);
  v("model.generation_embeddings.weight", generation_embeddings);
  generation_aligner.visit(v, "model.generation_aligner");
  v("model.generation_head.proj_out.weight", generation_projection.weight);
  v("model.generation_head.proj_out.bias", generation_projection.bias);
  v("model.generation_head.vision_head.weight", image_head.weight);
  v("model.generation_head.vision_head.bias", image_head.bias);
  vision.visit(v);
  aligner.visit(v, "model.aligner");
  vq.visit(v);
}

bool Janus::is_generator(const std::string& name) {
  return !name.starts_with("model.vision_model.") && !name.starts_with("model.aligner.") &&
         !name.starts_with("model.vqmodel.");
}

int64_t Janus::parameter_count() {
  int64_t count = 0;
  visit([&](const std::string&, Tensor& p) { count += p.numel(); });
  return count;
}

int64_t Janus::bytes() const {
  int64_t bytes = 0;
  Janus view = *this;  // of the same tensors: visit() may change them, and does not here
  view.visit([&](const std::string&, Tensor& p) { bytes += static_cast<int64_t>(p.nbytes()); });
  return bytes;
}

void Janus::to(torch::Device device, torch::Dtype dtype) {
  visit([&](const std::string&, Tensor& p) { p = p.to(device, dtype); });
}

Tensor Janus::random_values(const std::string& name, const Tensor& p, int64_t seed) const {
  const base::CounterRng rng(static_cast<uint64_t>(seed), "initialize", name);
  const bool norm = name.find("norm") != std::string::npos;
  Tensor values = torch::empty(p.sizes());
  if (name.ends_with(".bias") || norm) return values.fill_(norm && name.ends_with(".weight") ? 1.0 : 0.0);
  float* out = values.data_ptr<float>();
  const int64_t fan_in = p.numel() / p.size(0);
  // Convolutions: uniform with variance 1 / (3 fan_in), PyTorch's default for them. Matrices keep
  // the size of what goes through them; what is added to the residual stream is scaled down by
  // its 2 L additions. Embeddings are looked up, not multiplied: they have a size of their own.
  const bool code = name.ends_with("quantize.embedding.weight") ||
                    name.ends_with("generation_embeddings.weight");
  const bool residual = name.ends_with("o_proj.weight") || name.ends_with("down_proj.weight");
  const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
  double deviation = bound;
  if (code) deviation = 1;
  if (name.ends_with("embed_tokens.weight")) deviation = 0.5;
  if (residual) deviation /= std::sqrt(2.0 * static_cast<double>(config.text.num_hidden_layers));
  at::parallel_for(0, p.numel(), 1 << 14, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if (i % (1 << 16) == 0 && base::stop_requested()) return;
      const auto at = static_cast<uint64_t>(i);
      out[i] = static_cast<float>(p.dim() == 4 ? (2 * rng.uniform(at) - 1) * bound
                                               : rng.normal(at) * deviation);
    }
  });
  base::throw_if_stopped();
  return values;
}

void Janus::initialize(int64_t seed) {
  visit([&](const std::string& name, Tensor& p) { p = random_values(name, p, seed); });
}

}  // namespace easel::model
