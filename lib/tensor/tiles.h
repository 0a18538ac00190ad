// Small matrix products in registers, for the kernels of this folder.
#pragma once

#include <cstdint>

namespace easel::tensor::kernels {

#define EASEL_INLINE __attribute__((always_inline)) inline

// Sixteen floats: one register of AVX-512, two of AVX2, four of SSE.
typedef float Lane __attribute__((vector_size(64)));
typedef float LooseLane __attribute__((vector_size(64), aligned(4), may_alias));  // anywhere in memory
constexpr int64_t kTile = 32;  // columns of a tile: two lanes

// Element (row, inner) of the left factor stands at data[row * row_stride + inner * inner_stride].
struct Left {
  const float* data;
  int64_t row_stride, inner_stride;
};

// c [Rows, kTile] (+)= left [Rows, inner] b [inner, kTile], accumulated in registers. Every element is
// one sum in the order of `inner`, whatever the tile.
template <int Rows>
EASEL_INLINE void tile(float* c, int64_t c_stride, Left a, const float* b, int64_t b_stride,
                       int64_t inner, bool add) {
  Lane sum[Rows][2];
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i) {
    const LooseLane* from = reinterpret_cast<const LooseLane*>(c + i * c_stride);
    sum[i][0] = add ? from[0] : Lane{};
    sum[i][1] = add ? from[1] : Lane{};
  }
  for (int64_t k = 0; k < inner; ++k) {
    const LooseLane* row = reinterpret_cast<const LooseLane*>(b + k * b_stride);
    const Lane b0 = row[0], b1 = row[1];
#pragma GCC unroll 8
    for (int i = 0; i < Rows; ++i) {
      const float x = a.data[i * a.row_stride + k * a.inner_stride];
      sum[i][0] += x * b0;
      sum[i][1] += x * b1;
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i) {
    LooseLane* to = reinterpret_cast<LooseLane*>(c + i * c_stride);
    to[0] = sum[i][0];
    to[1] = sum[i][1];
  }
}

// The same for the columns that fill no tile.
EASEL_INLINE void edge(float* c, int64_t c_stride, Left a, const float* b, int64_t b_stride,
                       int64_t rows, int64_t columns, int64_t inner, bool add) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      float sum = add ? c[i * c_stride + j] : 0;
      for (int64_t k = 0; k < inner; ++k) {
        sum += a.data[i * a.row_stride + k * a.inner_stride] * b[k * b_stride + j];
      }
      c[i * c_stride + j] = sum;
    }
  }
}

// c [rows, columns] (+)= a [rows, inner] b [inner, columns].
EASEL_INLINE void product(float* c, int64_t c_stride, Left a, const float* b, int64_t b_stride,
                          int64_t rows, int64_t columns, int64_t inner, bool add) {
  constexpr int kRows = 4;
  int64_t j = 0;
  for (; j + kTile <= columns; j += kTile) {
    int64_t i = 0;
    for (; i + kRows <= rows; i += kRows) {
      tile<kRows>(c + i * c_stride + j, c_stride,
                  {a.data + i * a.row_stride, a.row_stride, a.inner_stride}, b + j, b_stride, inner, add);
    }
    for (; i < rows; ++i) {
      tile<1>(c + i * c_stride + j, c_stride, {a.data + i * a.row_stride, a.row_stride, a.inner_stride},
              b + j, b_stride, inner, add);
    }
  }
  if (j < columns) edge(c + j, c_stride, a, b + j, b_stride, rows, columns - j, inner, add);
}

}  // namespace easel::tensor::kernels
