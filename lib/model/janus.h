// The whole Janus network: decoder, text head, generation embedding, aligner and head, image
// tokenizer, vision tower. Shaped by config.json alone.
#pragma once

#include <string>
#include <vector>

#include "model/config.h"
#include "model/llama.h"
#include "model/siglip.h"
#include "model/vq.h"

namespace easel::model {

class Janus {
 public:
  Janus() = default;
  explicit Janus(const JanusConfig& config);  // parameters have shapes, but no values yet

  // Rows that multiply final hidden states into text logits: [vocabulary, H].
  const Tensor& text_head() const { return tied() ? lm.embed_tokens : lm_head; }
  bool tied() const { return !lm_head.defined(); }
  // Decoder inputs [T, H] of image tokens [T]: generation embedding, then its aligner.
  Tensor embed_image(const Tensor& tokens_T) const {
    return generation_aligner(generation_embeddings.index_select(0, tokens_T));
  }
  // What image_head multiplies into image logits: gelu(proj_out(h)).
  Tensor image_features(const Tensor& hidden_TH) const {
    return torch::gelu(generation_projection(hidden_TH));
  }
  // Decoder inputs [B, patches, H] of pixels [B, 3, side, side] in [-1, 1] (understanding).
  Tensor embed_pixels(const Tensor& pixels) const { return aligner(vision.forward(pixels)); }

  // Every parameter with its transformers name, in a fixed order.
  void visit(const ParameterVisitor& visitor);
  // Those that text and image generation train: all but vision tower, aligner and image tokenizer.
  static bool is_generator(const std::string& name);
  int64_t parameter_count();
  int64_t bytes() const;  // of all parameters
  // Moves every parameter.
  void to(torch::Device device, torch::Dtype dtype);

  // Matrices normal with variance 1 / fan-in, norms one, biases zero, convolutions uniform, all drawn
  // by counter from (seed, parameter name): the same seed gives the same bytes on every machine.
  void initialize(int64_t seed);
  // What that gives one parameter, whose shape is p's: for models of which not all can be in memory.
  Tensor random_values(const std::string& name, const Tensor& p, int64_t seed) const;

  JanusConfig config;
  Llama lm;
  Tensor lm_head;  // undefined when tied to the embedding
  Vq vq;
  Siglip vision;
  Mlp aligner, generation_aligner;
  Tensor generation_embeddings;              // [codes, E]
  Affine generation_projection, image_head;  // generation_head.proj_out, .vision_head
};

}  // namespace easel::model
