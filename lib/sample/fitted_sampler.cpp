#include "sample/fitted_sampler.h"

#include <algorithm>

#include "base/error.h"
#include "tensor/compute.h"

namespace easel::sample {

using base::cat;

namespace {

constexpr int64_t kMostRows = 256;

// Rows at once whose caches fit, at most `most`.
int64_t rows_that_fit(const model::Policy& policy, const SampleOptions& o, std::optional<int64_t> max_memory, int64_t free_share,
                      int64_t most = kMostRows) {
  const int64_t length = slot_room(o, policy.model.config.image_tokens()).length;
  const auto dtype = policy.model.lm.norm.scalar_type();
  const int64_t each = model::Decoder::slot_bytes(policy.model.config.text, length, policy.model.lm.norm.device(), dtype);
  const int64_t fewest = o.cfg_weight == 1 ? 1 : 2;
  if (!max_memory) return std::clamp<int64_t>(free_share / each, 2, most);
  const int64_t weights = policy.model.bytes();
  const int64_t rows = (*max_memory - weights) / each;
  if (rows >= fewest) return std::min(rows, most);
  const auto size = [](int64_t bytes) { return base::format_bytes(static_cast<double>(bytes)); };
  base::fail(cat("weights of ", size(weights), " and a cache of ", size(fewest * each), " for ", fewest,
                 fewest == 1 ? " row" : " rows", " do not fit; expected at most the ", size(*max_memory), " of --max-memory"),
             dtype == torch::kFloat32 ? "--dtype bfloat16 halves the weights; --max-cot and --max-prompt shorten the cache"
                                      : "--max-cot and --max-prompt shorten the cache");
}

// What caches may take of the free memory. A GPU's is there for this; the computer's is for other programs too.
int64_t share_of_free_memory(torch::Device device) {
  const int64_t free = tensor::free_memory(device).value_or(0);
  return device.is_cpu() ? free / 4 : free / 4 * 3;
}

// As many as were asked for, which --max-memory may not allow.
int64_t require_rows(const model::Policy& policy, const SampleOptions& o, std::optional<int64_t> max_memory, int64_t asked) {
  const int64_t rows = max_memory ? rows_that_fit(policy, o, max_memory, 0, asked) : asked;
  if (rows < asked) {
    base::fail(cat("--rows: ", asked, " rows do not fit; expected at most ", rows, ", by --max-memory"),
               "without --rows as many are taken as fit");
  }
  return rows;
}

}  // namespace

FittedSampler::FittedSampler(const SampleOptions& options, int64_t rows, std::optional<int64_t> max_memory)
    : options_(options), max_memory_(max_memory), rows_(rows) {}

GroupSampler& FittedSampler::fit(const model::Policy& policy, int64_t longest_prompt, int64_t rollouts) {
  // Short caches lie close together. Steps of 32 tokens let most batches share one.
  SampleOptions wanted = options_;
  wanted.max_prompt = std::min(options_.max_prompt, (longest_prompt + 31) / 32 * 32);
  // Once, before any cache is there: what a policy's sampler gives back, LibTorch keeps for the next one's.
  if (free_share_ < 0) free_share_ = share_of_free_memory(policy.model.lm.norm.device());
  const int64_t useful = std::max<int64_t>(2, rollouts * (options_.cfg_weight == 1 ? 1 : 2));
  wanted.rows = rows_ > 0 ? require_rows(policy, wanted, max_memory_, std::min(rows_, useful))
                          : std::min(rows_that_fit(policy, wanted, max_memory_, free_share_), useful);
  const bool same = sampler_ && policy_load_ == policy.load;
  if (!same || made_for_.max_prompt < wanted.max_prompt || made_for_.rows < wanted.rows) {
    sampler_.reset();  // its memory first
    // The policy's ids are its tokenizer's, and its config's where that has none: those by which its log-probs are
    // computed again.
    sampler_.emplace(policy.model, policy.model.config.ids, wanted);
    made_for_ = wanted;
    policy_load_ = policy.load;
  }
  return *sampler_;
}

}  // namespace easel::sample
