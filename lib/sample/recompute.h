// Log-probs and entropies of drawn tokens, computed again by one packed pass of the policy.
#pragma once

#include <vector>

#include "model/janus.h"
#include "tensor/rollout_shard.h"

namespace easel::sample {

// At temperature 1. With cfg_weight w != 1 image logits are u + w (c - u), the unconditional row
// being BOS, pads and <begin_of_image> of the conditional one's length.
std::vector<tensor::LogprobRow> recompute_logprobs(const model::Janus& model,
                                                   const std::vector<tensor::RolloutRow>& rows,
                                                   double cfg_weight);

}  // namespace easel::sample
