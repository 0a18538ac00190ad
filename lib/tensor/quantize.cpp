#include "tensor/quantize.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace easel::tensor {

DynamicMap::DynamicMap(bool with_sign) {
  constexpr int kDecades = 7;
  std::vector<double> values = {0, 1};
  for (int d = 0; d < kDecades; ++d) {
    const double top = std::pow(10.0, d - (kDecades - 1));
    const int steps = with_sign ? 1 << d : 2 << d;
    for (int i = 0; i < steps; ++i) {
      const double value = top * (0.1 + 0.9 * (i + 0.5) / steps);
      values.push_back(value);
      if (with_sign) values.push_back(-value);
    }
  }
  std::sort(values.begin(), values.end());
  for (size_t c = 0; c < values_.size(); ++c) {
    values_[c] = static_cast<float>(values[c]);
    if (values[c] == 0) zero_ = static_cast<uint8_t>(c);
  }
  for (size_t c = 0; c + 1 < middle_.size(); ++c) middle_[c] = (values_[c] + values_[c + 1]) / 2;
  middle_.back() = std::numeric_limits<float>::infinity();
  // The smallest float of each upper half: of negative ones that is the one of the largest magnitude.
  first_.resize(1 << 16);
  for (uint32_t half = 0; half < first_.size(); ++half) {
    const bool negative = half >= 0x8000;
    const float least = std::bit_cast<float>(half << 16 | (negative ? 0xFFFFu : 0u));
    uint8_t code = 0;
    while (least > middle_[code]) ++code;  // false for NaN
    first_[half] = code;
  }
}

const DynamicMap& DynamicMap::of_signed() {
  static const DynamicMap map(true);
  return map;
}

const DynamicMap& DynamicMap::of_unsigned() {
  static const DynamicMap map(false);
  return map;
}

uint8_t DynamicMap::nearest(float x) const {
  uint8_t code = first_[std::bit_cast<uint32_t>(x) >> 16];
  while (x > middle_[code]) ++code;
  return code;
}

float DynamicMap::quantize(const float* x, int64_t n, uint8_t* codes, bool keep_nonzero) const {
  float scale = 0;
  for (int64_t i = 0; i < n; ++i) scale = std::max(scale, std::abs(x[i]));
  // A scale without a finite inverse is as good as zero.
  const float inverse = 1 / scale;
  if (!std::isfinite(inverse)) {
    std::fill(codes, codes + n, zero_);
    return 0;
  }
  for (int64_t i = 0; i < n; ++i) {
    codes[i] = nearest(x[i] * inverse);
    if (keep_nonzero && codes[i] == zero_ && x[i] > 0) ++codes[i];
  }
  return scale;
}

void DynamicMap::dequantize(const uint8_t* codes, int64_t n, float scale, float* x) const {
  for (int64_t i = 0; i < n; ++i) x[i] = values_[codes[i]] * scale;
}

}  // namespace easel::tensor
