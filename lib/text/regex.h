// Regular expressions of tokenizer.json on PCRE2: compiled once (JIT where the machine allows it),
// matched from any number of threads.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace easel::text {

struct RegexMatch {
  size_t begin, end;
};

// What one thread needs to match; any regex may use it, one at a time.
class RegexScratch {
 public:
  RegexScratch();
  ~RegexScratch();
  RegexScratch(const RegexScratch&) = delete;
  RegexScratch& operator=(const RegexScratch&) = delete;
  // Set where the text may hold code points of unicode_supplement.h.
  void set_extended(bool extended) { extended_ = extended; }

 private:
  friend class Regex;
  struct State;
  std::unique_ptr<State> state_;
  bool extended_ = false;
};

class Regex {
 public:
  // Oniguruma's syntax; throws base::Error for what is wrong or not supported.
  static Regex compile(std::string_view pattern);
  // Finds exactly this text.
  static Regex literal(std::string_view text);

  // The first match in subject (well-formed UTF-8) at or after `start`. Throws base::Error where
  // the search has to be given up.
  bool find(std::string_view subject, size_t start, RegexScratch& scratch, RegexMatch* match) const;

  // Calls f(match) for the matches that the reference's iterator gives: an empty match right
  // behind the last one is passed over, and the search goes on one character further.
  template <class F>
  void for_each(std::string_view subject, RegexScratch& scratch, F&& f) const {
    size_t at = 0, last_end = std::string_view::npos;
    RegexMatch match;
    while (at <= subject.size() && find(subject, at, scratch, &match)) {
      if (match.begin == match.end && match.end == last_end) {
        do {
          ++at;
        } while (at < subject.size() && (static_cast<unsigned char>(subject[at]) & 0xC0) == 0x80);
        continue;
      }
      at = last_end = match.end;
      f(match);
    }
  }

 private:
  struct Code;
  std::shared_ptr<const Code> basic_, extended_;
};

}  // namespace easel::text
