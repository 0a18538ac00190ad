// A rollout's tokens as the model reads them.
#pragma once

#include <string>
#include <vector>

#include "model/sequence_pack.h"
#include "tensor/rollout_shard.h"

namespace easel::model {

// Prompt, chain and image tokens as one sequence; chain and image tokens are looked at. Of two passes: prompt and chain,
// then the image's prompt and the image.
std::vector<Sequence> rollout_sequences(const tensor::RolloutRow& row);
// Tokens of these that go into the decoder.
int64_t rollout_length(const tensor::RolloutRow& row);

// Why a row cannot be a policy's of this config (an id or code out of range, another number of
// image tokens, no prompt); empty when it can.
std::string rollout_problem(const JanusConfig& config, const tensor::RolloutRow& row);

}  // namespace easel::model
