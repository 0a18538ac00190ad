// One sampler for batch after batch: made for what the batch needs, kept while it still serves.
#pragma once

#include <optional>

#include "model/policy.h"
#include "sample/group_sampler.h"

namespace easel::sample {

class FittedSampler {
 public:
  // options.max_prompt is the most that a batch may ask for. rows 0: as many as the batch can use, at most 256, and
  // their caches fit: beside the weights into max_memory bytes, or without that into a quarter of the free memory. Rows that
  // are given and do not fit into max_memory are an error.
  FittedSampler(const SampleOptions& options, int64_t rows, std::optional<int64_t> max_memory);
  // A sampler for prompts of up to longest_prompt tokens and this many rollouts. The policy must
  // outlive its use. Throws Error when max_memory does not hold the weights and the fewest rows.
  GroupSampler& fit(const model::Policy& policy, int64_t longest_prompt, int64_t rollouts);

 private:
  SampleOptions options_, made_for_;
  std::optional<int64_t> max_memory_;
  int64_t free_share_ = -1;  // bytes; not known yet
  int64_t rows_, policy_load_ = 0;  // the load of the policy that it was made for
  std::optional<GroupSampler> sampler_;
};

}  // namespace easel::sample
