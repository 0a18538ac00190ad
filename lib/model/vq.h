// VQ-16, the image tokenizer of Janus (LlamaGen's; Sun et al., 2024): a convolutional encoder, a
// quantiser whose latents and codebook are compared on the unit sphere, and a decoder.
//
// Shape suffixes: B batch, S picture side, G grid side = S / downsampling, C channels.
#pragma once

#include <string>
#include <vector>

#include "model/config.h"
#include "model/llama.h"

namespace easel::model {

struct Conv {
  Tensor weight, bias;
};
struct Norm {
  Tensor weight, bias;
};

struct VqResBlock {
  Norm norm1, norm2;
  Conv conv1, conv2;
  Conv shortcut;  // 1x1; undefined where the width does not change
};
struct VqAttention {
  Norm norm;
  Conv q, k, v, out;
};
struct VqMid {
  VqResBlock block1, block2;
  VqAttention attention;
};
struct VqLevel {
  std::vector<VqResBlock> blocks;
  std::vector<VqAttention> attentions;  // at the lowest resolution only
  Conv resample;                        // undefined at the last level
};
struct VqHalf {
  Conv conv_in, conv_out;
  std::vector<VqLevel> levels;
  VqMid mid;
  Norm norm_out;
};

class Vq {
 public:
  Vq() = default;
  explicit Vq(const VqConfig& config);  // uninitialised parameters

  // Latents [B, E, G, G] of pixels [B, 3, S, S] in [-1, 1], not normalised.
  Tensor encode_latents(const Tensor& pixels) const;
  // Codebook indices [B, G * G], row-major, of latents.
  Tensor quantize(const Tensor& latents) const;
  Tensor encode(const Tensor& pixels) const { return quantize(encode_latents(pixels)); }
  // Normalised codebook rows of indices [B, G * G] as latents [B, E, G, G].
  Tensor lookup(const Tensor& indices) const;
  // Pixels [B, 3, S, S], about [-1, 1] (not clipped), of latents [B, E, G, G].
  Tensor decode_latents(const Tensor& latents) const;
  Tensor decode(const Tensor& indices) const { return decode_latents(lookup(indices)); }

  void visit(const ParameterVisitor& visitor);

  VqConfig config;
  VqHalf encoder, decoder;
  Conv quant_conv, post_quant_conv;
  Tensor codebook;  // [codes, E]
};

// x over its length along `dim`; zeros stay zeros.
Tensor on_sphere(const Tensor& x, int64_t dim);

}  // namespace easel::model
