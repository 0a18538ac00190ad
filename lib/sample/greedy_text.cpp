#include "sample/greedy_text.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/signals.h"
#include "tensor/matmul.h"

namespace easel::sample {

using torch::Tensor;

GreedyText::GreedyText(const model::Janus& model, std::vector<int64_t> ends, int64_t batch, int64_t max_tokens)
    : model_(model), ends_(std::move(ends)), batch_(batch), max_tokens_(max_tokens) {}

void GreedyText::make_room(int64_t prefix) {
  if (decoder_ != nullptr && prefix <= room_) return;
  decoder_.reset();
  const int64_t positions = model_.config.text.max_position_embeddings;
  if (prefix >= positions) {
    base::fail(base::cat("a question of ", prefix, " tokens leaves none of the model's ", positions, " positions for an answer"));
  }
  // Questions differ by some words: a decoder is not made again for each longer one.
  constexpr int64_t kMore = 64;
  room_ = std::min(prefix + kMore, positions - 1);
  const int64_t own = std::min(max_tokens_, positions - 1);
  decoder_ = std::make_unique<model::Decoder>(
      model_, batch_, model::SlotRoom{.prefix = room_, .own = own, .length = std::min(room_ + own, positions)});
}

std::vector<GreedyAnswer> GreedyText::draw(const Tensor& embeddings_TH, const std::vector<int64_t>& lengths,
                                           Tensor* first_logits) {
  torch::NoGradGuard no_grad;
  std::vector<GreedyAnswer> answers(lengths.size());
  if (lengths.empty()) return answers;
  make_room(*std::max_element(lengths.begin(), lengths.end()));
  const auto prefixes = decoder_->prefill(embeddings_TH, lengths);
  std::vector<int64_t> live;
  std::vector<Tensor> last;
  for (const auto& prefix : prefixes) {
    live.push_back(static_cast<int64_t>(live.size()));
    decoder_->start(live.back(), prefix, prefix->length);
    last.push_back(prefix->last_hidden);
  }
  Tensor hidden = torch::stack(last);
  for (int64_t drawn = 0;; ++drawn) {
    base::throw_if_stopped();
    const Tensor logits = tensor::matmul_nt(hidden, model_.text_head()).to(torch::kFloat32);
    if (drawn == 0 && first_logits != nullptr) *first_logits = logits.to(torch::kCPU).clone();
    if (!logits.amax(1).isfinite().all().item<bool>()) base::fail("the policy's logits are no numbers: are its weights damaged?");
    const Tensor best = logits.argmax(1).to(torch::kCPU).contiguous();
    std::vector<int64_t> going, tokens;
    for (size_t i = 0; i < live.size(); ++i) {
      const int64_t token = best.data_ptr<int64_t>()[i];
      GreedyAnswer& answer = answers[static_cast<size_t>(live[i])];
      answer.ended = std::find(ends_.begin(), ends_.end(), token) != ends_.end();
      const int64_t most = std::min(max_tokens_, model_.config.text.max_position_embeddings - lengths[static_cast<size_t>(live[i])]);
      if (answer.ended || drawn == most) continue;
      answer.ids.push_back(static_cast<int32_t>(token));
      going.push_back(live[i]);
      tokens.push_back(token);
    }
    if (going.empty()) return answers;
    live = std::move(going);
    hidden = decoder_->step(live, model_.lm.embed(torch::tensor(tokens, torch::kInt64).to(hidden.device())));
  }
}

}  // namespace easel::sample
