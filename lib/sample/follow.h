// The policy that a long-lived sampler draws from: the folder's newest version, taken up between
// batches, and never more than max_staleness versions behind the batch's turn.
#pragma once

#include <filesystem>
#include <string>
#include <memory>

#include "model/policy.h"

namespace easel::sample {

class PolicyFollower {
 public:
  PolicyFollower(std::filesystem::path folder, torch::Device device, torch::Dtype dtype,
                 int64_t max_staleness);
  // The policy as it was last loaded.
  const model::Policy& current();
  // Batch b (from 0) is meant for version first + b: waits until the folder holds at least
  // first + b - max_staleness, then loads what it holds. Throws Interrupted on a stop, and Error
  // when whoever reads our stdout has gone, or the grpo-step that trained the policy while we waited (a filter between
  // us sees its end only when it next writes), since no new version will come.
  // False: the grpo-step that trains the policy has had all its batches, so there is no other turn.
  // Or until grpo-step asks for another batch of the version that is loaded (record/refill.h): an Error without `refill`.
  bool wait_for_turn(bool refill = false);

 private:
  void load();
  void forget_old_request();
  // A pipe's reader, or the trainer, has gone since we wait.
  bool left_alone();
  std::filesystem::path folder_;
  torch::Device device_;
  torch::Dtype dtype_;
  int64_t max_staleness_, first_ = -1, batch_ = 0, drawn_ = 0;  // drawn_: batches of this version
  bool trainer_seen_ = false;
  std::string finished_before_;  // of a run that was over when this one began
  std::unique_ptr<model::Policy> policy_;
};

}  // namespace easel::sample
