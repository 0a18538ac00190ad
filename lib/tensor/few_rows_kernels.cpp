#include "tensor/few_rows_kernels.h"

#include <cstring>

#include "tensor/instruction_sets.h"
#include "tensor/tiles.h"

namespace easel::tensor::kernels {

namespace {

constexpr int64_t kLane = 16;
typedef uint16_t HalfLane __attribute__((vector_size(32), aligned(2), may_alias));
typedef uint32_t WordLane __attribute__((vector_size(64)));

// bfloat16 is the upper half of a float32.
EASEL_INLINE void widen(const uint16_t* w, Lane& lane) {
  const WordLane words = __builtin_convertvector(*reinterpret_cast<const HalfLane*>(w), WordLane) << 16;
  std::memcpy(&lane, &words, sizeof lane);
}
EASEL_INLINE void widen(const float* w, Lane& lane) { lane = *reinterpret_cast<const LooseLane*>(w); }
EASEL_INLINE float widened_one(const float* w) { return *w; }
EASEL_INLINE float widened_one(const uint16_t* w) {
  const uint32_t word = uint32_t{*w} << 16;
  float value;
  std::memcpy(&value, &word, sizeof value);
  return value;
}

// The sum of a lane's numbers: halves are added until one is left.
EASEL_INLINE float lane_sum(const Lane& lane) {
  typedef float Eight __attribute__((vector_size(32)));
  typedef float Four __attribute__((vector_size(16)));
  Eight eight[2];
  std::memcpy(eight, &lane, sizeof eight);
  const Eight sum = eight[0] + eight[1];
  Four four[2];
  std::memcpy(four, &sum, sizeof four);
  const Four rest = four[0] + four[1];
  return (rest[0] + rest[2]) + (rest[1] + rest[3]);
}

// Rows x Columns of the result at once: each weight that is widened meets Rows values, each value Columns weights.
template <int Rows, int Columns, class Weight>
EASEL_INLINE void block(const float* x, const Weight* w, int64_t width, float* out, int64_t out_stride) {
  Lane sum[Rows][Columns] = {};
  const int64_t whole = width / kLane * kLane;
  for (int64_t k = 0; k < whole; k += kLane) {
    Lane weights[Columns];
#pragma GCC unroll 8
    for (int c = 0; c < Columns; ++c) widen(w + c * width + k, weights[c]);
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      const Lane values = *reinterpret_cast<const LooseLane*>(x + r * width + k);
#pragma GCC unroll 8
      for (int c = 0; c < Columns; ++c) sum[r][c] += values * weights[c];
    }
  }
  for (int r = 0; r < Rows; ++r) {
    for (int c = 0; c < Columns; ++c) {
      float total = lane_sum(sum[r][c]);
      for (int64_t k = whole; k < width; ++k) total += x[r * width + k] * widened_one(w + c * width + k);
      out[r * out_stride + c] = total;
    }
  }
}

template <int Columns, class Weight>
EASEL_INLINE void columns(const float* x, int64_t rows, const Weight* w, int64_t width, float* out, int64_t out_stride) {
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4) block<4, Columns>(x + r * width, w, width, out + r * out_stride, out_stride);
  if (r + 2 <= rows) {
    block<2, Columns>(x + r * width, w, width, out + r * out_stride, out_stride);
    r += 2;
  }
  if (r < rows) block<1, Columns>(x + r * width, w, width, out + r * out_stride, out_stride);
}

template <class Weight>
EASEL_INLINE void product_of(const float* x, int64_t rows, const Weight* w, int64_t count, int64_t width, float* out,
                             int64_t out_stride) {
  int64_t c = 0;
  for (; c + 4 <= count; c += 4) columns<4>(x, rows, w + c * width, width, out + c, out_stride);
  for (; c < count; ++c) columns<1>(x, rows, w + c * width, width, out + c, out_stride);
}

}  // namespace

EASEL_CLONES
void few_rows_product(const float* x, int64_t rows, const float* w, int64_t count, int64_t width, float* out,
                      int64_t out_stride) {
  product_of(x, rows, w, count, width, out, out_stride);
}

EASEL_CLONES
void few_rows_product(const float* x, int64_t rows, const uint16_t* w, int64_t count, int64_t width, float* out,
                      int64_t out_stride) {
  product_of(x, rows, w, count, width, out, out_stride);
}

}  // namespace easel::tensor::kernels
