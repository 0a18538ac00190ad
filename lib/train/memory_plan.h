// What a training run is going to need of memory, before it starts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "model/config.h"
#include "train/trained_parts.h"

namespace easel::train {

struct MemoryQuestion {
  model::JanusConfig config;
  TrainedParts parts;
  torch::Device device = torch::kCPU;
  int64_t microbatch_tokens = 0;  // --microbatch-tokens
  int64_t longest = 0;            // tokens of the longest sequence, which no microbatch is smaller than
  bool reference = false;         // a second policy is held
  // What may stay in files, and in which type (model::weights_in_place).
  std::map<std::string, torch::Dtype> policy_in_place = {}, reference_in_place = {};
};

// Bytes. Weights that stay in their file are none of them.
struct MemoryPlan {
  int64_t weights = 0, gradients = 0, optimizer = 0, activations = 0;
  int64_t cache = 0;   // of keys and values: a step passes whole sequences through and keeps none
  int64_t mapped = 0;  // beside them, in files

  int64_t total() const { return weights + gradients + optimizer + activations + cache; }
  // "weights 6.3 GiB, gradients ..., cache 0 B = 9.1 GiB".
  std::string str() const;
};

MemoryPlan plan_memory(const MemoryQuestion& question);

// The question for the policy in `folder`, and the reference in another one (empty: there is none), for sequences of usual
// length.
MemoryQuestion memory_question(const std::filesystem::path& folder, const std::filesystem::path& reference, const TrainedParts& parts,
                               torch::Device device, int64_t microbatch_tokens);

// What a run may take, measured before it takes any.
class PlannedMemory {
 public:
  // max_memory: bytes, instead of what is free. Throws Error when the question needs more, naming the options that would
  // make it fit.
  PlannedMemory(MemoryQuestion question, std::optional<int64_t> max_memory);

  // Before a sequence of so many tokens is trained on. Throws Error, as above, when that makes the run too large.
  void make_room_for(int64_t tokens);
  // What is needed, and of how much, for the user.
  const std::string& words() const { return words_; }

 private:
  void require();
  MemoryQuestion question_;
  bool stated_;  // the limit was, by the user
  std::optional<int64_t> limit_;
  std::string words_;
};

// The options that would make it fit into `limit` bytes, one, or several of which each is needed: "--recompute"; empty when
// none would. What changes no result comes first.
std::string options_that_fit(const MemoryQuestion& question, int64_t limit);

}  // namespace easel::train
