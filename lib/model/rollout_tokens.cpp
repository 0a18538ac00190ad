#include "model/rollout_tokens.h"

#include "base/error.h"

namespace easel::model {

using base::cat;

std::vector<Sequence> rollout_sequences(const tensor::RolloutRow& row) {
  Sequence s;
  s.text = row.prompt_ids;
  s.first_target = static_cast<int64_t>(s.text.size());
  s.text.insert(s.text.end(), row.cot_ids.begin(), row.cot_ids.end());
  if (row.image_prompt_ids.empty()) {
    s.image = row.image_tokens;
    return {std::move(s)};
  }
  Sequence second;
  second.text = row.image_prompt_ids;
  second.first_target = static_cast<int64_t>(second.text.size());
  second.image = row.image_tokens;
  return {std::move(s), std::move(second)};
}

int64_t rollout_length(const tensor::RolloutRow& row) {
  int64_t length = 0;
  for (const Sequence& s : rollout_sequences(row)) length += s.length();
  return length;
}

std::string rollout_problem(const JanusConfig& config, const tensor::RolloutRow& row) {
  const auto beyond = [](const std::vector<int32_t>& ids, int64_t limit, const char* what) {
    for (const int32_t id : ids) {
      if (id < 0 || id >= limit) {
        return cat(what, " hold ", id, "; expected less than the policy's ", limit);
      }
    }
    return std::string();
  };
  if (row.prompt_ids.empty()) return "the rollout has no prompt tokens";
  if (static_cast<int64_t>(row.image_tokens.size()) != config.image_tokens()) {
    return cat("expected ", config.image_tokens(), " image tokens, got ", row.image_tokens.size());
  }
  std::string problem = beyond(row.prompt_ids, config.text.vocab_size, "prompt tokens");
  if (problem.empty()) problem = beyond(row.image_prompt_ids, config.text.vocab_size, "tokens of the image's prompt");
  if (problem.empty()) problem = beyond(row.cot_ids, config.text.vocab_size, "chain tokens");
  if (problem.empty()) problem = beyond(row.image_tokens, config.vq.num_embeddings, "image tokens");
  return problem;
}

}  // namespace easel::model
