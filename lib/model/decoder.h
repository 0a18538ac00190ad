// Decoding with a static KV cache: a prompt is prefilled once, as many slots as want look back at its keys
// and values, and a step moves any set of slots on by one token each.
//
// Nothing is allocated per token on the CPU, where weights are float32 or bfloat16 and everything else is float32;
// other devices and types go through LibTorch's attention. The decode step of both stands in decoder.cpp alone.
#pragma once

#include <memory>
#include <vector>

#include "model/janus.h"

namespace easel::model {

// A prefilled prompt, as the decoder that made it keeps it.
struct Prefix {
  // A layer: [kv heads, length, D], rotary applied; keys of the plain step in the blocks of
  // kernels::CachedQuery.
  std::vector<Tensor> keys, values;
  int64_t length = 0;
  Tensor last_hidden;  // [H], after the final norm
};
using SharedPrefix = std::shared_ptr<const Prefix>;

// The most tokens of a slot.
struct SlotRoom {
  int64_t prefix;  // that start() gives it
  int64_t own;     // that step() adds
  int64_t length;  // together
};

class Decoder {
 public:
  // The model must outlive the decoder and stay as it is.
  Decoder(const Janus& model, int64_t slots, const SlotRoom& room);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // All prompts in one packed pass: their ids, or their input embeddings [sum of lengths, H].
  std::vector<SharedPrefix> prefill(const std::vector<std::vector<int32_t>>& prompts) const;
  std::vector<SharedPrefix> prefill(const Tensor& embeddings_TH, const std::vector<int64_t>& lengths) const;

  // A slot begins with the first `length` tokens of a prefix; the next token stands at `length`. The plain
  // step shares the prefix between its slots, the other copies it.
  void start(int64_t slot, SharedPrefix prefix, int64_t length);

  // Feeds one token's input embedding into each slot: embeddings_NH, row n to slots[n], which must
  // be distinct. Returns final hidden states [N, H]; the tensor is overwritten by the next call.
  Tensor step(const std::vector<int64_t>& slots, const Tensor& embeddings_NH);

  // Bytes of cache that one slot takes, of a model with weights of this type.
  static int64_t slot_bytes(const LlamaConfig& config, int64_t max_length, torch::Device device, torch::Dtype dtype);

 private:
  Tensor step_plain(const std::vector<int64_t>& slots, const Tensor& embeddings);
  Tensor step_general(const std::vector<int64_t>& slots, const Tensor& embeddings);

  struct Slot {
    SharedPrefix prefix;
    int64_t shared = 0, own = 0;  // tokens of the prefix, tokens since
  };
  // Row numbers of a step in small sets that share a prefix.
  std::vector<std::vector<int64_t>> rows_by_prefix(const std::vector<int64_t>& slots) const;
  struct Buffers;
  const Janus& model_;
  SlotRoom room_;
  std::vector<Slot> slots_;
  // A layer, as Prefix: what slots added, [slots, kv heads, own room, D]; where prefixes are copied,
  // everything, [slots, kv heads, room, D].
  std::vector<Tensor> keys_, values_;
  std::vector<Tensor> qkv_, gate_up_;  // fused weights
  std::vector<Tensor> norms_;          // of the plain step: two a layer and the last, float32
  Tensor cos_, sin_;                   // [room, D / 2]
  std::unique_ptr<Buffers> buffers_;  // of the plain step alone
};

}  // namespace easel::model
