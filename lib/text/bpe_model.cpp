#include "text/bpe_model.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>
#include <functional>
#include <utility>

#include "base/error.h"
#include "base/strings.h"
#include "text/byte_alphabet.h"
#include "text/json_node.h"
#include "text/utf8.h"

namespace easel::text {

using base::cat;
using base::quote;

void MergeTable::reserve(size_t merges) {
  const size_t slots = std::bit_ceil(merges * 2 + 2);
  if (slots <= slots_.size()) return;
  std::vector<Slot> old(slots);
  old.swap(slots_);
  mask_ = slots - 1;
  count_ = 0;
  for (const Slot& slot : old) {
    if (slot.key != kFree) {
      set(static_cast<int32_t>(slot.key >> 32), static_cast<int32_t>(slot.key), slot.merge);
    }
  }
}

void MergeTable::set(int32_t left, int32_t right, Merge merge) {
  if ((count_ + 1) * 2 > slots_.size()) reserve(slots_.size());
  const uint64_t wanted = key(left, right);
  size_t at = hash(wanted) & mask_;
  while (slots_[at].key != kFree && slots_[at].key != wanted) at = (at + 1) & mask_;
  if (slots_[at].key == kFree) ++count_;
  slots_[at] = {wanted, merge};
}

namespace {

using Merge = MergeTable::Merge;

// Up to here a scan for the lowest rank beats a heap.
constexpr size_t kScanLimit = 48;

void merge_by_scan(const MergeTable& merges, std::vector<int32_t>& symbols,
                   std::vector<Merge>& pairs) {
  size_t n = symbols.size();
  pairs.resize(n);
  for (size_t i = 0; i + 1 < n; ++i) pairs[i] = merges.find(symbols[i], symbols[i + 1]);
  while (n > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < n; ++i) {
      if (pairs[i].rank < pairs[best].rank) best = i;
    }
    if (pairs[best].rank == UINT32_MAX) break;
    symbols[best] = pairs[best].id;
    --n;
    for (size_t i = best + 1; i < n; ++i) {
      symbols[i] = symbols[i + 1];
      pairs[i] = pairs[i + 1];
    }
    if (best > 0) pairs[best - 1] = merges.find(symbols[best - 1], symbols[best]);
    if (best + 1 < n) pairs[best] = merges.find(symbols[best], symbols[best + 1]);
  }
  symbols.resize(n);
}

void merge_by_heap(const MergeTable& merges, std::vector<int32_t>& symbols, MergeScratch& s) {
  const auto n = static_cast<uint32_t>(symbols.size());
  s.previous.resize(n);
  s.next.resize(n);
  s.heap.clear();
  const auto candidate = [&](uint32_t left, uint32_t right) {
    const Merge merge = merges.find(symbols[left], symbols[right]);
    return MergeScratch::Candidate{merge.rank, left, symbols[left], symbols[right], merge.id};
  };
  for (uint32_t i = 0; i < n; ++i) {
    s.previous[i] = i - 1;  // wraps for the first
    s.next[i] = i + 1;
    if (i + 1 < n) {
      const auto c = candidate(i, i + 1);
      if (c.merged >= 0) s.heap.push_back(c);
    }
  }
  std::make_heap(s.heap.begin(), s.heap.end(), std::greater<>());
  const auto push = [&](uint32_t left, uint32_t right) {
    const auto c = candidate(left, right);
    if (c.merged < 0) return;
    s.heap.push_back(c);
    std::push_heap(s.heap.begin(), s.heap.end(), std::greater<>());
  };
  constexpr int32_t kGone = -1;
  while (!s.heap.empty()) {
    std::pop_heap(s.heap.begin(), s.heap.end(), std::greater<>());
    const MergeScratch::Candidate top = s.heap.back();
    s.heap.pop_back();
    const uint32_t left = top.position;
    const uint32_t right = s.next[left];
    // Either side may have become part of another symbol since.
    if (symbols[left] != top.left || right >= n || symbols[right] != top.right) continue;
    symbols[left] = top.merged;
    symbols[right] = kGone;
    const uint32_t after = s.next[right];
    s.next[left] = after;
    if (after < n) {
      s.previous[after] = left;
      push(left, after);
    }
    if (s.previous[left] < n) push(s.previous[left], left);
  }
  symbols.erase(std::remove(symbols.begin(), symbols.end(), kGone), symbols.end());
}

}  // namespace

void apply_merges(const MergeTable& merges, std::vector<int32_t>* symbols, MergeScratch* scratch) {
  if (symbols->size() < 2) return;
  if (symbols->size() <= kScanLimit) {
    merge_by_scan(merges, *symbols, scratch->pairs);
  } else {
    if (symbols->size() >= UINT32_MAX) base::fail("a piece of text of 4 GiB cannot be encoded");
    merge_by_heap(merges, *symbols, *scratch);
  }
}

WordCache::Entry WordCache::find(uint64_t hash, std::string_view key) const {
  if (slots_.empty()) return {};
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask; slots_[at].key_size != 0; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.hash == hash && slot.key_size == key.size() &&
        std::memcmp(keys_.data() + slot.key, key.data(), key.size()) == 0) {
      return {ids_.data() + slot.ids, slot.count};
    }
  }
  return {};
}

void WordCache::resize(size_t slots) {
  std::vector<Slot> old(slots);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.key_size == 0) continue;
    size_t at = slot.hash & (slots - 1);
    while (slots_[at].key_size != 0) at = (at + 1) & (slots - 1);
    slots_[at] = slot;
  }
}

void WordCache::add(uint64_t hash, std::string_view key, const int32_t* ids, size_t count) {
  constexpr size_t kFirstSlots = 1 << 10, kMostSlots = 1 << 17;
  if (key.empty() || key.size() > kMaxKey) return;
  if (slots_.empty()) resize(kFirstSlots);
  if ((used_ + 1) * 2 > slots_.size()) {
    if (slots_.size() < kMostSlots) {
      resize(slots_.size() * 4);
    } else {  // start over: what is frequent comes back at once
      std::fill(slots_.begin(), slots_.end(), Slot{});
      keys_.clear();
      ids_.clear();
      used_ = 0;
    }
  }
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  while (slots_[at].key_size != 0) at = (at + 1) & mask;
  slots_[at] = {hash, static_cast<uint32_t>(keys_.size()), static_cast<uint32_t>(ids_.size()),
                static_cast<uint16_t>(key.size()), static_cast<uint16_t>(count)};
  keys_ += key;
  ids_.insert(ids_.end(), ids, ids + count);
  ++used_;
}

BpeModel BpeModel::parse(const JsonNode& node, bool bytes) {
  if (const auto type = node.find("type"); type && type->string() != "BPE") {
    type->fail(cat("the model ", quote(type->string()), " is not supported; expected \"BPE\""));
  }
  node.only({"dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
             "byte_fallback", "ignore_merges", "vocab", "merges"});
  for (const char* affix : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    if (const auto given = node.find(affix); given && !given->string().empty()) {
      given->fail("is not supported; expected null");
    }
  }
  if (const auto dropout = node.find("dropout")) {
    double p = 0;
    if (dropout->value().get(p)) dropout->wrong_type("null");
    if (p != 0) dropout->fail("is not supported; expected null");
  }
  BpeModel model;
  model.bytes_ = bytes;
  model.byte_fallback_ = node.flag("byte_fallback", false);
  model.fuse_unknown_ = node.flag("fuse_unk", false);
  model.ignore_merges_ = node.flag("ignore_merges", false);
  model.read_vocabulary(node.at("vocab"));
  model.read_merges(node.at("merges"));
  if (const auto unknown = node.find("unk_token")) {
    model.unknown_ = model.vocabulary_.find(unknown->string());
    if (model.unknown_ < 0) model.missing_unknown_ = unknown->string();
  }
  model.all_bytes_ = bytes;
  for (int b = 0; b < 256; ++b) {
    if (bytes) {
      model.starts_[b] = model.start_of(byte_alphabet().utf8[b]);
      model.all_bytes_ &= model.starts_[b].kind == Start::kToken;
    } else if (b < 0x80) {
      model.starts_[b] = model.start_of(std::string(1, static_cast<char>(b)));
    }
  }
  return model;
}

void BpeModel::read_vocabulary(const JsonNode& node) {
  const simdjson::dom::object object = node.object();
  vocabulary_.reserve(std::min<size_t>(object.size(), kMaxVocabulary));
  for (const simdjson::dom::key_value_pair entry : object) {
    uint64_t id = 0;
    if (entry.value.get(id) || id >= static_cast<uint64_t>(kMaxVocabulary)) {
      node.fail(cat("the id of ", quote(entry.key), ": expected an integer from 0 to ",
                    kMaxVocabulary - 1, ", got ", describe_json(entry.value)));
    }
    if (!vocabulary_.add(entry.key, static_cast<int32_t>(id))) {
      const std::string_view other = vocabulary_.token(static_cast<int32_t>(id));
      node.fail(
          vocabulary_.find(entry.key) >= 0
              ? cat("the token ", quote(entry.key), " comes twice")
              : cat("the id ", id, " belongs to ", quote(other), " and to ", quote(entry.key)));
    }
  }
}

void BpeModel::read_merges(const JsonNode& node) {
  const simdjson::dom::array array = node.array();
  if (array.size() >= 0xFFFFFF) {  // where simdjson's own count ends
    node.fail(cat("more than ", 0xFFFFFF - 1, " merges"));
  }
  merges_.reserve(array.size());
  uint32_t rank = 0;
  size_t index = 0;
  int32_t merged = -1;
  std::string joined;
  for (const simdjson::dom::element entry : array) {
    const auto part = [at = index++] { return cat("[", at, "]"); };
    std::string_view left, right;
    simdjson::dom::array pair;
    if (std::string_view line; !entry.get(line)) {
      if (line.starts_with("#version")) continue;
      const size_t space = line.find(' ');
      if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
        node.fail(cat("expected two tokens with a space between, got ", quote(line)), part());
      }
      left = line.substr(0, space);
      right = line.substr(space + 1);
    } else if (entry.get(pair) || pair.size() != 2 || pair.at(0).get(left) ||
               pair.at(1).get(right)) {
      node.fail("expected a pair of tokens", part());
    }
    const int32_t a = vocabulary_.find(left), b = vocabulary_.find(right);
    if (a < 0 || b < 0) {
      node.fail(cat("the token ", quote(a < 0 ? left : right), " is not in vocab"), part());
    }
    joined.assign(left).append(right);
    // Trainers number tokens as they merge them, so the next id is the likely one.
    merged = vocabulary_.token(merged + 1) == joined ? merged + 1 : vocabulary_.find(joined);
    if (merged < 0) {
      node.fail(cat("the merged token ", quote(joined), " is not in vocab"), part());
    }
    merges_.set(a, b, {rank++, merged});
  }
}

BpeModel::Start BpeModel::start_of(std::string_view character) const {
  Start start;
  if (const int32_t id = vocabulary_.find(character); id >= 0) {
    start.kind = Start::kToken;
    start.ids[start.count++] = id;
    return start;
  }
  if (byte_fallback_) {
    for (const char c : character) {
      char name[8];
      std::snprintf(name, sizeof name, "<0x%02X>", static_cast<unsigned char>(c));
      const int32_t id = vocabulary_.find(name);
      if (id < 0) break;
      start.ids[start.count++] = id;
    }
    if (start.count == character.size()) {
      start.kind = Start::kBytes;
      return start;
    }
    start.count = 0;
  }
  start.kind = unknown_ >= 0 || !missing_unknown_.empty() ? Start::kUnknown : Start::kNothing;
  return start;
}

void BpeModel::encode_new(std::string_view piece, BpeScratch& scratch) const {
  std::vector<int32_t>& symbols = scratch.symbols;
  symbols.clear();
  if (ignore_merges_) {
    const int32_t id = bytes_ ? vocabulary_.find(to_byte_alphabet(piece)) : vocabulary_.find(piece);
    if (id >= 0) {
      symbols.push_back(id);
      return;
    }
  }
  if (all_bytes_) {
    for (const char c : piece) symbols.push_back(starts_[static_cast<unsigned char>(c)].ids[0]);
  } else {
    // An unknown character waits until a known one or another unknown one comes; those that fall
    // back to bytes go past it. That is the reference's order.
    bool waiting = false;
    for (size_t at = 0; at < piece.size();) {
      const auto first = static_cast<unsigned char>(piece[at]);
      const size_t length = bytes_ ? 1 : utf8_length(first);
      const Start start =
          bytes_ || first < 0x80 ? starts_[first] : start_of(piece.substr(at, length));
      at += length;
      if (waiting &&
          (start.kind == Start::kToken || (start.kind == Start::kUnknown && !fuse_unknown_))) {
        symbols.push_back(unknown_);
        waiting = false;
      }
      if (start.kind == Start::kUnknown && unknown_ < 0) {
        base::fail(cat("the text has a character without a token, and the tokenizer's unk_token ",
                       quote(missing_unknown_), " is not in its vocabulary"));
      }
      if (start.kind == Start::kUnknown) waiting = true;
      symbols.insert(symbols.end(), start.ids.begin(), start.ids.begin() + start.count);
    }
    if (waiting) symbols.push_back(unknown_);
  }
  apply_merges(merges_, &symbols, &scratch.merging);
}

void BpeModel::encode(std::string_view piece, BpeScratch& scratch,
                      std::vector<int32_t>* ids) const {
  if (piece.size() > WordCache::kMaxKey) {
    encode_new(piece, scratch);
    ids->insert(ids->end(), scratch.symbols.begin(), scratch.symbols.end());
    return;
  }
  const uint64_t hash = XXH3_64bits(piece.data(), piece.size());
  WordCache::Entry entry = scratch.cache.find(hash, piece);
  if (entry.ids == nullptr) {
    encode_new(piece, scratch);
    entry = {scratch.symbols.data(), scratch.symbols.size()};
    scratch.cache.add(hash, piece, entry.ids, entry.count);
  }
  ids->insert(ids->end(), entry.ids, entry.ids + entry.count);
}

}  // namespace easel::text
