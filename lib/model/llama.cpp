#include "model/llama.h"

#include "base/error.h"
#include "model/recomputed.h"
#include "tensor/compute.h"

namespace easel::model {

using tensor::unset;

Packing Packing::make(const std::vector<int64_t>& lengths, torch::Device device) {
  std::vector<int64_t> positions;
  for (const int64_t length : lengths) {
    for (int64_t i = 0; i < length; ++i) positions.push_back(i);
  }
  return {lengths, torch::tensor(positions, torch::kInt64).to(device)};
}

Llama::Llama(const LlamaConfig& c) : config(c) {
  const auto matrix = [](int64_t rows, int64_t columns) { return unset({rows, columns}); };
  embed_tokens = matrix(c.vocab_size, c.hidden_size);
  norm = unset({c.hidden_size});
  for (int64_t i = 0; i < c.num_hidden_layers; ++i) {
    LlamaLayer l;
    l.input_norm = unset({c.hidden_size});
    l.post_norm = unset({c.hidden_size});
    l.q.weight = matrix(c.num_attention_heads * c.head_dim, c.hidden_size);
    l.k.weight = matrix(c.num_key_value_heads * c.head_dim, c.hidden_size);
    l.v.weight = matrix(c.num_key_value_heads * c.head_dim, c.hidden_size);
    l.o.weight = matrix(c.hidden_size, c.num_attention_heads * c.head_dim);
    l.gate.weight = matrix(c.intermediate_size, c.hidden_size);
    l.up.weight = matrix(c.intermediate_size, c.hidden_size);
    l.down.weight = matrix(c.hidden_size, c.intermediate_size);
    layers.push_back(std::move(l));
  }
}

namespace {
using Member = std::pair<const char*, Projection LlamaLayer::*>;
constexpr Member kAttention[] = {{"self_attn.q_proj.weight", &LlamaLayer::q},
                                 {"self_attn.k_proj.weight", &LlamaLayer::k},
                                 {"self_attn.v_proj.weight", &LlamaLayer::v},
                                 {"self_attn.o_proj.weight", &LlamaLayer::o}};
constexpr Member kMlp[] = {{"mlp.gate_proj.weight", &LlamaLayer::gate},
                           {"mlp.up_proj.weight", &LlamaLayer::up},
                           {"mlp.down_proj.weight", &LlamaLayer::down}};

std::string layer_name(size_t layer) { return base::cat("model.language_model.layers.", layer, "."); }
}  // namespace

void Llama::visit(const ParameterVisitor& visitor) {
  visitor("model.language_model.embed_tokens.weight", embed_tokens);
  for (size_t i = 0; i < layers.size(); ++i) {
    const std::string prefix = layer_name(i);
    LlamaLayer& l = layers[i];
    visitor(prefix + "input_layernorm.weight", l.input_norm);
    for (const auto& [name, member] : kAttention) visitor(prefix + name, (l.*member).weight);
    visitor(prefix + "post_attention_layernorm.weight", l.post_norm);
    for (const auto& [name, member] : kMlp) visitor(prefix + name, (l.*member).weight);
  }
  visitor("model.language_model.norm.weight", norm);
}

void Llama::visit_projections(const ProjectionVisitor& visitor) {
  for (size_t i = 0; i < layers.size(); ++i) {
    for (const auto& [name, member] : kAttention) visitor(layer_name(i) + name, layers[i].*member);
    for (const auto& [name, member] : kMlp) visitor(layer_name(i) + name, layers[i].*member);
  }
}

bool Llama::adapted() const {
  for (const LlamaLayer& l : layers) {
    for (const auto& [name, member] : kAttention) {
      if ((l.*member).adapted()) return true;
    }
    for (const auto& [name, member] : kMlp) {
      if ((l.*member).adapted()) return true;
    }
  }
  return false;
}

std::pair<Tensor, Tensor> Llama::rope(const Tensor& positions_T) const {
  const auto options = torch::TensorOptions().dtype(torch::kFloat32).device(positions_T.device());
  const Tensor exponent = torch::arange(0, config.head_dim, 2, options) /
                          static_cast<double>(config.head_dim);
  const Tensor frequency = 1.0 / torch::pow(config.rope_theta, exponent);
  const Tensor angle = positions_T.to(torch::kFloat32).unsqueeze(1) * frequency.unsqueeze(0);
  return {angle.cos(), angle.sin()};
}

Tensor Llama::attention(const LlamaLayer& layer, const Tensor& x, const Packing& packing,
                        const Rotation& rotation, const KeyValueSink& sink) const {
  const int64_t tokens = x.size(0), heads = config.num_attention_heads;
  const int64_t kv = config.num_key_value_heads, size = config.head_dim;
  const Tensor q = rotation(layer.q(x).view({tokens, heads, size}));
  const Tensor k = rotation(layer.k(x).view({tokens, kv, size}));
  const Tensor v = layer.v(x).view({tokens, kv, size});
  if (sink) sink(k, v);
  return layer.o(causal_attention(q, k, v, packing.lengths));
}

Tensor Llama::layer_forward(const LlamaLayer& layer, const Tensor& x_TH, const Packing& packing,
                            const Rotation& rotation, const KeyValueSink& sink) const {
  const Tensor x =
      x_TH + attention(layer, rms_norm(x_TH, layer.input_norm, config.rms_norm_eps), packing, rotation, sink);
  const Tensor h = rms_norm(x, layer.post_norm, config.rms_norm_eps);
  return x + layer.down(swiglu(layer.gate(h), layer.up(h)));
}

Tensor Llama::forward(const Tensor& embeddings_TH, const Packing& packing,
                      const KeyValueSink& sink) const {
  const auto [cos, sin] = rope(packing.positions);
  const Rotation rotation(cos, sin, embeddings_TH);
  const bool again = recompute_layers && torch::GradMode::is_enabled() && !sink;
  Tensor x = embeddings_TH;
  for (const LlamaLayer& layer : layers) {
    x = again ? recomputed(x, [this, &layer, packing, rotation](const Tensor& in) {
      return layer_forward(layer, in, packing, rotation, nullptr);
    })
              : layer_forward(layer, x, packing, rotation, sink);
  }
  return rms_norm(x, norm, config.rms_norm_eps);
}

}  // namespace easel::model
