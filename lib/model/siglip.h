// The SigLIP vision tower and the aligner that brings its patches to the decoder's width.
#pragma once

#include <string>
#include <vector>

#include "model/config.h"
#include "model/llama.h"
#include "model/ops.h"

namespace easel::model {

struct Affine {
  Tensor weight, bias;  // bias may be undefined
  Tensor operator()(const Tensor& x) const { return linear_layer(x, weight, bias); }
};

// Linear layers with an exact GELU between them (none after the last).
struct Mlp {
  std::vector<Affine> layers;
  static Mlp make(int64_t in, int64_t out, int64_t depth);
  Tensor operator()(Tensor x) const;
  // First layer "fc1", the others "hidden_layers.J".
  void visit(const ParameterVisitor& visitor, const std::string& name);
};

struct SiglipLayer {
  Affine norm1, norm2, q, k, v, projection, fc1, fc2;
};

class Siglip {
 public:
  Siglip() = default;
  explicit Siglip(const VisionConfig& config);
  // Patch features [B, patches, width] of pixels [B, 3, side, side] in [-1, 1].
  Tensor forward(const Tensor& pixels) const;
  void visit(const ParameterVisitor& visitor);

  VisionConfig config;
  Affine patch_embedding;     // weight [width, 3, patch, patch]
  Tensor position_embedding;  // [patches, width]
  std::vector<SiglipLayer> layers;
  Affine post_norm;
};

}  // namespace easel::model
