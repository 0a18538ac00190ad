// The "normalizer" of tokenizer.json: NFC, NFD, NFKC, NFKD, Lowercase, Replace, Prepend, Strip,
// ByteLevel and sequences of them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "text/regex.h"

namespace easel::text {

class JsonNode;

class Normalizer {
 public:
  Normalizer() = default;                         // changes nothing
  static Normalizer parse(const JsonNode& node);  // throws base::Error naming what is not supported
  bool empty() const { return steps_.empty(); }
  // Whether a text begins with what its first character has become, or with what is put before that.
  bool keeps_beginning() const { return keeps_beginning_; }
  void run(std::string* text, RegexScratch& scratch) const;

 private:
  void add(const JsonNode& node);
  using Step = std::function<void(std::string*, RegexScratch&)>;
  std::vector<Step> steps_;
  bool keeps_beginning_ = true;
};

// {"String": TEXT} or {"Regex": PATTERN}.
Regex parse_pattern(const JsonNode& node);
// Every match replaced by `content`, as it stands.
std::string replace_matches(std::string_view text, const Regex& regex, std::string_view content,
                            RegexScratch& scratch);
// White_Space, a property that no longer changes.
bool is_white_space(char32_t c);

}  // namespace easel::text
