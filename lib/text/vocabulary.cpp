#include "text/vocabulary.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <bit>

namespace easel::text {

namespace {

uint64_t hash_of(std::string_view token) { return XXH3_64bits(token.data(), token.size()); }
uint32_t tag_of(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }

}  // namespace

size_t Vocabulary::slot(std::string_view token, uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  while (slots_[at].id >= 0 &&
         (slots_[at].tag != tag_of(hash) || this->token(slots_[at].id) != token)) {
    at = (at + 1) & mask;
  }
  return at;
}

void Vocabulary::grow(size_t slots) {
  slots_.assign(std::bit_ceil(slots), {});
  for (int32_t id = 0; id < limit(); ++id) {
    if (!has(id)) continue;
    const uint64_t hash = hash_of(token(id));
    slots_[slot(token(id), hash)] = {tag_of(hash), id};
  }
}

void Vocabulary::reserve(size_t tokens) {
  spans_.reserve(tokens);
  if (slots_.size() < tokens * 2) grow(tokens * 2);
}

bool Vocabulary::add(std::string_view token, int32_t id) {
  if (slots_.size() < (count_ + 1) * 2) grow((count_ + 8) * 4);
  const uint64_t hash = hash_of(token);
  const size_t at = slot(token, hash);
  if (slots_[at].id >= 0 || has(id)) return false;
  if (spans_.size() <= static_cast<size_t>(id)) spans_.resize(static_cast<size_t>(id) + 1);
  spans_[id] = {text_.size(), static_cast<uint32_t>(token.size())};
  text_ += token;
  slots_[at] = {tag_of(hash), id};
  ++count_;
  return true;
}

int32_t Vocabulary::find(std::string_view token) const {
  return slots_.empty() ? -1 : slots_[slot(token, hash_of(token))].id;
}

}  // namespace easel::text
