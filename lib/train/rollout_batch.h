// Scored rollouts on their way into a GRPO step: groups put together from the stream and checked.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "jsonl/stream.h"
#include "model/config.h"
#include "record/rollout.h"
#include "tensor/rollout_shard.h"

namespace easel::train {

struct ScoredRollout {
  base::Location at;  // of its record
  record::Rollout record;
  tensor::RolloutRow tokens;
};

struct RolloutGroup {
  std::string id;
  std::vector<ScoredRollout> rollouts;  // by index
  int64_t lost = 0;                     // rollouts whose records were bad, and passed over
  // Whether every rollout is there and has a reward: other groups are counted, and not trained on.
  bool scored() const;
  std::vector<double> rewards() const;  // of a scored group
  bool teaches() const;                 // scored, and its rewards differ
};

int64_t teaching_groups(const std::vector<RolloutGroup>& groups);

// What rollouts must have been drawn with, to be trained on.
struct RolloutRequirements {
  double temperature = 1, cfg_weight = 1;
  bool drop_unscored = false;  // let groups with an unscored rollout through, to be counted and dropped
  model::JanusConfig config;   // of the policy
};

// Takes records one by one and gives whole groups in the order in which they became whole.
// Throws RecordError for: an unscored rollout (unless they are to be dropped), one without tokens, another temperature or guidance
// weight, tokens that the policy cannot have or that came before in the same batch, a group size that changes, an index that
// comes twice.
class GroupAssembler {
 public:
  GroupAssembler(const RolloutRequirements& requirements, const std::string& root)
      : requirements_(requirements), shards_(root) {}
  // True when the record completed its group, which is then in *group.
  bool add(const jsonl::Object& record, RolloutGroup* group);
  // The same for a record that add() refused and the user allows to pass over: its group is whole without it, and not scored.
  bool lose(const jsonl::Object& record, RolloutGroup* group);
  // A step is made of what came: the same rollouts may come again, to be trained on as those of an older version.
  void next_batch() { tokens_.clear(); }
  // Throws Error when a group is not whole: the input ended too early.
  void finish() const;

 private:
  struct Open {
    std::map<int64_t, ScoredRollout> rollouts;  // by index
    int64_t size = 0, lost = 0;
    base::Location first;
  };
  Open& open(const jsonl::Object& record, const std::string& group_id, int64_t group_size);
  bool close_if_whole(const std::string& group_id, RolloutGroup* group);
  RolloutRequirements requirements_;
  tensor::ShardCache shards_;
  std::map<std::string, Open> open_;
  std::set<std::pair<std::string, int64_t>> tokens_;  // of the batch: shard and row
};

}  // namespace easel::train
