// Byte-pair encoding: the "model" of tokenizer.json, type BPE (Sennrich et al., arXiv 1508.07909).
//
// A piece begins as one symbol per character (or per byte of the byte-level alphabet); of all
// neighbouring pairs that the merge list names, the one of lowest rank is joined, the leftmost
// first, until none is left.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/vocabulary.h"

namespace easel::text {

class JsonNode;

// Pairs of ids to what they become: open addressing, keys of 64 bits.
class MergeTable {
 public:
  struct Merge {
    uint32_t rank = UINT32_MAX;  // none
    int32_t id = -1;
  };
  void reserve(size_t merges);
  void set(int32_t left, int32_t right, Merge merge);  // a later one replaces an earlier one
  Merge find(int32_t left, int32_t right) const {
    const uint64_t wanted = key(left, right);
    for (size_t at = hash(wanted) & mask_;; at = (at + 1) & mask_) {
      if (slots_[at].key == wanted) return slots_[at].merge;
      if (slots_[at].key == kFree) return {};
    }
  }
  size_t size() const { return count_; }

 private:
  static constexpr uint64_t kFree = UINT64_MAX;
  static uint64_t key(int32_t left, int32_t right) {
    return uint64_t{static_cast<uint32_t>(left)} << 32 | static_cast<uint32_t>(right);
  }
  static size_t hash(uint64_t key) { return (key * 0x9E3779B97F4A7C15u) >> 20; }
  struct Slot {
    uint64_t key = kFree;
    Merge merge;
  };
  std::vector<Slot> slots_{2};
  size_t mask_ = 1;
  size_t count_ = 0;
};

// Joins symbols in place until no merge applies. Used by the model and by the trainer.
struct MergeScratch {
  struct Candidate {
    uint32_t rank, position;
    int32_t left, right, merged;
    bool operator>(const Candidate& o) const {
      return rank != o.rank ? rank > o.rank : position > o.position;
    }
  };
  std::vector<MergeTable::Merge> pairs;
  std::vector<uint32_t> previous, next;
  std::vector<Candidate> heap;
};
void apply_merges(const MergeTable& merges, std::vector<int32_t>* symbols, MergeScratch* scratch);

// Ids of pieces that came before. One thread's own: it changes nothing but the time.
class WordCache {
 public:
  struct Entry {
    const int32_t* ids = nullptr;  // nullptr: not there
    size_t count = 0;
  };
  static constexpr size_t kMaxKey = 255;  // longer pieces are not kept
  Entry find(uint64_t hash, std::string_view key) const;
  void add(uint64_t hash, std::string_view key, const int32_t* ids, size_t count);

 private:
  struct Slot {
    uint64_t hash = 0;
    uint32_t key = 0, ids = 0;
    uint16_t key_size = 0, count = 0;  // key_size 0: free
  };
  void resize(size_t slots);
  std::vector<Slot> slots_;
  std::string keys_;
  std::vector<int32_t> ids_;
  size_t used_ = 0;
};

struct BpeScratch {
  WordCache cache;
  std::vector<int32_t> symbols;
  MergeScratch merging;
};

class BpeModel {
 public:
  // bytes: pieces are bytes to be read in the byte-level alphabet. Throws base::Error naming the
  // part that is damaged or not supported.
  static BpeModel parse(const JsonNode& node, bool bytes);

  const Vocabulary& vocabulary() const { return vocabulary_; }
  // Throws base::Error where a character has no token, and the one for such is not in the vocabulary.
  void encode(std::string_view piece, BpeScratch& scratch, std::vector<int32_t>* ids) const;

 private:
  // What one character begins as.
  struct Start {
    enum Kind : uint8_t { kToken, kBytes, kUnknown, kNothing } kind = kNothing;
    std::array<int32_t, 4> ids{};
    uint8_t count = 0;
  };
  Start start_of(std::string_view character) const;
  void read_vocabulary(const JsonNode& node);
  void read_merges(const JsonNode& node);
  void encode_new(std::string_view piece, BpeScratch& scratch) const;

  Vocabulary vocabulary_;
  MergeTable merges_;
  int32_t unknown_ = -1;
  std::string missing_unknown_;  // that the file names and the vocabulary lacks: no harm until it is needed
  bool bytes_ = false, byte_fallback_ = false, fuse_unknown_ = false, ignore_merges_ = false;
  bool all_bytes_ = false;         // every byte has a token of its own
  std::array<Start, 256> starts_;  // by byte, or by ASCII character
};

}  // namespace easel::text
