// Decoding with a static KV cache: a prompt is prefilled once, its keys and values are put into as
// many slots as share it, and decode_step moves any set of slots on by one token each.
//
// Nothing is allocated per token on the CPU in float32; other devices and types go through
// LibTorch's attention. The decode step of both stands in decoder.cpp alone.
#pragma once

#include <memory>
#include <vector>

#include "model/janus.h"

namespace easel::model {

// Keys and values of a prefix, one [length, kv heads, D] pair a layer, rotary applied.
struct Prefix {
  std::vector<Tensor> keys, values;
  int64_t length = 0;
  Tensor last_hidden;  // [H], after the final norm
};

class Decoder {
 public:
  // `slots` rows of at most max_length tokens. The model must outlive the decoder and stay as it is.
  Decoder(const Janus& model, int64_t slots, int64_t max_length);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // All prompts in one packed pass.
  std::vector<Prefix> prefill(const std::vector<std::vector<int32_t>>& prompts) const;

  // Copies the first `length` tokens of a prefix into a slot; the next token stands at `length`.
  void start(int64_t slot, const Prefix& prefix, int64_t length);

  // Feeds one token's input embedding into each slot: embeddings_NH, row n to slots[n], which must
  // be distinct. Returns final hidden states [N, H]; the tensor is overwritten by the next call.
  Tensor step(const std::vector<int64_t>& slots, const Tensor& embeddings_NH);

  int64_t length(int64_t slot) const { return lengths_[static_cast<size_t>(slot)]; }
  int64_t slots() const { return static_cast<int64_t>(lengths_.size()); }
  // Bytes of cache that one slot takes.
  static int64_t slot_bytes(const LlamaConfig& config, int64_t max_length, torch::Dtype dtype);

 private:
  Tensor step_plain(const std::vector<int64_t>& slots, const Tensor& embeddings);
  Tensor step_general(const std::vector<int64_t>& slots, const Tensor& embeddings);

  struct Buffers;
  const Janus& model_;
  int64_t max_length_, padded_length_;
  std::vector<int64_t> lengths_;
  // A layer: [slots, kv heads, max_length, D]; keys of the plain step in the blocks of
  // kernels::CachedQuery.
  std::vector<Tensor> keys_, values_;
  std::vector<Tensor> qkv_, gate_up_;  // fused weights
  Tensor cos_, sin_;                   // [max_length, D / 2]
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace easel::model
