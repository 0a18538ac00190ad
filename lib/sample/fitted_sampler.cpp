#include "sample/fitted_sampler.h"

#include <unistd.h>

#include <algorithm>

namespace easel::sample {

namespace {

// Rows at once that fit a quarter of the free memory, at most 256.
int64_t default_rows(const model::JanusConfig& config, const SampleOptions& o) {
  const int64_t length = o.max_prompt + o.max_cot + 1 + config.image_tokens();
  const int64_t each = model::Decoder::slot_bytes(config.text, length, torch::kFloat32);
  const auto free_bytes = static_cast<int64_t>(sysconf(_SC_AVPHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  return std::clamp<int64_t>(free_bytes / 4 / each, 2, 256);
}

}  // namespace

FittedSampler::FittedSampler(const model::SpecialIds& ids, const SampleOptions& options, int64_t rows)
    : ids_(ids), options_(options), rows_(rows) {}

GroupSampler& FittedSampler::fit(const model::Policy& policy, int64_t longest_prompt, int64_t rollouts) {
  // Short caches lie close together. Steps of 32 tokens let most batches share one.
  SampleOptions wanted = options_;
  wanted.max_prompt = std::min(options_.max_prompt, (longest_prompt + 31) / 32 * 32);
  const int64_t useful = std::max<int64_t>(2, rollouts * (options_.cfg_weight == 1 ? 1 : 2));
  wanted.rows = std::min(rows_ > 0 ? rows_ : default_rows(policy.model.config, wanted), useful);
  // A version may repeat the weights of the last; it is another object all the same.
  const bool same = sampler_ && policy_version_ == policy.version && policy_digest_ == policy.digest;
  if (!same || made_for_.max_prompt < wanted.max_prompt || made_for_.rows < wanted.rows) {
    sampler_.reset();  // its memory first
    sampler_.emplace(policy.model, ids_, wanted);
    made_for_ = wanted;
    policy_version_ = policy.version;
    policy_digest_ = policy.digest;
  }
  return *sampler_;
}

}  // namespace easel::sample
