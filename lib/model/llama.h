// The Llama decoder of Janus: RMSNorm, rotary positions, grouped or full heads, SwiGLU.
//
// Sequences are packed: tokens of all sequences stand one after another with no padding, and
// attention alone looks at where each begins. Shape suffixes: T packed tokens, H hidden width.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/config.h"
#include "model/lora.h"
#include "model/ops.h"

namespace easel::model {

// Where each sequence of a pack stands. Tokens past the sum of the lengths belong to no sequence.
struct Packing {
  std::vector<int64_t> lengths;
  Tensor positions;  // int64 [T]: rotary position of each token

  // Positions count from 0 in each sequence.
  static Packing make(const std::vector<int64_t>& lengths, torch::Device device);
};

using ProjectionVisitor = std::function<void(const std::string& name, Projection& projection)>;

struct LlamaLayer {
  Tensor input_norm, post_norm;                // [H]
  Projection q, k, v, o;                       // [heads * D, H], [kv * D, H] twice, [H, heads * D]
  Projection gate, up, down;                   // [F, H] twice, [H, F]
};

class Llama {
 public:
  Llama() = default;
  explicit Llama(const LlamaConfig& config);  // parameters have shapes, but no values yet

  // Called once a layer with its keys and values [T, kv heads, D], rotary applied.
  using KeyValueSink = std::function<void(const Tensor& keys, const Tensor& values)>;
  // Hidden states after the final norm, [T, H], from input embeddings [T, H].
  Tensor forward(const Tensor& embeddings_TH, const Packing& packing,
                 const KeyValueSink& sink = nullptr) const;
  Tensor embed(const Tensor& ids_T) const { return embed_tokens.index_select(0, ids_T); }
  // Cosines and sines of positions, [T, D / 2] each, float32.
  std::pair<Tensor, Tensor> rope(const Tensor& positions_T) const;

  void visit(const ParameterVisitor& visitor);
  // Every projection with the name of its weight.
  void visit_projections(const ProjectionVisitor& visitor);
  bool adapted() const;  // whether any projection has an adapter

  LlamaConfig config;
  Tensor embed_tokens;  // [vocabulary, H]
  std::vector<LlamaLayer> layers;
  Tensor norm;  // [H]
  // Keep only each layer's input for the backward pass, and compute the layer again there.
  bool recompute_layers = false;

 private:
  Tensor layer_forward(const LlamaLayer& layer, const Tensor& x_TH, const Packing& packing,
                       const Rotation& rotation, const KeyValueSink& sink) const;
  Tensor attention(const LlamaLayer& layer, const Tensor& x_TH, const Packing& packing,
                   const Rotation& rotation, const KeyValueSink& sink) const;
};

}  // namespace easel::model
