#include "train/rollout_batch.h"

#include <algorithm>

#include "base/error.h"
#include "model/rollout_tokens.h"
#include "rl/advantage.h"

namespace easel::train {

using base::cat;
using base::quote;

bool RolloutGroup::scored() const {
  return lost == 0 &&
         std::all_of(rollouts.begin(), rollouts.end(), [](const auto& r) { return r.record.reward.has_value(); });
}

std::vector<double> RolloutGroup::rewards() const {
  std::vector<double> out;
  for (const auto& r : rollouts) out.push_back(*r.record.reward);
  return out;
}

bool RolloutGroup::teaches() const { return scored() && !rl::zero_variance(rewards()); }

int64_t teaching_groups(const std::vector<RolloutGroup>& groups) {
  return std::count_if(groups.begin(), groups.end(), [](const RolloutGroup& group) { return group.teaches(); });
}

bool GroupAssembler::add(const jsonl::Object& record, RolloutGroup* group) {
  // Without them it would be another group, another policy's, or one whose closing token is trained.
  for (const char* field : {"group_id", "group_size", "index", "policy_version", "finish"}) {
    if (record.is_null(field)) record.fail(cat("field ", quote(field), " is missing"));
  }
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
  ScoredRollout scored{record.at(), r, jsonl::about(record, [&] {
                         return tensor::read_rollout(shards_.open(r.tokens->shard), r.tokens->row, r.tokens->digest);
                       })};
  if ((r.sampling.mode == "two-pass") == scored.tokens.image_prompt_ids.empty()) {
    record.fail(cat("rollout ", quote(r.id), " is of mode ", r.sampling.mode, ", but its tokens are ",
                    scored.tokens.image_prompt_ids.empty() ? "of one pass" : "of two passes"));
  }
  const std::string problem = model::rollout_problem(need.config, scored.tokens);
  if (!problem.empty()) record.fail(cat("rollout ", quote(r.id), ": ", problem));

  Open& group_so_far = open(record, r.group_id, r.group_size);
  if (group_so_far.rollouts.count(r.index) > 0) {
    record.fail(cat("group ", quote(r.group_id), ": index ", r.index, " came before"));
  }
  if (!tokens_.emplace(r.tokens->shard, r.tokens->row).second) {
    record.fail(cat("rollout ", quote(r.id), " came before in this batch: row ", r.tokens->row, " of ", quote(r.tokens->shard)));
  }
  group_so_far.rollouts.emplace(r.index, std::move(scored));
  return close_if_whole(r.group_id, group);
}

bool GroupAssembler::lose(const jsonl::Object& record, RolloutGroup* group) {
  std::string id;
  try {
    id = record.string("group_id");
    ++open(record, id, record.integer("group_size")).lost;
  } catch (const base::RecordError&) {
    return false;  // nobody knows whose it was
  }
  return close_if_whole(id, group);
}

GroupAssembler::Open& GroupAssembler::open(const jsonl::Object& record, const std::string& group_id, int64_t group_size) {
  const auto [at, is_new] = open_.try_emplace(group_id);
  Open& open = at->second;
  if (is_new) {
    open.size = group_size;
    open.first = record.at();
  }
  if (open.size != group_size) record.fail(cat("group ", quote(group_id), " has size ", open.size, " and ", group_size));
  return open;
}

bool GroupAssembler::close_if_whole(const std::string& group_id, RolloutGroup* group) {
  const auto at = open_.find(group_id);
  Open& open = at->second;
  if (static_cast<int64_t>(open.rollouts.size()) + open.lost < open.size) return false;
  *group = {.id = group_id, .rollouts = {}, .lost = open.lost};
  for (auto& [index, rollout] : open.rollouts) group->rollouts.push_back(std::move(rollout));
  open_.erase(at);
  return true;
}

void GroupAssembler::finish() const {
  if (open_.empty()) return;
  const auto& [id, open] = *std::min_element(
      open_.begin(), open_.end(), [](const auto& a, const auto& b) { return a.second.first.line < b.second.first.line; });
  base::fail(cat(open.first.str(), ": group ", quote(id), " has ", open.rollouts.size(), " rollouts; expected ",
                 open.size),
             "was sample-group interrupted?");
}

}  // namespace easel::train
