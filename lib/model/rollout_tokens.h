// A rollout's tokens as the model reads them.
#pragma once

#include <string>

#include "model/sequence_pack.h"
#include "tensor/rollout_shard.h"

namespace easel::model {

// Prompt, chain and image tokens as one sequence; chain and image tokens are looked at.
Sequence rollout_sequence(const tensor::RolloutRow& row);

// Why a row cannot be a policy's of this config (an id or code out of range, another number of
// image tokens, no prompt); empty when it can.
std::string rollout_problem(const JanusConfig& config, const tensor::RolloutRow& row);

}  // namespace easel::model
