#include "base/digest.h"

#include <xxhash.h>

#include <new>

#include "base/file.h"

namespace easel::base {

namespace {
std::string to_hex(XXH128_hash_t hash) {
  std::string text(32, '0');
  for (size_t i = 0; i < 16; ++i) {
    const size_t shift = 60 - 4 * i;
    text[i] = "0123456789abcdef"[hash.high64 >> shift & 15];
    text[16 + i] = "0123456789abcdef"[hash.low64 >> shift & 15];
  }
  return text;
}
}  // namespace

struct Digest::State {
  XXH3_state_t* xxh = XXH3_createState();
  ~State() { XXH3_freeState(xxh); }
};

Digest::Digest() : state_(std::make_unique<State>()) {
  if (state_->xxh == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset(state_->xxh);
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::add(std::string_view bytes) {
  XXH3_128bits_update(state_->xxh, bytes.data(), bytes.size());
}

std::string Digest::hex() const { return to_hex(XXH3_128bits_digest(state_->xxh)); }

std::string digest_hex(std::string_view bytes) {
  return to_hex(XXH3_128bits(bytes.data(), bytes.size()));
}

std::pair<uint64_t, uint64_t> digest_pair(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

uint64_t hash64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

void Digest::add(const MappedFile& file) {
  constexpr size_t kPiece = size_t{64} << 20;
  for (size_t at = 0; at < file.size(); at += kPiece) {
    add(file.bytes().substr(at, kPiece));
    file.release_pages();
  }
}

std::string digest_file(const std::filesystem::path& path) {
  Digest digest;
  digest.add(MappedFile(path));
  return digest.hex();
}

}  // namespace easel::base
