#include "base/random.h"

#include <xxhash.h>

#include <cmath>
#include <numbers>
#include <string>

namespace easel::base {

CounterRng::CounterRng(uint64_t seed, std::string_view purpose, std::string_view id) {
  std::string name(purpose);
  name += '\0';  // ("ab", "c") and ("a", "bc") are different streams
  name += id;
  const uint64_t key = XXH3_64bits_withSeed(name.data(), name.size(), seed);
  key_[0] = static_cast<uint32_t>(key);
  key_[1] = static_cast<uint32_t>(key >> 32);
}

void CounterRng::block(uint64_t position, uint64_t lane, uint32_t out[4]) const {
  uint32_t c[4] = {static_cast<uint32_t>(position), static_cast<uint32_t>(position >> 32),
                   static_cast<uint32_t>(lane), static_cast<uint32_t>(lane >> 32)};
  uint32_t k0 = key_[0], k1 = key_[1];
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xD2511F53} * c[0];
    const uint64_t p1 = uint64_t{0xCD9E8D57} * c[2];
    const uint32_t next[4] = {static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ k0,
                              static_cast<uint32_t>(p1),
                              static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ k1,
                              static_cast<uint32_t>(p0)};
    for (int i = 0; i < 4; ++i) c[i] = next[i];
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  for (int i = 0; i < 4; ++i) out[i] = c[i];
}

uint64_t CounterRng::bits(uint64_t position, uint64_t lane) const {
  uint32_t w[4];
  block(position, lane, w);
  return uint64_t{w[1]} << 32 | w[0];
}

namespace {
double to_open_unit(uint64_t bits) {
  return (static_cast<double>(bits >> 11) + 0.5) * 0x1.0p-53;
}
}  // namespace

double CounterRng::uniform(uint64_t position, uint64_t lane) const {
  return to_open_unit(bits(position, lane));
}

double CounterRng::normal(uint64_t position, uint64_t lane) const {
  uint32_t w[4];
  block(position, lane, w);
  const double u = to_open_unit(uint64_t{w[1]} << 32 | w[0]);
  const double v = to_open_unit(uint64_t{w[3]} << 32 | w[2]);
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
}

uint64_t CounterRng::below(uint64_t n, uint64_t position, uint64_t lane) const {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(bits(position, lane)) * n) >> 64);
}

}  // namespace easel::base
