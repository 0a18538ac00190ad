#include "reward/score_stream.h"

#include "base/log.h"

namespace easel::reward {

OnUnscored parse_on_unscored(const std::string& text) {
  if (text == "keep") return OnUnscored::kKeep;
  if (text == "drop-group") return OnUnscored::kDropGroup;
  if (text == "fail") return OnUnscored::kFail;
  base::fail_usage(base::cat("expected keep, drop-group or fail, got ", base::quote(text)));
}

ScoreStream::ScoreStream(Scorer& scorer, OnUnscored policy, size_t batch, jsonl::BadRecords& bad,
                         std::function<void(const jsonl::Object&)> write)
    : scorer_(scorer), policy_(policy), batch_(batch), bad_(bad), write_(std::move(write)) {}

void ScoreStream::add(jsonl::Object record) {
  try {
    record::Rollout rollout = record::Rollout::parse(record);
    waiting_.emplace_back(std::move(record), std::move(rollout));
  } catch (const base::RecordError&) {
    if (policy_ == OnUnscored::kDropGroup) lose(record);
    throw;
  }
  if (waiting_.size() >= batch_) flush();
}

void ScoreStream::lose(const jsonl::Object& record) {
  std::string group;
  int64_t size = 0;
  try {
    group = record.string("group_id");
    size = record.integer("group_size");
  } catch (const base::RecordError&) {
    return;  // nobody knows whose it was
  }
  flush();  // those before it are of its group, or of an earlier one with the same id
  group_of(group, size)->unscored = true;
  release(false);
}

void ScoreStream::flush() {
  if (waiting_.empty()) return;
  std::vector<Item> items;
  items.swap(waiting_);
  std::vector<Scorer::Result> results;
  try {
    results = scorer_.score(items);
  } catch (const base::RecordError& e) {
    throw base::Error(e.what(), e.hint());  // of no single record: to pass over it would lose the whole batch
  }
  for (size_t i = 0; i < items.size(); ++i) {
    const auto& [outcome, problem] = results[i];
    const bool unscored = outcome == Scorer::Outcome::kUnscored;
    if (unscored && policy_ == OnUnscored::kFail) throw base::Error(problem);
    if (unscored) {
      ++unscored_;
      base::warn(problem);
    }
    const auto group = policy_ == OnUnscored::kDropGroup ? group_of(items[i].rollout.group_id, items[i].rollout.group_size) : nullptr;
    if (group) group->unscored |= outcome != Scorer::Outcome::kScored;
    if (outcome == Scorer::Outcome::kBad) {
      bad_.add(base::RecordError(problem));
    } else {
      held_.push_back({std::move(items[i]), group});
    }
    release(false);
  }
}

void ScoreStream::finish() {
  flush();
  release(true);
}

std::shared_ptr<ScoreStream::Group> ScoreStream::group_of(const std::string& id, int64_t size) {
  auto& group = open_[id];
  if (!group) group = std::make_shared<Group>();
  auto result = group;
  if (++result->seen >= size) {
    result->complete = true;
    open_.erase(id);
  }
  return result;
}

// Lets go of records from the front, up to the first whose group may still have to be dropped.
void ScoreStream::release(bool all) {
  for (; !held_.empty(); held_.pop_front()) {
    const auto& [item, group] = held_.front();
    if (group && group->unscored) {
      dropped_groups_ += !group->dropped;
      group->dropped = true;
      continue;
    }
    if (group && !group->complete && !all) return;
    write_(item.fields);
  }
}

}  // namespace easel::reward
