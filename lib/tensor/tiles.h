// Small matrix products in registers, for the kernels of this folder.
#pragma once

#include <cstdint>

#include "tensor/instruction_sets.h"

namespace easel::tensor::kernels {

template <int W>
struct Register;
template <>
struct Register<16> {
  typedef float Floats __attribute__((vector_size(64)));
  typedef float Loose __attribute__((vector_size(64), aligned(4), may_alias));  // anywhere in memory
  typedef uint32_t Words __attribute__((vector_size(64)));
  typedef uint16_t LooseHalves __attribute__((vector_size(32), aligned(2), may_alias));
};
template <>
struct Register<8> {
  typedef float Floats __attribute__((vector_size(32)));
  typedef float Loose __attribute__((vector_size(32), aligned(4), may_alias));
  typedef uint32_t Words __attribute__((vector_size(32)));
  typedef uint16_t LooseHalves __attribute__((vector_size(16), aligned(2), may_alias));
};
template <>
struct Register<4> {
  typedef float Floats __attribute__((vector_size(16)));
  typedef float Loose __attribute__((vector_size(16), aligned(4), may_alias));
  typedef uint32_t Words __attribute__((vector_size(16)));
  typedef uint16_t LooseHalves __attribute__((vector_size(8), aligned(2), may_alias));
};

constexpr int64_t kLane = 16;

// Sixteen floats in registers of W: one, two or four of them. What is computed with a lane does not depend on W.
template <int W>
struct Lane {
  static constexpr int kParts = kLane / W;
  typename Register<W>::Floats part[kParts];

  EASEL_INLINE float operator[](int64_t i) const { return part[i / W][i % W]; }
  EASEL_INLINE void set(int64_t i, float x) { part[i / W][i % W] = x; }
};
template <int W>
EASEL_INLINE Lane<W> load(const float* at) {
  Lane<W> x;
#pragma GCC unroll 4
  for (int i = 0; i < Lane<W>::kParts; ++i) x.part[i] = *reinterpret_cast<const typename Register<W>::Loose*>(at + i * W);
  return x;
}
template <int W>
EASEL_INLINE void store(float* at, const Lane<W>& x) {
#pragma GCC unroll 4
  for (int i = 0; i < Lane<W>::kParts; ++i) *reinterpret_cast<typename Register<W>::Loose*>(at + i * W) = x.part[i];
}
template <int W>
EASEL_INLINE Lane<W> operator+(Lane<W> a, const Lane<W>& b) {
#pragma GCC unroll 4
  for (int i = 0; i < Lane<W>::kParts; ++i) a.part[i] += b.part[i];
  return a;
}
template <int W>
EASEL_INLINE Lane<W> operator-(Lane<W> a, const Lane<W>& b) {
#pragma GCC unroll 4
  for (int i = 0; i < Lane<W>::kParts; ++i) a.part[i] -= b.part[i];
  return a;
}
template <int W>
EASEL_INLINE Lane<W> operator*(Lane<W> a, const Lane<W>& b) {
#pragma GCC unroll 4
  for (int i = 0; i < Lane<W>::kParts; ++i) a.part[i] *= b.part[i];
  return a;
}
template <int W>
EASEL_INLINE Lane<W> operator*(float x, Lane<W> a) {
#pragma GCC unroll 4
  for (int i = 0; i < Lane<W>::kParts; ++i) a.part[i] *= x;
  return a;
}
template <int W>
EASEL_INLINE void operator+=(Lane<W>& a, const Lane<W>& b) {
  a = a + b;
}

constexpr int64_t kTile = 32;  // columns of a tile: two lanes

// Element (row, inner) of the left factor stands at data[row * row_stride + inner * inner_stride].
struct Left {
  const float* data;
  int64_t row_stride, inner_stride;
};

// c [Rows, 16 Lanes] (+)= left [Rows, inner] b [inner, 16 Lanes], accumulated in registers. Every element is one sum in
// the order of `inner`, whatever the tile.
template <int W, int Rows, int Lanes>
EASEL_INLINE void tile(float* c, int64_t c_stride, Left a, const float* b, int64_t b_stride, int64_t inner, bool add) {
  Lane<W> sum[Rows][Lanes];
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
    for (int l = 0; l < Lanes; ++l) sum[i][l] = add ? load<W>(c + i * c_stride + l * kLane) : Lane<W>{};
  }
  for (int64_t k = 0; k < inner; ++k) {
    Lane<W> row[Lanes];
#pragma GCC unroll 2
    for (int l = 0; l < Lanes; ++l) row[l] = load<W>(b + k * b_stride + l * kLane);
#pragma GCC unroll 8
    for (int i = 0; i < Rows; ++i) {
      const float x = a.data[i * a.row_stride + k * a.inner_stride];
#pragma GCC unroll 2
      for (int l = 0; l < Lanes; ++l) sum[i][l] += x * row[l];
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
    for (int l = 0; l < Lanes; ++l) store<W>(c + i * c_stride + l * kLane, sum[i][l]);
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
template <int W>
EASEL_INLINE void product(float* c, int64_t c_stride, Left a, const float* b, int64_t b_stride,
                          int64_t rows, int64_t columns, int64_t inner, bool add) {
  // As many sums as there are registers for: 32 with AVX-512, of sixteen otherwise.
  constexpr int kRows = W == 4 ? 2 : 4, kLanes = W == 16 ? 2 : 1;
  int64_t j = 0;
  for (; j + kTile <= columns; j += kTile) {
    for (int64_t at = j; at < j + kTile; at += kLanes * kLane) {
      int64_t i = 0;
      for (; i + kRows <= rows; i += kRows) {
        tile<W, kRows, kLanes>(c + i * c_stride + at, c_stride,
                               {a.data + i * a.row_stride, a.row_stride, a.inner_stride}, b + at, b_stride, inner, add);
      }
      for (; i < rows; ++i) {
        tile<W, 1, kLanes>(c + i * c_stride + at, c_stride, {a.data + i * a.row_stride, a.row_stride, a.inner_stride},
                           b + at, b_stride, inner, add);
      }
    }
  }
  if (j < columns) edge(c + j, c_stride, a, b + j, b_stride, rows, columns - j, inner, add);
}

}  // namespace easel::tensor::kernels
