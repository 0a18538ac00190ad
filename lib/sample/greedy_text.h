// Text drawn greedily: the most probable token each time.
#pragma once

#include <memory>
#include <vector>

#include "model/decoder.h"
#include "model/janus.h"

namespace easel::sample {

struct GreedyAnswer {
  std::vector<int32_t> ids;  // what ended it not among them
  bool ended = false;        // by a token; else it was cut
};

class GreedyText {
 public:
  // Up to `batch` texts at once, each ended by a token of `ends`, after max_tokens, or with the model's positions. The model
  // must outlive it.
  GreedyText(const model::Janus& model, std::vector<int64_t> ends, int64_t batch, int64_t max_tokens);

  // Continues each of the prefixes whose input embeddings stand one after another in [sum of lengths, H], at
  // most `batch` of them. first_logits, when given, gets the logits of every first token, float32 [N, V] on
  // the CPU. Throws Error when a prefix takes all of the model's positions.
  std::vector<GreedyAnswer> draw(const torch::Tensor& embeddings_TH, const std::vector<int64_t>& lengths,
                                 torch::Tensor* first_logits = nullptr);

 private:
  void make_room(int64_t prefix);
  const model::Janus& model_;
  std::vector<int64_t> ends_;
  int64_t batch_, max_tokens_;
  std::unique_ptr<model::Decoder> decoder_;
  int64_t room_ = 0;  // longest prefix that the decoder takes
};

}  // namespace easel::sample
