// Experts and the expression that combines them, applied to batches of rollouts.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "reward/combine.h"
#include "reward/expert.h"

namespace easel::reward {

// What one expert did over a run.
struct Tally {
  std::string name;
  int64_t scored = 0, unscored = 0, malformed = 0;
  double sum = 0, seconds = 0;
  std::string line() const;  // "got-ri: 64 scored, mean 0.4375, 3 of them malformed, 1 unscored, 0.52 s"
};

class Scorer {
 public:
  // Throws UsageError for a bad expression.
  Scorer(std::vector<NamedExpert> experts, const std::string& combine);

  enum class Outcome { kScored, kUnscored, kBad };
  struct Result {
    Outcome outcome = Outcome::kScored;
    std::string problem;  // of kUnscored and kBad, with the place of the record
  };
  // Writes "rewards" and "reward" into every item's fields, and "judge" with what judges answered, keeping what other
  // experts gave it before. A reward that is no number (0 / 0) makes the item bad.
  std::vector<Result> score(std::vector<Item>& items);

  const std::vector<Tally>& tallies() const { return tallies_; }
  // What experts have to say at the end of a run, each thing once.
  std::vector<std::string> summaries() const;

 private:
  std::vector<NamedExpert> experts_;
  Combine combine_;
  std::vector<Tally> tallies_;
};

}  // namespace easel::reward
