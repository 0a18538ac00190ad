#include "tensor/picture_kernels.h"

#include <algorithm>

#include "tensor/instruction_sets.h"
#include "tensor/tiles.h"

namespace easel::tensor::kernels {

namespace {

constexpr int64_t kSide = 6, kPlaces = kSide * kSide, kResult = 4;

// The transforms of six input values, of six products to four results, and of three weights to six: Toom and
// Cook's at the points 0, +-a, +-b and infinity, b = 2 a. Lavin and Gray have a = 1; at a = 3/4 the largest
// error is a quarter of theirs (tests/bench/RESULTS.md). `step`: from one value to the next.
constexpr float kA = 0.75f, kB = 1.5f, kA2 = kA * kA, kB2 = kB * kB;
constexpr float kSum = kA2 + kB2, kProduct = kA2 * kB2;

template <int W>
EASEL_INLINE void transform_input(const Lane<W>* d, int64_t step, Lane<W> (&v)[kSide]) {
  const Lane<W> d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step], d5 = d[5 * step];
  const Lane<W> even_a = d4 - kB2 * d2, odd_a = kA * (d3 - kB2 * d1);
  const Lane<W> even_b = d4 - kA2 * d2, odd_b = kB * (d3 - kA2 * d1);
  v[0] = kProduct * d0 - kSum * d2 + d4;
  v[1] = even_a + odd_a;
  v[2] = even_a - odd_a;
  v[3] = even_b + odd_b;
  v[4] = even_b - odd_b;
  v[5] = kProduct * d1 - kSum * d3 + d5;
}
template <int W>
EASEL_INLINE void transform_output(const Lane<W>* m, int64_t step, Lane<W> (&y)[kResult]) {
  const Lane<W> m0 = m[0], m1 = m[step], m2 = m[2 * step], m3 = m[3 * step], m4 = m[4 * step], m5 = m[5 * step];
  const Lane<W> even_a = m1 + m2, odd_a = m1 - m2, even_b = m3 + m4, odd_b = m3 - m4;
  y[0] = m0 + even_a + even_b;
  y[1] = kA * odd_a + kB * odd_b;
  y[2] = kA2 * even_a + kB2 * even_b;
  y[3] = kA * kA2 * odd_a + kB * kB2 * odd_b + m5;
}
template <int W>
EASEL_INLINE void transform_weights(const Lane<W>* g, int64_t step, Lane<W> (&u)[kSide]) {
  constexpr float kAtA = 1 / (2 * kA2 * (kA2 - kB2)), kAtB = 1 / (2 * kB2 * (kB2 - kA2));
  const Lane<W> g0 = g[0], g1 = g[step], g2 = g[2 * step];
  const Lane<W> even_a = kAtA * g0 + kAtA * kA2 * g2, odd_a = kAtA * kA * g1;
  const Lane<W> even_b = kAtB * g0 + kAtB * kB2 * g2, odd_b = kAtB * kB * g1;
  u[0] = (1 / kProduct) * g0;
  u[1] = even_a + odd_a;
  u[2] = even_a - odd_a;
  u[3] = even_b + odd_b;
  u[4] = even_b - odd_b;
  u[5] = g2;
}

// One picture's tile, as places of the result.
struct Corner {
  int64_t row, column;
};
EASEL_INLINE Corner corner(int64_t tile, int64_t width) {
  const int64_t across = (width + kResult - 1) / kResult;
  return {tile / across * kResult, tile % across * kResult};
}

// values [36, kWinogradTiles, in] of tile number `slot`.
template <int W>
EASEL_INLINE void read_tile(const WinogradPicture& p, Corner at, int64_t slot, float* values) {
  const int64_t shift = p.doubled ? 1 : 0, height = p.height << shift, width = p.width << shift;
  for (int64_t c = 0; c < p.in; c += kLane) {
    Lane<W> input[kPlaces], half[kPlaces];
    for (int64_t i = 0; i < kSide; ++i) {
      const int64_t row = at.row + i - 1;
      for (int64_t j = 0; j < kSide; ++j) {
        const int64_t column = at.column + j - 1;
        const bool inside = row >= 0 && row < height && column >= 0 && column < width;
        input[i * kSide + j] =
            inside ? load<W>(p.x + ((row >> shift) * p.width + (column >> shift)) * p.in + c) : Lane<W>{};
      }
    }
    for (int64_t j = 0; j < kSide; ++j) {
      Lane<W> v[kSide];
      transform_input(input + j, kSide, v);
      for (int64_t i = 0; i < kSide; ++i) half[i * kSide + j] = v[i];
    }
    for (int64_t i = 0; i < kSide; ++i) {
      Lane<W> v[kSide];
      transform_input(half + i * kSide, 1, v);
      for (int64_t j = 0; j < kSide; ++j) {
        store<W>(values + ((i * kSide + j) * kWinogradTiles + slot) * p.in + c, v[j]);
      }
    }
  }
}

// Results of tile number `slot` from products [36, kWinogradTiles, out].
template <int W>
EASEL_INLINE void write_tile(const WinogradPicture& p, Corner at, int64_t slot, const float* products) {
  const int64_t shift = p.doubled ? 1 : 0, height = p.height << shift, width = p.width << shift;
  for (int64_t c = 0; c < p.out; c += kLane) {
    Lane<W> m[kPlaces], half[kResult * kSide];
    for (int64_t i = 0; i < kPlaces; ++i) m[i] = load<W>(products + (i * kWinogradTiles + slot) * p.out + c);
    for (int64_t j = 0; j < kSide; ++j) {
      Lane<W> y[kResult];
      transform_output(m + j, kSide, y);
      for (int64_t i = 0; i < kResult; ++i) half[i * kSide + j] = y[i];
    }
    const Lane<W> bias = load<W>(p.bias + c);
    for (int64_t i = 0; i < kResult && at.row + i < height; ++i) {
      Lane<W> y[kResult];
      transform_output(half + i * kSide, 1, y);
      for (int64_t j = 0; j < kResult && at.column + j < width; ++j) {
        const int64_t place = ((at.row + i) * width + at.column + j) * p.out + c;
        const Lane<W> result = y[j] + bias;
        store<W>(p.y + place, p.residual != nullptr ? result + load<W>(p.residual + place) : result);
      }
    }
  }
}

template <int W>
EASEL_INLINE void channel_sums_in(const float* x, const float* origin, int64_t places, int64_t channels, double* sums,
                  double* squares) {
  constexpr int64_t kRun = 256;  // short runs in float, their sums in double
  for (int64_t c = 0; c < channels; c += kLane) {
    const Lane<W> from = load<W>(origin + c);
    double total[kLane] = {}, total2[kLane] = {};
    for (int64_t begin = 0; begin < places; begin += kRun) {
      Lane<W> sum = {}, square = {};
      for (int64_t i = begin; i < std::min(places, begin + kRun); ++i) {
        const Lane<W> d = load<W>(x + i * channels + c) - from;
        sum += d;
        square += d * d;
      }
      for (int64_t k = 0; k < kLane; ++k) {
        total[k] += static_cast<double>(sum[k]);
        total2[k] += static_cast<double>(square[k]);
      }
    }
    for (int64_t k = 0; k < kLane; ++k) {
      sums[c + k] = total[k];
      squares[c + k] = total2[k];
    }
  }
}

template <int W>
EASEL_INLINE void winograd_weights_in(const float* weight, float* transformed, int64_t in, int64_t out, int64_t first,
                      int64_t last) {
  for (int64_t c = first; c < last; ++c) {
    for (int64_t o = 0; o < out; o += kLane) {
      Lane<W> g[9], half[kSide * 3];
      for (int64_t k = 0; k < kLane; ++k) {
        const float* from = weight + ((o + k) * in + c) * 9;
        for (int64_t i = 0; i < 9; ++i) g[i].set(k, from[i]);
      }
      for (int64_t j = 0; j < 3; ++j) {
        Lane<W> u[kSide];
        transform_weights(g + j, 3, u);
        for (int64_t i = 0; i < kSide; ++i) half[i * 3 + j] = u[i];
      }
      for (int64_t i = 0; i < kSide; ++i) {
        Lane<W> u[kSide];
        transform_weights(half + i * 3, 1, u);
        for (int64_t j = 0; j < kSide; ++j) store<W>(transformed + ((i * kSide + j) * in + c) * out + o, u[j]);
      }
    }
  }
}

template <int W>
EASEL_INLINE void winograd_in(const WinogradPicture& p, int64_t first, int64_t last, std::vector<float>& scratch) {
  const int64_t width = p.doubled ? 2 * p.width : p.width, tiles = last - first;
  scratch.resize(static_cast<size_t>(kPlaces * kWinogradTiles * (p.in + p.out)));
  float *values = scratch.data(), *products = values + kPlaces * kWinogradTiles * p.in;
  for (int64_t t = 0; t < tiles; ++t) read_tile<W>(p, corner(first + t, width), t, values);
  for (int64_t i = 0; i < kPlaces; ++i) {
    product<W>(products + i * kWinogradTiles * p.out, p.out, {values + i * kWinogradTiles * p.in, p.in, 1},
            p.weights + i * p.in * p.out, p.out, tiles, p.out, p.in, false);
  }
  for (int64_t t = 0; t < tiles; ++t) write_tile<W>(p, corner(first + t, width), t, products);
}

}  // namespace

EASEL_CLONES
void scale_channels(const float* x, const float* slope, const float* shift, float* out, int64_t places,
                    int64_t channels, bool activate) {
  for (int64_t i = 0; i < places; ++i) {
    const float* in = x + i * channels;
    float* to = out + i * channels;
    if (activate) {
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) {
        const float y = in[c] * slope[c] + shift[c];
        to[c] = y / (1.0f + fast_exp(-y));
      }
    } else {
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) to[c] = in[c] * slope[c] + shift[c];
    }
  }
}

EASEL_FOR_EACH_SET(channel_sums, (const float* x, const float* origin, int64_t places, int64_t channels, double* sums, double* squares), (x, origin, places, channels, sums, squares))
EASEL_FOR_EACH_SET(winograd_weights, (const float* weight, float* transformed, int64_t in, int64_t out, int64_t first, int64_t last), (weight, transformed, in, out, first, last))
EASEL_FOR_EACH_SET(winograd, (const WinogradPicture& p, int64_t first, int64_t last, std::vector<float>& scratch), (p, first, last, scratch))

int64_t winograd_tiles(int64_t height, int64_t width) {
  return (height + kResult - 1) / kResult * ((width + kResult - 1) / kResult);
}

}  // namespace easel::tensor::kernels
