// Scored rollouts on their way into a GRPO step: groups put together from the stream and checked.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "jsonl/stream.h"
#include "model/config.h"
#include "record/rollout.h"
#include "tensor/rollout_shard.h"

namespace easel::train {

struct ScoredRollout {
  record::Rollout record;
  tensor::RolloutRow tokens;
};

struct RolloutGroup {
  std::string id;
  std::vector<ScoredRollout> rollouts;  // by index
  // Whether every rollout has a reward: the others are counted, and not trained on.
  bool scored() const;
  std::vector<double> rewards() const;  // of a scored group
  bool teaches() const;                 // scored, and its rewards differ
};

// What rollouts must have been drawn with, to be trained on.
struct RolloutRequirements {
  double temperature = 1, cfg_weight = 1;
  bool drop_unscored = false;  // let groups with an unscored rollout through, to be counted and dropped
  model::JanusConfig config;   // of the policy
};

// Takes records one by one and gives whole groups in the order in which they became whole.
// Throws RecordError for: an unscored rollout (unless they are to be dropped), one without tokens, another temperature or guidance
// weight, tokens that the policy cannot have, a group size that changes, an index that comes twice.
class GroupAssembler {
 public:
  GroupAssembler(const RolloutRequirements& requirements, const std::string& root)
      : requirements_(requirements), shards_(root) {}
  // True when the record completed its group, which is then in *group.
  bool add(const jsonl::Object& record, RolloutGroup* group);
  // Throws Error when a group is not whole: the input ended too early.
  void finish() const;

 private:
  struct Open {
    RolloutGroup group;
    std::vector<bool> seen;
    int64_t count = 0;
    base::Location first;
  };
  RolloutRequirements requirements_;
  tensor::ShardCache shards_;
  std::map<std::string, Open> open_;
};

}  // namespace easel::train
