// Rollouts in, scored rollouts out, in their order: the inside of score-reward.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "jsonl/stream.h"
#include "reward/scorer.h"

namespace easel::reward {

enum class OnUnscored { kKeep, kDropGroup, kFail };
OnUnscored parse_on_unscored(const std::string& text);  // "keep", "drop-group", "fail"

class ScoreStream {
 public:
  // `write` gets every record that goes on; `bad` counts those that do not.
  ScoreStream(Scorer& scorer, OnUnscored policy, size_t batch, jsonl::BadRecords& bad,
              std::function<void(const jsonl::Object&)> write);

  // Scores when a batch is full. Throws RecordError for a record that is no rollout; its group, if it names one, is then as one
  // with an unscored rollout.
  void add(jsonl::Object record);
  // Scores what waits; call before blocking on input. Under drop-group, rollouts of a group of
  // which not all have come are kept back.
  void flush();
  void finish();

  int64_t unscored() const { return unscored_; }
  int64_t dropped_groups() const { return dropped_groups_; }

 private:
  // A group as it comes; a later group may have the same id (the same prompt, drawn again).
  struct Group {
    int64_t seen = 0;
    bool complete = false, unscored = false, dropped = false;
  };
  struct Held {
    Item item;
    std::shared_ptr<Group> group;  // null unless groups may be dropped
  };
  // The group that another rollout of this id belongs to, which is counted.
  std::shared_ptr<Group> group_of(const std::string& id, int64_t size);
  // Marks the group of a record that is no rollout as one to drop.
  void lose(const jsonl::Object& record);
  void release(bool all);

  Scorer& scorer_;
  OnUnscored policy_;
  size_t batch_;
  jsonl::BadRecords& bad_;
  std::function<void(const jsonl::Object&)> write_;
  std::vector<Item> waiting_;                           // not scored yet
  std::deque<Held> held_;                               // scored
  std::map<std::string, std::shared_ptr<Group>> open_;  // groups of which more may come, by id
  int64_t unscored_ = 0, dropped_groups_ = 0;
};

}  // namespace easel::reward
