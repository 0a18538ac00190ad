// Word and length statistics of chains of thought.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "record/cot_summary.h"
#include "record/rollout.h"

namespace easel::report {

// Words of a text: runs of letters, digits, apostrophes and hyphens inside them, and characters
// beyond ASCII; ASCII letters in lower case.
std::vector<std::string> words_of(std::string_view text);
// Sentences: pieces with a word in them that '.', '!' or '?' ends before a space or the end.
int64_t count_sentences(std::string_view text);

class CotStats {
 public:
  void add(const record::Rollout& rollout);
  record::CotSummary summary(size_t top) const;

 private:
  struct Use {
    int64_t count = 0, chains = 0, last_chain = 0;  // chains are counted from 1
  };
  // Looked up by string_view: a word that was seen before costs no string.
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view word) const { return base::hash64(word); }
  };
  std::unordered_map<std::string, Use, Hash, std::equal_to<>> uses_;
  struct DigestHash {
    size_t operator()(const std::pair<uint64_t, uint64_t>& digest) const { return digest.second; }
  };
  std::unordered_set<std::string, Hash, std::equal_to<>> groups_;
  std::unordered_set<std::pair<uint64_t, uint64_t>, DigestHash> chain_digests_;
  std::map<std::string, int64_t> finish_;
  std::vector<double> words_, sentences_;
  int64_t rollouts_ = 0;
  std::string lower_;  // the chain at hand, in memory that serves again
};

// For people: aligned columns.
std::string cot_table(const record::CotSummary& summary);

}  // namespace easel::report
