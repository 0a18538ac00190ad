// Eight bits a value, in blocks that have a scale each (Dettmers et al., "8-bit Optimizers via Block-wise
// Quantization", 2022): a code stands for a place on a scale whose steps are finer near zero.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace easel::tensor {

constexpr int64_t kQuantBlock = 256;  // values that share a scale

class DynamicMap {
 public:
  // "Dynamic tree" values of [-1, 1] or of [0, 1]: for each power of ten from 1e-6 on twice as many steps as for
  // the one below, in the middle of equal parts of it; 0 and 1 themselves.
  static const DynamicMap& of_signed();
  static const DynamicMap& of_unsigned();

  // Codes of n <= kQuantBlock values, each that of the nearest one; returns their scale, the largest magnitude.
  // keep_nonzero: what is above zero gets no code of zero. Unsigned maps are for values that are none below zero.
  float quantize(const float* x, int64_t n, uint8_t* codes, bool keep_nonzero = false) const;
  void dequantize(const uint8_t* codes, int64_t n, float scale, float* x) const;

  const std::array<float, 256>& values() const { return values_; }  // of the codes, ascending
  uint8_t zero() const { return zero_; }

 private:
  explicit DynamicMap(bool with_sign);
  uint8_t nearest(float x) const;
  std::array<float, 256> values_{}, middle_{};  // middle_[c]: up to here c is nearer than c + 1
  std::vector<uint8_t> first_;  // by the upper half of a float's bits: a code that is not above the nearest
  uint8_t zero_ = 0;
};

}  // namespace easel::tensor
