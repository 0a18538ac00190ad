// Counter-based random numbers: every draw is a hash of (seed, purpose, record id, position), so a
// value does not depend on the batch, thread or order in which it was asked for.
//
// The hash is Philox4x32-10 (Salmon et al., SC11, section 4): the 64-bit key is the digest of
// seed, purpose and id; the counter is (position, lane).
#pragma once

#include <cstdint>
#include <string_view>

namespace easel::base {

class CounterRng {
 public:
  CounterRng(uint64_t seed, std::string_view purpose, std::string_view id = {});

  uint64_t bits(uint64_t position, uint64_t lane = 0) const;
  // Uniform in the open interval (0, 1), 53 bits: its logarithm is always finite.
  double uniform(uint64_t position, uint64_t lane = 0) const;
  // Standard normal (Box-Muller on two words of one block).
  double normal(uint64_t position, uint64_t lane = 0) const;
  // Uniform in [0, n), n > 0, without modulo bias beyond 2^-64 n.
  uint64_t below(uint64_t n, uint64_t position, uint64_t lane = 0) const;

 private:
  void block(uint64_t position, uint64_t lane, uint32_t out[4]) const;
  uint32_t key_[2];
};

// The same numbers read one after another, for code that draws in a natural order.
class RandomStream {
 public:
  RandomStream(uint64_t seed, std::string_view purpose, std::string_view id = {})
      : rng_(seed, purpose, id) {}
  // How many numbers have been drawn; a stream put there goes on as if it had drawn them.
  uint64_t position() const { return position_; }
  void seek(uint64_t position) { position_ = position; }
  double uniform() { return rng_.uniform(position_++); }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  double normal() { return rng_.normal(position_++); }
  uint64_t below(uint64_t n) { return rng_.below(n, position_++); }
  bool chance(double p) { return uniform() < p; }
  template <class Container>
  const auto& pick(const Container& c) {
    return c[below(c.size())];
  }
  template <class Container>
  void shuffle(Container& c) {  // Fisher-Yates
    for (size_t i = c.size(); i > 1; --i) std::swap(c[i - 1], c[below(i)]);
  }

 private:
  CounterRng rng_;
  uint64_t position_ = 0;
};

}  // namespace easel::base
