// Tokens by id and ids by token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace easel::text {

// Ids lie below this: room for every published vocabulary, and a bound on what a damaged file can
// make us allocate.
inline constexpr int64_t kMaxVocabulary = int64_t{1} << 22;

class Vocabulary {
 public:
  void reserve(size_t tokens);
  // False if the token or the id (0 <= id < kMaxVocabulary) is taken.
  bool add(std::string_view token, int32_t id);
  int32_t find(std::string_view token) const;  // -1: not there
  bool has(int32_t id) const {
    return id >= 0 && static_cast<size_t>(id) < spans_.size() && spans_[id].size != kAbsent;
  }
  std::string_view token(int32_t id) const {  // empty where there is none
    if (!has(id)) return {};
    return std::string_view(text_).substr(spans_[id].begin, spans_[id].size);
  }
  int32_t limit() const { return static_cast<int32_t>(spans_.size()); }  // largest id + 1
  size_t size() const { return count_; }

 private:
  static constexpr uint32_t kAbsent = UINT32_MAX;
  struct Span {
    uint64_t begin = 0;
    uint32_t size = kAbsent;
  };
  struct Slot {
    uint32_t tag = 0;  // high bits of the hash: most other tokens need no look at their text
    int32_t id = -1;   // free
  };
  size_t slot(std::string_view token, uint64_t hash) const;  // where it is or would be
  void grow(size_t slots);
  std::string text_;
  std::vector<Span> spans_;  // by id
  std::vector<Slot> slots_;  // by hash
  size_t count_ = 0;
};

}  // namespace easel::text
