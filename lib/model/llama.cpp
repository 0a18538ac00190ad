#include "model/llama.h"

#include "base/error.h"
#include "model/ops.h"

namespace easel::model {

Packing Packing::make(const std::vector<int64_t>& lengths, torch::Device device) {
  std::vector<int64_t> positions;
  for (const int64_t length : lengths) {
    for (int64_t i = 0; i < length; ++i) positions.push_back(i);
  }
  return {lengths, torch::tensor(positions, torch::kInt64).to(device)};
}

Llama::Llama(const LlamaConfig& c) : config(c) {
  const auto matrix = [](int64_t rows, int64_t columns) { return torch::empty({rows, columns}); };
  embed_tokens = matrix(c.vocab_size, c.hidden_size);
  norm = torch::empty({c.hidden_size});
  for (int64_t i = 0; i < c.num_hidden_layers; ++i) {
    LlamaLayer l;
    l.input_norm = torch::empty({c.hidden_size});
    l.post_norm = torch::empty({c.hidden_size});
    l.q = matrix(c.num_attention_heads * c.head_dim, c.hidden_size);
    l.k = matrix(c.num_key_value_heads * c.head_dim, c.hidden_size);
    l.v = matrix(c.num_key_value_heads * c.head_dim, c.hidden_size);
    l.o = matrix(c.hidden_size, c.num_attention_heads * c.head_dim);
    l.gate = matrix(c.intermediate_size, c.hidden_size);
    l.up = matrix(c.intermediate_size, c.hidden_size);
    l.down = matrix(c.hidden_size, c.intermediate_size);
    layers.push_back(std::move(l));
  }
}

void Llama::visit(const ParameterVisitor& visitor) {
  visitor("model.language_model.embed_tokens.weight", embed_tokens);
  for (size_t i = 0; i < layers.size(); ++i) {
    const std::string prefix = base::cat("model.language_model.layers.", i, ".");
    LlamaLayer& l = layers[i];
    visitor(prefix + "input_layernorm.weight", l.input_norm);
    visitor(prefix + "self_attn.q_proj.weight", l.q);
    visitor(prefix + "self_attn.k_proj.weight", l.k);
    visitor(prefix + "self_attn.v_proj.weight", l.v);
    visitor(prefix + "self_attn.o_proj.weight", l.o);
    visitor(prefix + "post_attention_layernorm.weight", l.post_norm);
    visitor(prefix + "mlp.gate_proj.weight", l.gate);
    visitor(prefix + "mlp.up_proj.weight", l.up);
    visitor(prefix + "mlp.down_proj.weight", l.down);
  }
  visitor("model.language_model.norm.weight", norm);
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
                        const Tensor& cos, const Tensor& sin, const KeyValueSink& sink) const {
  const int64_t tokens = x.size(0), heads = config.num_attention_heads;
  const int64_t kv = config.num_key_value_heads, size = config.head_dim;
  const Tensor q = apply_rope(linear_layer(x, layer.q).view({tokens, heads, size}), cos, sin);
  const Tensor k = apply_rope(linear_layer(x, layer.k).view({tokens, kv, size}), cos, sin);
  const Tensor v = linear_layer(x, layer.v).view({tokens, kv, size});
  if (sink) sink(k, v);
  return linear_layer(causal_attention(q, k, v, packing.lengths), layer.o);
}

Tensor Llama::forward(const Tensor& embeddings_TH, const Packing& packing,
                      const KeyValueSink& sink) const {
  const auto [cos, sin] = rope(packing.positions);
  Tensor x = embeddings_TH;
  for (const LlamaLayer& layer : layers) {
    x = x + attention(layer, rms_norm(x, layer.input_norm, config.rms_norm_eps), packing, cos, sin,
                      sink);
    const Tensor h = rms_norm(x, layer.post_norm, config.rms_norm_eps);
    x = x + linear_layer(swiglu(linear_layer(h, layer.gate), linear_layer(h, layer.up)),
                          layer.down);
  }
  return rms_norm(x, norm, config.rms_norm_eps);
}

}  // namespace easel::model
