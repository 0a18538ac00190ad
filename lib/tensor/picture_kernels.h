// Loops over pictures whose channels lie side by side, [places, channels] or [rows, columns, channels], in
// float32; channels come in multiples of 32. No threads inside: callers split the work, and no result
// depends on how.
#pragma once

#include <cstdint>
#include <vector>

namespace easel::tensor::kernels {

// Sums over places of each channel's x - origin and its square, in double: what the moments of group norm
// (Wu and He, arXiv 1803.08494) are made of. An origin near the mean keeps the squares from cancelling.
void channel_sums(const float* x, const float* origin, int64_t places, int64_t channels, double* sums,
                  double* squares);
// out = x slope_c + shift_c, then SiLU where `activate` is true. out may be x.
void scale_channels(const float* x, const float* slope, const float* shift, float* out, int64_t places,
                    int64_t channels, bool activate);

// 3 x 3 convolutions of stride 1 with one row of zeros around: Winograd's F(4 x 4, 3 x 3) (Lavin and Gray,
// arXiv 1509.09308): 36 products for 16 results where 144 stand in the definition. Differences from
// the plain sum are some 1e-6 of the largest term.
//
// weight [out, in, 3, 3] -> [36, in, out], for the input channels first <= c < last.
void winograd_weights(const float* weight, float* transformed, int64_t in, int64_t out, int64_t first, int64_t last);

// A picture x [height, width, in] and the result y of [height, width, out] + bias (+ residual, shaped as y).
// With `doubled` every pixel of x stands for 2 x 2 (nearest upsampling), and y is [2 height, 2 width, out].
struct WinogradPicture {
  const float *x, *weights, *bias, *residual;  // residual may be null
  float* y;
  int64_t height, width, in, out;
  bool doubled;
};
// The result is made of tiles of 4 x 4 pixels, row by row. Computes those first <= t < last, at most
// kWinogradTiles of them.
constexpr int64_t kWinogradTiles = 32;
int64_t winograd_tiles(int64_t height, int64_t width);
void winograd(const WinogradPicture& p, int64_t first, int64_t last, std::vector<float>& scratch);

}  // namespace easel::tensor::kernels
