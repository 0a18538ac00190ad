// What of a policy is trained: its generator, some parts of it, or an adapter alone.
#pragma once

#include <string>
#include <vector>

#include "model/lora.h"
#include "model/policy.h"
#include "train/parameter_set.h"

namespace easel::train {

struct TrainedParts {
  // Names of generator parts that stay as they are: embeddings, decoder, text_head, generation_embeddings,
  // generation_aligner, generation_head. Vision tower, aligner and image tokenizer always do.
  std::vector<std::string> frozen;
  model::LoraConfig adapter;  // rank 0: the weights themselves are trained
  int64_t seed = 0;           // of a new adapter
};

// From the command line's words; no targets are all projections. Throws UsageError for a part or a projection
// that does not exist, or for frozen parts beside an adapter.
TrainedParts trained_parts(const std::vector<std::string>& frozen, int64_t rank, double alpha,
                           const std::vector<std::string>& targets, int64_t seed);

// Gives the policy the adapter that is asked for, unless it has it already. Throws Error when it has another one,
// or when it has one and none is asked for: its base must not be trained under it.
void prepare(model::Policy& policy, const TrainedParts& parts);

// Adds to `parameters` what is trained of a prepared policy, and builds it.
void adopt_trained(ParameterSet& parameters, model::Janus& model, const std::vector<std::string>& frozen);

}  // namespace easel::train
