#include "model/siglip.h"

#include <ATen/ops/scaled_dot_product_attention.h>

#include "base/error.h"
#include "tensor/compute.h"

namespace easel::model {

using tensor::unset;
using base::cat;

namespace {

Affine make_affine(int64_t in, int64_t out, bool bias = true) {
  return {unset({out, in}), bias ? unset({out}) : Tensor()};
}
Affine make_norm(int64_t width) { return {unset({width}), unset({width})}; }

Tensor layer_norm(const Affine& n, const Tensor& x, double eps) {
  return torch::layer_norm(x, {x.size(-1)}, n.weight, n.bias, eps);
}

void visit_affine(const ParameterVisitor& v, const std::string& name, Affine& a) {
  v(name + ".weight", a.weight);
  if (a.bias.defined()) v(name + ".bias", a.bias);
}

}  // namespace

Mlp Mlp::make(int64_t in, int64_t out, int64_t depth) {
  Mlp mlp;
  for (int64_t i = 0; i < depth; ++i) mlp.layers.push_back(make_affine(i == 0 ? in : out, out));
  return mlp;
}

Tensor Mlp::operator()(Tensor x) const {
  for (size_t i = 0; i < layers.size(); ++i) x = layers[i](i == 0 ? x : torch::gelu(x));
  return x;
}

void Mlp::visit(const ParameterVisitor& visitor, const std::string& name) {
  for (size_t i = 0; i < layers.size(); ++i) {
    visit_affine(visitor, i == 0 ? name + ".fc1" : cat(name, ".hidden_layers.", i - 1), layers[i]);
  }
}

Siglip::Siglip(const VisionConfig& c) : config(c) {
  patch_embedding = {unset({c.hidden_size, c.num_channels, c.patch_size, c.patch_size}),
                     unset({c.hidden_size})};
  position_embedding = unset({c.grid() * c.grid(), c.hidden_size});
  for (int64_t i = 0; i < c.num_hidden_layers; ++i) {
    layers.push_back({make_norm(c.hidden_size), make_norm(c.hidden_size),
                      make_affine(c.hidden_size, c.hidden_size, c.attention_bias),
                      make_affine(c.hidden_size, c.hidden_size, c.attention_bias),
                      make_affine(c.hidden_size, c.hidden_size, c.attention_bias),
                      make_affine(c.hidden_size, c.hidden_size),
                      make_affine(c.hidden_size, c.mlp_size()),
                      make_affine(c.mlp_size(), c.hidden_size)});
  }
  post_norm = make_norm(c.hidden_size);
}

Tensor Siglip::forward(const Tensor& pixels) const {
  const int64_t batch = pixels.size(0), heads = config.num_attention_heads;
  Tensor x = torch::conv2d(pixels, patch_embedding.weight, patch_embedding.bias, config.patch_size);
  x = x.flatten(2).transpose(1, 2) + position_embedding;
  const int64_t patches = x.size(1);
  for (const SiglipLayer& l : layers) {
    const Tensor h = layer_norm(l.norm1, x, config.layer_norm_eps);
    const auto split = [&](const Affine& a) {
      return a(h).view({batch, patches, heads, -1}).transpose(1, 2);
    };
    const Tensor y = at::scaled_dot_product_attention(split(l.q), split(l.k), split(l.v));
    x = x + l.projection(y.transpose(1, 2).reshape({batch, patches, -1}));
    x = x + l.fc2(torch::gelu(l.fc1(layer_norm(l.norm2, x, config.layer_norm_eps))));
  }
  return layer_norm(post_norm, x, config.layer_norm_eps);
}

void Siglip::visit(const ParameterVisitor& v) {
  const std::string root = "model.vision_model.";
  visit_affine(v, root + "embeddings.patch_embedding", patch_embedding);
  v(root + "embeddings.position_embedding.weight", position_embedding);
  for (size_t i = 0; i < layers.size(); ++i) {
    const std::string layer = cat(root, "encoder.layers.", i, ".");
    SiglipLayer& l = layers[i];
    visit_affine(v, layer + "layer_norm1", l.norm1);
    visit_affine(v, layer + "self_attn.q_proj", l.q);
    visit_affine(v, layer + "self_attn.k_proj", l.k);
    visit_affine(v, layer + "self_attn.v_proj", l.v);
    visit_affine(v, layer + "self_attn.projection_layer", l.projection);
    visit_affine(v, layer + "layer_norm2", l.norm2);
    visit_affine(v, layer + "mlp.fc1", l.fc1);
    visit_affine(v, layer + "mlp.fc2", l.fc2);
  }
  visit_affine(v, root + "post_layernorm", post_norm);
}

}  // namespace easel::model
