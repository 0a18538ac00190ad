// Statistics of chains of thought, as cot-stats writes them (schemas/cot-stats.v1.schema.json).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jsonl/object.h"

namespace easel::record {

// Of one quantity over all chains.
struct LengthSummary {
  double mean = 0, sd = 0;  // sd: of the sample, 0 for one chain
  double min = 0, median = 0, max = 0;
};

struct WordCount {
  std::string word;
  int64_t count = 0;   // how often it comes
  int64_t chains = 0;  // in how many chains
};

struct CotSummary {
  int64_t rollouts = 0;
  int64_t chains = 0;           // rollouts whose chain is not empty; what follows is over these
  int64_t distinct_chains = 0;  // different texts
  int64_t groups = 0;
  LengthSummary words, sentences;
  int64_t total_words = 0, distinct_words = 0;
  std::vector<WordCount> top_words;                     // most frequent first, ties by spelling
  std::vector<std::pair<std::string, int64_t>> finish;  // rollouts by finish reason

  void write(jsonl::Object& record) const;
};

}  // namespace easel::record
