#include "tensor/few_rows_kernels.h"

#include <cstring>

#include "tensor/instruction_sets.h"
#include "tensor/tiles.h"

namespace easel::tensor::kernels {

namespace {

// bfloat16 is the upper half of a float32.
template <int W>
EASEL_INLINE Lane<W> widened(const uint16_t* w) {
  using Words = typename Register<W>::Words;
  using Halves = typename Register<W>::LooseHalves;
  Lane<W> lane;
#pragma GCC unroll 4
  for (int i = 0; i < Lane<W>::kParts; ++i) {
    const Words words = __builtin_convertvector(*reinterpret_cast<const Halves*>(w + i * W), Words) << 16;
    std::memcpy(&lane.part[i], &words, sizeof words);
  }
  return lane;
}
template <int W>
EASEL_INLINE Lane<W> widened(const float* w) { return load<W>(w); }
EASEL_INLINE float widened_one(const float* w) { return *w; }
EASEL_INLINE float widened_one(const uint16_t* w) {
  const uint32_t word = uint32_t{*w} << 16;
  float value;
  std::memcpy(&value, &word, sizeof value);
  return value;
}

// The sum of a lane's numbers: halves are added until one is left.
template <int W>
EASEL_INLINE float lane_sum(const Lane<W>& lane) {
  float at[kLane];
  store<W>(at, lane);
  const Lane<4> all = load<4>(at);
  const auto rest = (all.part[0] + all.part[2]) + (all.part[1] + all.part[3]);
  return (rest[0] + rest[2]) + (rest[1] + rest[3]);
}

// Rows x Columns of the result at once: each weight that is widened meets Rows values, each value Columns weights.
template <int W, int Rows, int Columns, class Weight>
EASEL_INLINE void block(const float* x, const Weight* w, int64_t width, float* out, int64_t out_stride) {
  Lane<W> sum[Rows][Columns] = {};
  const int64_t whole = width / kLane * kLane;
  for (int64_t k = 0; k < whole; k += kLane) {
    Lane<W> weights[Columns];
#pragma GCC unroll 8
    for (int c = 0; c < Columns; ++c) weights[c] = widened<W>(w + c * width + k);
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      const Lane<W> values = load<W>(x + r * width + k);
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

template <int W, int Columns, class Weight>
EASEL_INLINE void columns(const float* x, int64_t rows, const Weight* w, int64_t width, float* out, int64_t out_stride) {
  int64_t r = 0;
  if constexpr (W == 16) {
    for (; r + 4 <= rows; r += 4) block<W, 4, Columns>(x + r * width, w, width, out + r * out_stride, out_stride);
  }
  for (; r + 2 <= rows; r += 2) block<W, 2, Columns>(x + r * width, w, width, out + r * out_stride, out_stride);
  if (r < rows) block<W, 1, Columns>(x + r * width, w, width, out + r * out_stride, out_stride);
}

// As many sums at once as there are registers for.
template <int W, class Weight>
EASEL_INLINE void few_rows_product_in(const float* x, int64_t rows, const Weight* w, int64_t count, int64_t width, float* out,
                                      int64_t out_stride) {
  constexpr int kColumns = W == 16 ? 4 : 2;
  int64_t c = 0;
  for (; c + kColumns <= count; c += kColumns) columns<W, kColumns>(x, rows, w + c * width, width, out + c, out_stride);
  for (; c < count; ++c) columns<W, 1>(x, rows, w + c * width, width, out + c, out_stride);
}

}  // namespace

EASEL_FOR_EACH_SET(few_rows_product,
                   (const float* x, int64_t rows, const float* w, int64_t count, int64_t width, float* out, int64_t out_stride),
                   (x, rows, w, count, width, out, out_stride))
EASEL_FOR_EACH_SET(few_rows_product,
                   (const float* x, int64_t rows, const uint16_t* w, int64_t count, int64_t width, float* out, int64_t out_stride),
                   (x, rows, w, count, width, out, out_stride))

}  // namespace easel::tensor::kernels
