// One sampler for batch after batch: made for what the batch needs, kept while it still serves.
#pragma once

#include <optional>
#include <string>

#include "model/policy.h"
#include "sample/group_sampler.h"

namespace easel::sample {

class FittedSampler {
 public:
  // options.max_prompt is the most that a batch may ask for. rows 0: as many as the batch can use and
  // a quarter of the free memory holds, at most 256.
  FittedSampler(const model::SpecialIds& ids, const SampleOptions& options, int64_t rows);
  // A sampler for prompts of up to longest_prompt tokens and this many rollouts. The policy must
  // outlive its use.
  GroupSampler& fit(const model::Policy& policy, int64_t longest_prompt, int64_t rollouts);

 private:
  model::SpecialIds ids_;
  SampleOptions options_, made_for_;
  int64_t rows_, policy_version_ = -1;
  std::string policy_digest_;
  std::optional<GroupSampler> sampler_;
};

}  // namespace easel::sample
