#include "tensor/attention_kernels.h"

#include <algorithm>
#include <cmath>

#include "tensor/instruction_sets.h"

namespace easel::tensor::kernels {

namespace {

#define EASEL_INLINE __attribute__((always_inline)) inline

// Sixteen floats: one register of AVX-512, two of AVX2, four of SSE.
typedef float Lane __attribute__((vector_size(64)));
typedef float LooseLane __attribute__((vector_size(64), aligned(4), may_alias));  // anywhere in memory
constexpr int64_t kTile = 32;      // columns of a tile: two lanes
constexpr int64_t kQueryRows = 16;  // queries that pass over the keys together

EASEL_INLINE int64_t padded(int64_t n) { return (n + kTile - 1) / kTile * kTile; }

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

// [length, size] -> [size, padded(length)], the padding 0.
EASEL_INLINE void transpose(HeadRows from, float* to, int64_t length, int64_t size, int64_t width) {
  for (int64_t d = 0; d < size; ++d) {
    for (int64_t t = 0; t < length; ++t) to[d * width + t] = from.data[t * from.stride + d];
    for (int64_t t = length; t < width; ++t) to[d * width + t] = 0;
  }
}

EASEL_INLINE Left rows_of(HeadRows r, int64_t first) { return {r.data + first * r.stride, r.stride, 1}; }

// w [n] becomes softmax(scale * w); returns the logarithm of its denominator.
EASEL_INLINE float softmax(float* w, int64_t n, float scale) {
  float highest = w[0], sum = 0;
#pragma omp simd reduction(max : highest)
  for (int64_t j = 0; j < n; ++j) highest = w[j] > highest ? w[j] : highest;
#pragma omp simd reduction(+ : sum)
  for (int64_t j = 0; j < n; ++j) {
    w[j] = fast_exp((w[j] - highest) * scale);
    sum += w[j];
  }
  const float inverse = 1.0f / sum;
#pragma omp simd
  for (int64_t j = 0; j < n; ++j) w[j] *= inverse;
  return highest * scale + std::log(sum);
}

// c_n [columns] = a_n [inner] b_n [inner, columns] for N independent vectors, side by side. Rows of b_n are
// b_stride apart, its tiles of 32 columns tile_stride. The sums are tile's.
template <int N>
EASEL_INLINE void vector_products(float* const (&c)[N], const float* const (&a)[N], const float* const (&b)[N],
                                  int64_t b_stride, int64_t tile_stride, int64_t columns, int64_t inner) {
  int64_t j = 0;
  for (; j + kTile <= columns; j += kTile) {
    Lane low[N], high[N];
#pragma GCC unroll 8
    for (int n = 0; n < N; ++n) low[n] = high[n] = Lane{};
    for (int64_t k = 0; k < inner; ++k) {
#pragma GCC unroll 8
      for (int n = 0; n < N; ++n) {
        const LooseLane* row = reinterpret_cast<const LooseLane*>(b[n] + j / kTile * tile_stride + k * b_stride);
        low[n] += a[n][k] * row[0];
        high[n] += a[n][k] * row[1];
      }
    }
#pragma GCC unroll 8
    for (int n = 0; n < N; ++n) {
      LooseLane* to = reinterpret_cast<LooseLane*>(c[n] + j);
      to[0] = low[n];
      to[1] = high[n];
    }
  }
  for (int n = 0; n < N && j < columns; ++n) {
    edge(c[n] + j, 0, {a[n], 0, 1}, b[n] + j / kTile * tile_stride, b_stride, 1, columns - j, inner, false);
  }
}

template <int N>
EASEL_INLINE void attend_side_by_side(const CachedQuery* queries, int64_t length, int64_t size) {
  float *scores[N], *out[N];
  const float *q[N], *keys[N], *values[N], *weights[N];
  for (int n = 0; n < N; ++n) {
    q[n] = queries[n].q;
    keys[n] = queries[n].keys;
    values[n] = queries[n].values;
    weights[n] = scores[n] = queries[n].scores;
    out[n] = queries[n].out;
  }
  vector_products<N>(scores, q, keys, kTile, kTile * size, padded(length), size);
  for (int n = 0; n < N; ++n) softmax(scores[n], length, 1.0f / std::sqrt(static_cast<float>(size)));
  vector_products<N>(out, weights, values, size, kTile, size, length);
}

}  // namespace

EASEL_CLONES
void attend(const CachedQuery* queries, int64_t count, int64_t length, int64_t size) {
  int64_t n = 0;
  for (; n + 4 <= count; n += 4) attend_side_by_side<4>(queries + n, length, size);
  for (; n + 2 <= count; n += 2) attend_side_by_side<2>(queries + n, length, size);
  if (n < count) attend_side_by_side<1>(queries + n, length, size);
}

void store_key(float* keys, const float* key, int64_t at, int64_t size) {
  float* column = keys + at / kTile * kTile * size + at % kTile;
  for (int64_t d = 0; d < size; ++d) column[d * kTile] = key[d];
}

int64_t padded_columns(int64_t n) { return padded(n); }

EASEL_CLONES
void causal_attention(HeadRows q, HeadRows k, HeadRows v, HeadRowsOut out, float* log_sum,
                      int64_t length, int64_t size, Scratch& scratch) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(size));
  const int64_t width = padded(length);
  scratch.resize(static_cast<size_t>((size + kQueryRows) * width));
  float *keys = scratch.data(), *weights = keys + size * width;
  transpose(k, keys, length, size, width);
  for (int64_t first = 0; first < length; first += kQueryRows) {
    const int64_t rows = std::min(kQueryRows, length - first), seen = first + rows;
    product(weights, width, rows_of(q, first), keys, width, rows, padded(seen), size, false);
    for (int64_t i = 0; i < rows; ++i) {
      float* w = weights + i * width;
      const int64_t own = first + i + 1;  // keys that this query sees
      log_sum[first + i] = softmax(w, own, scale);
      for (int64_t j = own; j < seen; ++j) w[j] = 0;
    }
    product(out.data + first * out.stride, out.stride, {weights, width, 1}, v.data, v.stride, rows, size,
            seen, false);
  }
}

EASEL_CLONES
void causal_attention_backward(HeadRows q, HeadRows k, HeadRows v, HeadRows out, HeadRows d_out,
                               const float* log_sum, HeadRowsOut dq, HeadRowsOut dk, HeadRowsOut dv,
                               int64_t length, int64_t size, Scratch& scratch) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(size));
  const int64_t width = padded(length);
  scratch.resize(static_cast<size_t>(2 * (size + kQueryRows) * width));
  float *keys = scratch.data(), *values = keys + size * width;
  float *weights = values + size * width, *d_scores = weights + kQueryRows * width;
  transpose(k, keys, length, size, width);
  transpose(v, values, length, size, width);
  for (int64_t first = 0; first < length; first += kQueryRows) {
    const int64_t rows = std::min(kQueryRows, length - first), seen = first + rows;
    product(weights, width, rows_of(q, first), keys, width, rows, padded(seen), size, false);
    product(d_scores, width, rows_of(d_out, first), values, width, rows, padded(seen), size, false);
    for (int64_t i = 0; i < rows; ++i) {
      float *w = weights + i * width, *d = d_scores + i * width;
      const float *y = out.data + (first + i) * out.stride, *dy = d_out.data + (first + i) * d_out.stride;
      const int64_t own = first + i + 1;
      const float log_z = log_sum[first + i];
      float dot = 0;  // sum over j of p_j dp_j = y . dy
#pragma omp simd reduction(+ : dot)
      for (int64_t c = 0; c < size; ++c) dot += y[c] * dy[c];
#pragma omp simd
      for (int64_t j = 0; j < own; ++j) {
        w[j] = fast_exp(w[j] * scale - log_z);
        d[j] = w[j] * (d[j] - dot) * scale;
      }
      for (int64_t j = own; j < seen; ++j) w[j] = d[j] = 0;
    }
    product(dq.data + first * dq.stride, dq.stride, {d_scores, width, 1}, k.data, k.stride, rows, size, seen,
            false);
    product(dk.data, dk.stride, {d_scores, 1, width}, q.data + first * q.stride, q.stride, seen, size, rows,
            true);
    product(dv.data, dv.stride, {weights, 1, width}, d_out.data + first * d_out.stride, d_out.stride, seen,
            size, rows, true);
  }
}

}  // namespace easel::tensor::kernels
