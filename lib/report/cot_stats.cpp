#include "report/cot_stats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/strings.h"
#include "record/got_chain.h"

namespace easel::report {

using base::cat;
using base::format_fixed;

namespace {

// By table: statistics of a run look at every byte of its chains twice.
constexpr auto kWordBytes = [] {
  std::array<bool, 256> table{};
  for (size_t u = 0; u < table.size(); ++u) {
    table[u] = (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9') || u >= 0x80;
  }
  return table;
}();
bool is_word_byte(char c) { return kWordBytes[static_cast<unsigned char>(c)]; }

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Calls visit(word) for each word of a text that is in lower case already.
template <class Visit>
void for_each_word(std::string_view lower, Visit visit) {
  const size_t size = lower.size();
  for (size_t i = 0; i < size;) {
    const size_t begin = i;
    while (i < size && is_word_byte(lower[i])) ++i;
    // An apostrophe or hyphen joins two parts of one word.
    while (i > begin && i + 1 < size && (lower[i] == '\'' || lower[i] == '-') && is_word_byte(lower[i + 1])) {
      ++i;
      while (i < size && is_word_byte(lower[i])) ++i;
    }
    if (i > begin) visit(lower.substr(begin, i - begin));
    ++i;
  }
}

record::LengthSummary summarize(std::vector<double> values) {
  record::LengthSummary s;
  if (values.empty()) return s;
  const auto n = static_cast<double>(values.size());
  s.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double v : values) squares += (v - s.mean) * (v - s.mean);
  s.sd = values.size() > 1 ? std::sqrt(squares / (n - 1)) : 0;
  std::sort(values.begin(), values.end());
  s.min = values.front();
  s.max = values.back();
  const size_t middle = values.size() / 2;
  s.median = values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return s;
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for_each_word(base::to_lower(text), [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

int64_t count_sentences(std::string_view text) {
  int64_t count = 0;
  bool word = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_word_byte(c)) word = true;
    if (!word || is_word_byte(c)) continue;
    const bool mark = c == '.' || c == '!' || c == '?';
    if (c == '\n' || (mark && (i + 1 == text.size() || is_space(text[i + 1])))) {
      ++count;
      word = false;
    }
  }
  return count + word;
}

void CotStats::add(const record::Rollout& rollout) {
  ++rollouts_;
  ++finish_[rollout.finish];
  groups_.insert(rollout.group_id);
  if (base::trim(rollout.cot).empty()) return;
  chain_digests_.insert(base::digest_pair(rollout.cot));
  const auto chain = static_cast<int64_t>(words_.size()) + 1;
  int64_t words = 0;
  // Of a plan the prose: its marks and boxes are no words.
  const bool planned = rollout.cot.find("<|") != std::string::npos;
  const std::string prose = planned ? record::parse_got_chain(rollout.cot).prose : std::string();
  const std::string& text = planned ? prose : rollout.cot;
  lower_.resize(text.size());
  std::transform(text.begin(), text.end(), lower_.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  for_each_word(lower_, [&](std::string_view word) {
    ++words;
    auto found = uses_.find(word);
    if (found == uses_.end()) found = uses_.emplace(word, Use{}).first;
    Use& use = found->second;
    ++use.count;
    use.chains += use.last_chain != chain;
    use.last_chain = chain;
  });
  words_.push_back(static_cast<double>(words));
  sentences_.push_back(static_cast<double>(count_sentences(text)));
}

record::CotSummary CotStats::summary(size_t top) const {
  record::CotSummary s;
  s.rollouts = rollouts_;
  s.chains = static_cast<int64_t>(words_.size());
  s.distinct_chains = static_cast<int64_t>(chain_digests_.size());
  s.groups = static_cast<int64_t>(groups_.size());
  s.words = summarize(words_);
  s.sentences = summarize(sentences_);
  s.distinct_words = static_cast<int64_t>(uses_.size());
  for (const auto& [word, use] : uses_) {
    s.total_words += use.count;
    s.top_words.push_back({word, use.count, use.chains});
  }
  std::sort(s.top_words.begin(), s.top_words.end(), [](const auto& a, const auto& b) {
    return a.count != b.count ? a.count > b.count : a.word < b.word;
  });
  if (s.top_words.size() > top) s.top_words.resize(top);
  s.finish.assign(finish_.begin(), finish_.end());
  return s;
}

std::string cot_table(const record::CotSummary& s) {
  const auto row = [](const std::string& name, const std::vector<std::string>& cells) {
    std::string line = name;
    line.resize(std::max<size_t>(line.size(), 16), ' ');
    for (const auto& cell : cells) {
      line += std::string(cell.size() < 9 ? 9 - cell.size() : 1, ' ') + cell;
    }
    return line + "\n";
  };
  const auto lengths = [&](const std::string& name, const record::LengthSummary& l) {
    return row(name, {format_fixed(l.mean, 2), format_fixed(l.sd, 2), format_fixed(l.min, 0),
                      format_fixed(l.median, 1), format_fixed(l.max, 0)});
  };
  const auto share = [](int64_t part, int64_t whole) {
    return format_fixed(
               whole > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0, 2) +
           "%";
  };
  std::string out = row("rollouts", {cat(s.rollouts)}) + row("groups", {cat(s.groups)}) +
                    row("chains", {cat(s.chains)}) +
                    row("distinct chains", {cat(s.distinct_chains)}) +
                    row("distinct words", {cat(s.distinct_words)});
  out += "\n" + row("per chain", {"mean", "sd", "min", "median", "max"});
  out += lengths("words", s.words) + lengths("sentences", s.sentences);
  out += "\n" + row("finish", {"rollouts", "share"});
  for (const auto& [reason, count] : s.finish) {
    out += row(reason, {cat(count), share(count, s.rollouts)});
  }
  out += "\n" + row("word", {"count", "share", "chains"});
  for (const auto& w : s.top_words) {
    out += row(w.word, {cat(w.count), share(w.count, s.total_words), share(w.chains, s.chains)});
  }
  return out;
}

}  // namespace easel::report
