// What of a policy is trained, its generator, some parts of it, or an adapter alone, and how that is held in memory.
#pragma once

#include <string>
#include <vector>

#include "model/lora.h"
#include "model/policy.h"
#include "train/parameter_set.h"

namespace easel::train {

// What a policy learns to do: write and draw, or answer questions about pictures. The image tokenizer always stays as
// it is; so do vision tower and aligner in the first, and what only draws in the second.
enum class Task { kGenerate, kAnswer };

struct TrainedParts {
  Task task = Task::kGenerate;
  // Names of parts that stay as they are: embeddings, decoder, text_head, generation_embeddings, generation_aligner,
  // generation_head, vision_tower, aligner, image_tokenizer.
  std::vector<std::string> frozen;
  model::LoraConfig adapter;  // rank 0: the weights themselves are trained
  int64_t seed = 0;           // of a new adapter
  torch::Dtype dtype = torch::kFloat32;  // of the weights while they are trained; adapters have float32
  StateOptions state;
  bool recompute = false;  // every layer in the backward pass, from its input

  // Of a parameter, by its name.
  bool trains(const std::string& name) const;
  // The command line's words for what decides which parameters there are and what is held of each, in a fixed order.
  std::string words() const;
};

// Throws UsageError for a part or a projection that does not exist, frozen parts beside an adapter, or
// stochastic rounding of float32. No targets of an adapter become all projections.
TrainedParts checked(TrainedParts parts);

// From the command line's words, cli::TrainedOptions.
template <class Options>
TrainedParts trained_parts(const Options& o, torch::Dtype dtype, int64_t seed, Task task = Task::kGenerate) {
  return checked({.task = task,
                  .frozen = o.freeze,
                  .adapter = {.rank = o.lora_rank, .alpha = o.lora_alpha, .targets = o.lora_targets},
                  .seed = seed,
                  .dtype = dtype,
                  .state = {.stochastic_rounding = o.stochastic_rounding, .seed = seed, .eight_bit = o.optimizer_8bit,
                            .on_host = o.optimizer_on_host},
                  .recompute = o.recompute});
}

// Gives the policy the adapter that is asked for, unless it has it already. Throws Error when it has another one,
// or when it has one and none is asked for: its base must not be trained under it.
void prepare(model::Policy& policy, const TrainedParts& parts);

// How a policy is loaded for this.
model::LoadOptions load_options(const TrainedParts& parts, torch::Device device);

// Adds to `parameters` what is trained of a prepared policy, and builds it.
void adopt_trained(ParameterSet& parameters, model::Janus& model, const TrainedParts& parts);

}  // namespace easel::train
