// Group sampling: text until <begin_of_image>, then image tokens, G rollouts of each prompt.
//
// Rows are independent: one that ends its chain goes on to its image at once, one that ends its
// image makes room for the next rollout. A prompt is prefilled once however large its group is.
// Every draw is a function of (seed, rollout id, position), so a rollout does not depend on which
// rows happen to run beside it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/decoder.h"

namespace easel::sample {

struct SampleOptions {
  bool direct = false;     // no chain: the prompt already ends in <begin_of_image>
  bool two_pass = false;   // the chain ends at EOS, and the image is drawn from a prompt of its own
  double temperature = 1;  // 0: greedy
  double cfg_weight = 1;   // u + w (c - u) in the image phase; 1: no second row
  int64_t max_cot = 64;    // chain tokens before <begin_of_image> (of two passes: EOS) is put there
  int64_t max_image_prompt = 0;  // of two passes: tokens of the second prompt, <begin_of_image> included
  int64_t seed = 0;
  int64_t rows = 64;       // decoder rows at once; guidance takes two a rollout
  int64_t max_prompt = 512;  // tokens; longer prompts are refused by the caller
};

// One prompt whose group is to be drawn.
struct SampleJob {
  std::vector<int32_t> prompt_ids;
  std::vector<std::string> rollout_ids;  // one per rollout: names its random stream
  int64_t tag = 0;                       // the caller's own
  // Of two passes: the image's prompt, given a chain without what closes it; it ends in <begin_of_image>.
  std::function<std::vector<int32_t>(const std::vector<int32_t>& chain)> image_prompt;
};

struct SampledRollout {
  int64_t tag = 0, index = 0;  // job, place in the group
  std::vector<int32_t> cot_ids;
  std::vector<float> cot_logprobs;  // of the distribution drawn from; 0 where nothing was drawn
  std::vector<int32_t> image_prompt_ids;  // of two passes
  std::vector<int32_t> image_tokens;
  std::vector<float> image_logprobs;
  std::string finish = "stop";  // stop, eos, length
};

// What a row's slot of the cache holds, in tokens.
model::SlotRoom slot_room(const SampleOptions& options, int64_t image_tokens);

class GroupSampler {
 public:
  // The model must outlive the sampler and stay as it is. ids as the tokenizer gives them.
  GroupSampler(const model::Janus& model, const model::SpecialIds& ids, const SampleOptions& options);
  ~GroupSampler();

  // Draws every rollout of the jobs that next_job gives (nullopt: no more), calling `done` as each
  // is finished, in no particular order.
  void run(const std::function<std::optional<SampleJob>()>& next_job,
           const std::function<void(SampledRollout)>& done);

 private:
  struct Row;
  struct Group;
  void admit(const std::function<std::optional<SampleJob>()>& next_job);
  void draw(const torch::Tensor& hidden);
  void begin_second_pass();
  const model::SharedPrefix& unconditional(int64_t length);

  const model::Janus& model_;
  model::SpecialIds ids_;
  SampleOptions options_;
  model::Decoder decoder_;
  torch::Tensor image_table_;  // decoder input of every image token [codes, H]
  std::vector<std::unique_ptr<Row>> rows_;
  std::vector<int64_t> free_;
  std::shared_ptr<Group> waiting_;  // the group whose rollouts are entering
  model::SharedPrefix unconditional_;
  bool no_more_jobs_ = false;
};

// The token at quantile u of softmax(logits / temperature), or the largest logit at temperature 0,
// and its log-probability (0 at temperature 0). scratch holds n floats.
std::pair<int64_t, float> draw_token(const float* logits, int64_t n, double temperature, double u,
                                     float* scratch);

}  // namespace easel::sample
