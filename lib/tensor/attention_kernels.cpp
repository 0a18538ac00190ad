#include "tensor/attention_kernels.h"

#include <algorithm>
#include <cmath>

#include "tensor/instruction_sets.h"
#include "tensor/tiles.h"

namespace easel::tensor::kernels {

namespace {

constexpr int64_t kQueryRows = 16;  // queries that pass over the keys together

EASEL_INLINE int64_t padded(int64_t n) { return (n + kTile - 1) / kTile * kTile; }

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

// c_n [columns] (+)= a_n [inner] b_n [inner, columns] for N independent vectors, side by side; with OneB they
// all meet b_0. Rows of b_n are b_stride apart, its tiles of 32 columns tile_stride. The sums are tile's.
template <int W, int N, bool OneB>
EASEL_INLINE void vector_products(float* const (&c)[N], const float* const (&a)[N], const float* const (&b)[N],
                                  int64_t b_stride, int64_t tile_stride, int64_t columns, int64_t inner, bool add) {
  constexpr int kLanes = W == 16 ? 2 : 1;
  int64_t j = 0;
  for (; j + kTile <= columns; j += kTile) {
    for (int64_t at = 0; at < kTile; at += kLanes * kLane) {
      Lane<W> sum[N][kLanes];
#pragma GCC unroll 8
      for (int n = 0; n < N; ++n) {
#pragma GCC unroll 2
        for (int l = 0; l < kLanes; ++l) sum[n][l] = add ? load<W>(c[n] + j + at + l * kLane) : Lane<W>{};
      }
      for (int64_t k = 0; k < inner; ++k) {
#pragma GCC unroll 8
        for (int n = 0; n < N; ++n) {
          const float* row = b[OneB ? 0 : n] + j / kTile * tile_stride + k * b_stride + at;
#pragma GCC unroll 2
          for (int l = 0; l < kLanes; ++l) sum[n][l] += a[n][k] * load<W>(row + l * kLane);
        }
      }
#pragma GCC unroll 8
      for (int n = 0; n < N; ++n) {
#pragma GCC unroll 2
        for (int l = 0; l < kLanes; ++l) store<W>(c[n] + j + at + l * kLane, sum[n][l]);
      }
    }
  }
  for (int n = 0; n < N && j < columns; ++n) {
    edge(c[n] + j, 0, {a[n], 0, 1}, b[OneB ? 0 : n] + j / kTile * tile_stride, b_stride, 1, columns - j, inner, add);
  }
}

// The parts of attend, each for N queries `stride` apart.
struct SharedScores {
  template <int W, int N>
  EASEL_INLINE static void run(const CachedQuery* queries, int64_t stride, int64_t size) {
    float* scores[N];
    const float *q[N], *keys[N];
    int64_t longest = 0;
    for (int n = 0; n < N; ++n) {
      const CachedQuery& query = queries[n * stride];
      scores[n] = query.scores;
      q[n] = query.q;
      keys[n] = query.shared_keys;
      longest = std::max(longest, query.shared);
    }
    // Past a query's own share of the prefix come its own keys' scores, written after these.
    vector_products<W, N, true>(scores, q, keys, kTile, kTile * size, padded(longest), size, false);
  }
};
struct OwnScores {
  template <int W, int N>
  EASEL_INLINE static void run(const CachedQuery* queries, int64_t stride, int64_t size) {
    float* scores[N];
    const float *q[N], *keys[N];
    for (int n = 0; n < N; ++n) {
      const CachedQuery& query = queries[n * stride];
      scores[n] = query.scores + query.shared;
      q[n] = query.q;
      keys[n] = query.keys;
    }
    vector_products<W, N, false>(scores, q, keys, kTile, kTile * size, padded(queries[0].own), size, false);
  }
};
struct SharedValues {
  template <int W, int N>
  EASEL_INLINE static void run(const CachedQuery* queries, int64_t stride, int64_t size) {
    float* out[N];
    const float *weights[N], *values[N];
    int64_t common = queries[0].shared;
    for (int n = 0; n < N; ++n) {
      const CachedQuery& query = queries[n * stride];
      out[n] = query.out;
      weights[n] = query.scores;
      values[n] = query.shared_values;
      common = std::min(common, query.shared);
    }
    vector_products<W, N, true>(out, weights, values, size, kTile, size, common, false);
    for (int n = 0; n < N; ++n) {
      const int64_t rest = queries[n * stride].shared - common;
      if (rest == 0) continue;
      float* one_out[1] = {out[n]};
      const float *one_weights[1] = {weights[n] + common}, *one_values[1] = {values[n] + common * size};
      vector_products<W, 1, true>(one_out, one_weights, one_values, size, kTile, size, rest, true);
    }
  }
};
struct OwnValues {
  template <int W, int N>
  EASEL_INLINE static void run(const CachedQuery* queries, int64_t stride, int64_t size) {
    float* out[N];
    const float *weights[N], *values[N];
    for (int n = 0; n < N; ++n) {
      const CachedQuery& query = queries[n * stride];
      out[n] = query.out;
      weights[n] = query.scores + query.shared;
      values[n] = query.values;
    }
    vector_products<W, N, false>(out, weights, values, size, kTile, size, queries[0].own, true);
  }
};

// A part for `count` queries: four, two or one at a time.
template <int W, class Part>
EASEL_INLINE void in_fours(const CachedQuery* queries, int64_t count, int64_t stride, int64_t size) {
  int64_t at = 0;
  for (; at + 4 <= count; at += 4) Part::template run<W, 4>(queries + at * stride, stride, size);
  for (; at + 2 <= count; at += 2) Part::template run<W, 2>(queries + at * stride, stride, size);
  if (at < count) Part::template run<W, 1>(queries + at * stride, stride, size);
}

template <int W>
EASEL_INLINE void attend_in(const CachedQuery* queries, int64_t heads, int64_t rows, int64_t size) {
  for (int64_t h = 0; h < heads; ++h) in_fours<W, SharedScores>(queries + h * rows, rows, 1, size);
  for (int64_t r = 0; r < rows; ++r) in_fours<W, OwnScores>(queries + r, heads, rows, size);
  const float scale = 1.0f / std::sqrt(static_cast<float>(size));
  for (int64_t i = 0; i < heads * rows; ++i) softmax(queries[i].scores, queries[i].shared + queries[i].own, scale);
  for (int64_t h = 0; h < heads; ++h) in_fours<W, SharedValues>(queries + h * rows, rows, 1, size);
  for (int64_t r = 0; r < rows; ++r) in_fours<W, OwnValues>(queries + r, heads, rows, size);
}

}  // namespace

EASEL_FOR_EACH_SET(attend, (const CachedQuery* queries, int64_t heads, int64_t rows, int64_t size), (queries, heads, rows, size))

void store_key(float* keys, const float* key, int64_t at, int64_t size) {
  float* column = keys + at / kTile * kTile * size + at % kTile;
  for (int64_t d = 0; d < size; ++d) column[d * kTile] = key[d];
}

int64_t padded_columns(int64_t n) { return padded(n); }

namespace {

template <int W>
EASEL_INLINE void causal_attention_in(HeadRows q, HeadRows k, HeadRows v, HeadRowsOut out, float* log_sum,
                      int64_t length, int64_t size, Scratch& scratch) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(size));
  const int64_t width = padded(length);
  scratch.resize(static_cast<size_t>((size + kQueryRows) * width));
  float *keys = scratch.data(), *weights = keys + size * width;
  transpose(k, keys, length, size, width);
  for (int64_t first = 0; first < length; first += kQueryRows) {
    const int64_t rows = std::min(kQueryRows, length - first), seen = first + rows;
    product<W>(weights, width, rows_of(q, first), keys, width, rows, padded(seen), size, false);
    for (int64_t i = 0; i < rows; ++i) {
      float* w = weights + i * width;
      const int64_t own = first + i + 1;  // keys that this query sees
      log_sum[first + i] = softmax(w, own, scale);
      for (int64_t j = own; j < seen; ++j) w[j] = 0;
    }
    product<W>(out.data + first * out.stride, out.stride, {weights, width, 1}, v.data, v.stride, rows, size,
            seen, false);
  }
}

template <int W>
EASEL_INLINE void causal_attention_backward_in(HeadRows q, HeadRows k, HeadRows v, HeadRows out, HeadRows d_out,
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
    product<W>(weights, width, rows_of(q, first), keys, width, rows, padded(seen), size, false);
    product<W>(d_scores, width, rows_of(d_out, first), values, width, rows, padded(seen), size, false);
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
    product<W>(dq.data + first * dq.stride, dq.stride, {d_scores, width, 1}, k.data, k.stride, rows, size, seen,
            false);
    product<W>(dk.data, dk.stride, {d_scores, 1, width}, q.data + first * q.stride, q.stride, seen, size, rows,
            true);
    product<W>(dv.data, dv.stride, {weights, 1, width}, d_out.data + first * d_out.stride, d_out.stride, seen,
            size, rows, true);
  }
}

}  // namespace

EASEL_FOR_EACH_SET(causal_attention,
                   (HeadRows q, HeadRows k, HeadRows v, HeadRowsOut out, float* log_sum, int64_t length, int64_t size,
                    Scratch& scratch),
                   (q, k, v, out, log_sum, length, size, scratch))
EASEL_FOR_EACH_SET(causal_attention_backward,
                   (HeadRows q, HeadRows k, HeadRows v, HeadRows out, HeadRows d_out, const float* log_sum, HeadRowsOut dq,
                    HeadRowsOut dk, HeadRowsOut dv, int64_t length, int64_t size, Scratch& scratch),
                   (q, k, v, out, d_out, log_sum, dq, dk, dv, length, size, scratch))

}  // namespace easel::tensor::kernels
