#include "train/rollout_batch.h"

#include <algorithm>

#include "base/error.h"
#include "model/rollout_tokens.h"
#include "rl/advantage.h"

namespace easel::train {

using base::cat;
using base::quote;

bool RolloutGroup::scored() const {
  return std::all_of(rollouts.begin(), rollouts.end(), [](const auto& r) { return r.record.reward.has_value(); });
}

std::vector<double> RolloutGroup::rewards() const {
  std::vector<double> out;
  for (const auto& r : rollouts) out.push_back(*r.record.reward);
  return out;
}

bool RolloutGroup::teaches() const { return scored() && !rl::zero_variance(rewards()); }

bool GroupAssembler::add(const jsonl::Object& record, RolloutGroup* group) {
  const RolloutRequirements& need = requirements_;
  record::Rollout r = record::Rollout::parse(record);
  if (!r.reward && !need.drop_unscored) {
    record.fail(cat("rollout ", quote(r.id), " is unscored; expected a reward"),
                "--on-unscored drop-group goes on without its group");
  }
  if (!r.tokens) record.fail(cat("rollout ", quote(r.id), ": field \"tokens\" is missing"));
  const auto agree = [&](const char* what, double got, double expected) {
    if (got != expected) {
      record.fail(cat("rollout ", quote(r.id), " was drawn with ", what, " ", got,
                      "; this step trains for ", expected));
    }
  };
  agree("temperature", r.sampling.temperature, need.temperature);
  agree("cfg_weight", r.sampling.cfg_weight, need.cfg_weight);
  ScoredRollout scored{r, jsonl::about(record, [&] {
                         return tensor::read_rollout(shards_.open(r.tokens->shard), r.tokens->row);
                       })};
  if ((r.sampling.mode == "two-pass") == scored.tokens.image_prompt_ids.empty()) {
    record.fail(cat("rollout ", quote(r.id), " is of mode ", r.sampling.mode, ", but its tokens are ",
                    scored.tokens.image_prompt_ids.empty() ? "of one pass" : "of two passes"));
  }
  const std::string problem = model::rollout_problem(need.config, scored.tokens);
  if (!problem.empty()) record.fail(cat("rollout ", quote(r.id), ": ", problem));

  Open& open = open_[r.group_id];
  if (open.count == 0) {
    open.group.id = r.group_id;
    open.group.rollouts.resize(static_cast<size_t>(r.group_size));
    open.seen.resize(static_cast<size_t>(r.group_size));
    open.first = record.at();
  }
  if (static_cast<int64_t>(open.seen.size()) != r.group_size) {
    record.fail(cat("group ", quote(r.group_id), " has size ", open.seen.size(), " and ", r.group_size));
  }
  const auto index = static_cast<size_t>(r.index);
  if (open.seen[index]) record.fail(cat("group ", quote(r.group_id), ": index ", r.index, " came before"));
  open.seen[index] = true;
  open.group.rollouts[index] = std::move(scored);
  if (++open.count < r.group_size) return false;
  *group = std::move(open.group);
  open_.erase(r.group_id);
  return true;
}

void GroupAssembler::finish() const {
  if (open_.empty()) return;
  const auto& [id, open] = *std::min_element(
      open_.begin(), open_.end(), [](const auto& a, const auto& b) { return a.second.first.line < b.second.first.line; });
  base::fail(cat(open.first.str(), ": group ", quote(id), " has ", open.count, " rollouts; expected ",
                 open.seen.size()),
             "was sample-group interrupted?");
}

}  // namespace easel::train
