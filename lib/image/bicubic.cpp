#include "image/bicubic.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "image/draw.h"

namespace easel::image {

namespace {

constexpr int kBits = 22;  // of a weight's fraction: bytes times weights stay in 32 bits

double kernel(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

// Output pixel i = sum of weights[j] * input pixel first + j, in fixed point.
struct Taps {
  int first = 0;
  std::vector<int32_t> weights;
};

std::vector<Taps> make_taps(int from, int to) {
  const double scale = static_cast<double>(from) / to, widened = std::max(scale, 1.0), support = 2 * widened;
  std::vector<Taps> all(static_cast<size_t>(to));
  for (int i = 0; i < to; ++i) {
    const double center = (i + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(center - support + 0.5));
    const int last = std::min(from, static_cast<int>(center + support + 0.5));
    std::vector<double> weights;
    double sum = 0;
    for (int j = first; j < last; ++j) {
      weights.push_back(kernel((j - center + 0.5) * (1.0 / widened)));
      sum += weights.back();
    }
    Taps& taps = all[static_cast<size_t>(i)];
    taps.first = first;
    for (const double w : weights) {
      const double scaled = (sum != 0 ? w / sum : w) * (1 << kBits);
      taps.weights.push_back(static_cast<int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
    }
  }
  return all;
}

// One byte of the result, from bytes `step` apart.
uint8_t weighted(const uint8_t* in, size_t step, const Taps& taps) {
  int32_t sum = 1 << (kBits - 1);
  const uint8_t* p = in + static_cast<size_t>(taps.first) * step;
  for (const int32_t w : taps.weights) {
    sum += *p * w;
    p += step;
  }
  return static_cast<uint8_t>(std::clamp(sum >> kBits, 0, 255));
}

}  // namespace

Image resize_bicubic(const Image& image, int width, int height) {
  if (image.width <= 0 || image.height <= 0 || width <= 0 || height <= 0) {
    base::fail("cannot resize to or from a picture without pixels");
  }
  Image wide = image;
  if (width != image.width) {
    wide = Image(width, image.height);
    const auto taps = make_taps(image.width, width);
    for (int y = 0; y < image.height; ++y) {
      const uint8_t* in = image.rgb.data() + static_cast<size_t>(y) * static_cast<size_t>(image.width) * 3;
      uint8_t* out = wide.rgb.data() + static_cast<size_t>(y) * static_cast<size_t>(width) * 3;
      for (const Taps& t : taps) {
        for (int c = 0; c < 3; ++c) *out++ = weighted(in + c, 3, t);
      }
    }
  }
  if (height == image.height) return wide;
  Image result(width, height);
  const auto taps = make_taps(image.height, height);
  const auto stride = static_cast<size_t>(width) * 3;
  for (size_t y = 0; y < static_cast<size_t>(height); ++y) {
    uint8_t* out = result.rgb.data() + y * stride;
    for (size_t i = 0; i < stride; ++i) out[i] = weighted(wide.rgb.data() + i, stride, taps[y]);
  }
  return result;
}

Image fit_square(const Image& image, int side, int least, Rgb background) {
  const double scale = static_cast<double>(side) / std::max(image.width, image.height);
  // Halves go to the even number, as Python rounds.
  const auto scaled = [&](int extent) { return std::max(static_cast<int>(std::nearbyint(extent * scale)), least); };
  const Image small = resize_bicubic(image, scaled(image.width), scaled(image.height));
  const int square = std::max(small.width, small.height);
  if (small.width == small.height) return small;
  Image result(square, square, background);
  paste(result, small, (square - small.width) / 2, (square - small.height) / 2);
  return result;
}

Image vision_square(const Image& image, int side) {
  constexpr int kLeast = 14;
  Image square = fit_square(image, side, kLeast, {127, 127, 127});
  if (square.width != side) {
    base::fail(base::cat("a vision tower of ", side, " pixels is too small for a picture of ", image.width, " x ", image.height));
  }
  return square;
}

}  // namespace easel::image
