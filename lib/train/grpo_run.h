// A policy folder under GRPO: loads it with its trainer state, takes batches, puts new versions in
// place.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/policy.h"
#include "record/manifest.h"
#include "train/grpo_trainer.h"
#include "train/memory_plan.h"

namespace easel::train {

class GrpoRun {
 public:
  // reference: a policy folder, or empty: then a KL term is to the policy without its adapter. Everything is loaded
  // here; Errors name the folder. max_memory: bytes that the run may take, instead of what is free.
  GrpoRun(const std::string& folder, const std::string& reference, torch::Device device, const GrpoOptions& options,
          std::optional<int64_t> max_memory, record::Manifest& manifest);

  // Takes a batch and publishes the version it makes; metrics records, one an optimizer step. A batch already taken (by
  // digest) gives those of its steps once more: it is noted on stderr. Throws Error for rollouts of a later version, or
  // further behind than max_staleness; without one, of a version before that which the input's first batch came to: its
  // later batches may have been drawn together with it. skip_empty: a batch without variance makes a version with
  // the same weights instead of an error, so that followers go on.
  std::vector<jsonl::Object> take(const std::vector<RolloutGroup>& batch,
                                  const std::string& digest, std::optional<int64_t> max_staleness, bool skip_empty);
  // Asks sample-group --refill for this many batches, in all, of the version that is in place.
  void ask_for_batches(int64_t batches) const;
  // Tells sample-group --follow that the batch which is taken next is the last.
  void want_no_more() const;
  const model::JanusConfig& config() const { return policy_.model.config; }

 private:
  void publish();
  void require_same_tokens(const std::string& folder) const;  // of the reference
  std::vector<jsonl::Object> metrics_of(int64_t version) const;  // of the steps that made it
  void make_room_for(const std::vector<RolloutGroup>& batch);
  std::string folder_;
  PlannedMemory memory_;
  bool memory_told_ = false;  // its plan is said before the first batch that passes every check
  bool clamp_told_ = false;   // that the logits' clamp cuts
  model::Policy policy_;
  std::unique_ptr<model::Janus> reference_;  // null without a KL term
  std::unique_ptr<GrpoTrainer> trainer_;
  record::Manifest& manifest_;
  TrainerState state_;
  std::vector<std::string> taken_;  // digests of batches, oldest first
  int64_t began_ = 0;               // version that the input's first batch came to
  int64_t unscored_ = 0;            // batches without a scored group, in a row
  int64_t groups_taken_ = 0;        // prompts, that is, of all steps
  const std::string trained_;       // TrainedParts::words
};

}  // namespace easel::train
