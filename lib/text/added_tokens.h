// Tokens that are cut out of a text before anything else sees it: the "added_tokens" of
// tokenizer.json.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "text/normalizer.h"
#include "text/regex.h"
#include "text/vocabulary.h"

namespace easel::text {

class JsonNode;

struct AddedToken {
  int32_t id = -1;
  std::string content;
  std::string shown;  // content after the normalizer, where the token asks for it
  bool skipped = false;  // as special in decoding
  bool single_word = false, lstrip = false, rstrip = false, normalized = true, special = false;
};

// Finds, at the leftmost place where any string of a set begins, the longest of them.
class StringFinder {
 public:
  void add(std::string_view text, int32_t value);  // text is not empty
  bool empty() const { return nodes_.size() == 1; }
  struct Match {
    size_t begin, end;
    int32_t value;
  };
  std::optional<Match> find(std::string_view text, size_t start) const;

 private:
  struct Node {
    int32_t value = -1;
    std::vector<std::pair<unsigned char, uint32_t>> next;
  };
  std::vector<Node> nodes_{1};
  std::array<bool, 256> begins_{};
  int only_ = -1;  // the one byte that all strings begin with; -2: there are several
};

class AddedTokens {
 public:
  // Throws base::Error where a token contradicts the vocabulary or another token. One that comes
  // twice with the same id is there once.
  void read(const JsonNode& node, const Vocabulary& vocabulary, const Normalizer& normalizer);

  const AddedToken* by_id(int32_t id) const;
  const AddedToken* by_content(std::string_view content) const;
  int32_t limit() const { return limit_; }  // largest id + 1
  bool any_normalized() const { return !normalized_.empty(); }

  // Cuts text at the tokens that are matched as they stand, or at those matched after
  // normalization. on_text(begin, end) for what is between, on_token(id).
  void split(std::string_view text, bool normalized, RegexScratch& scratch,
             const std::function<void(size_t, size_t)>& on_text,
             const std::function<void(int32_t)>& on_token) const;

 private:
  void prepare(const Normalizer& normalizer);
  bool is_single_word(std::string_view text, const StringFinder::Match& match,
                      RegexScratch& scratch) const;
  std::vector<AddedToken> tokens_;
  std::unordered_map<int32_t, size_t> by_id_;
  std::unordered_map<std::string, size_t> by_content_;
  StringFinder plain_, normalized_;
  std::optional<Regex> word_;  // one word character, where single_word is used
  int32_t limit_ = 0;
};

}  // namespace easel::text
