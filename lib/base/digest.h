// Content digests: XXH3, 128 bits, as 32 hexadecimal digits. They tell inputs apart and detect
// change; they are no protection against someone who wants a collision.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace easel::base {

class MappedFile;

class Digest {
 public:
  Digest();
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  void add(std::string_view bytes);
  void add(const MappedFile& file);  // of which nothing stays in this process's memory
  std::string hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string digest_hex(std::string_view bytes);
// The same digest as two numbers, for sets of what has been seen.
std::pair<uint64_t, uint64_t> digest_pair(std::string_view bytes);
// For tables in memory: 64 bits, fast for short texts.
uint64_t hash64(std::string_view bytes);
std::string digest_file(const std::filesystem::path& path);  // throws Error if unreadable

}  // namespace easel::base
