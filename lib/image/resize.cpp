// Resizing. Both axes are linear maps of rows and columns, applied one after the other.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "image/draw.h"

namespace easel::image {

namespace {

// Output pixel = sum of weight * input pixel over [first, first + weights.size()).
struct Tap {
  int first = 0;
  std::vector<float> weights;
};

std::vector<Tap> make_taps(int from, int to) {
  std::vector<Tap> taps(static_cast<size_t>(to));
  const double scale = static_cast<double>(from) / to;
  for (int i = 0; i < to; ++i) {
    Tap& tap = taps[static_cast<size_t>(i)];
    if (to < from) {
      // Area: how much of each input pixel lies below the output pixel.
      const double begin = i * scale, end = begin + scale;
      tap.first = static_cast<int>(begin);
      const int last = std::min(from, static_cast<int>(std::ceil(end - 1e-9)));
      for (int j = tap.first; j < last; ++j) {
        const double part = std::min(end, j + 1.0) - std::max(begin, static_cast<double>(j));
        tap.weights.push_back(static_cast<float>(part / scale));
      }
    } else {
      // Bilinear between pixel centres; the border is continued outwards.
      const double centre = std::clamp((i + 0.5) * scale - 0.5, 0.0, from - 1.0);
      tap.first = std::min(static_cast<int>(centre), std::max(0, from - 2));
      const auto part = static_cast<float>(centre - tap.first);
      tap.weights = {1 - part};
      if (from > 1) tap.weights.push_back(part);
    }
  }
  return taps;
}

}  // namespace

Image resize(const Image& image, int width, int height) {
  if (image.width <= 0 || image.height <= 0 || width <= 0 || height <= 0) {
    base::fail("cannot resize to or from a picture without pixels");
  }
  if (width == image.width && height == image.height) return image;
  const auto columns = make_taps(image.width, width), rows = make_taps(image.height, height);
  const auto in_stride = static_cast<size_t>(image.width) * 3;
  const auto out_stride = static_cast<size_t>(width) * 3;
  std::vector<float> wide(out_stride * static_cast<size_t>(image.height));
  for (size_t y = 0; y < static_cast<size_t>(image.height); ++y) {
    const uint8_t* in = image.rgb.data() + y * in_stride;
    float* out = wide.data() + y * out_stride;
    for (const Tap& tap : columns) {
      float sum[3] = {};
      const uint8_t* p = in + 3 * static_cast<size_t>(tap.first);
      for (const float w : tap.weights) {
        for (int c = 0; c < 3; ++c) sum[c] += w * *p++;
      }
      for (int c = 0; c < 3; ++c) *out++ = sum[c];
    }
  }
  Image result(width, height);
  std::vector<float> line(out_stride);
  for (size_t y = 0; y < static_cast<size_t>(height); ++y) {
    const Tap& tap = rows[y];
    std::fill(line.begin(), line.end(), 0.0F);
    const float* in = wide.data() + static_cast<size_t>(tap.first) * out_stride;
    for (const float w : tap.weights) {
      for (size_t i = 0; i < out_stride; ++i) line[i] += w * in[i];
      in += out_stride;
    }
    uint8_t* out = result.rgb.data() + y * out_stride;
    for (size_t i = 0; i < out_stride; ++i) {
      out[i] = static_cast<uint8_t>(std::clamp(std::lround(line[i]), 0L, 255L));
    }
  }
  return result;
}

Size size_within(const Image& image, int side) {
  const int longest = std::max(image.width, image.height);
  if (longest <= side) return {image.width, image.height};
  const auto scaled = [&](int length) { return std::max(1, static_cast<int>(int64_t{length} * side / longest)); };
  return {scaled(image.width), scaled(image.height)};
}

Image fit_within(const Image& image, int side) {
  const Size size = size_within(image, side);
  return size.width == image.width && size.height == image.height ? image : resize(image, size.width, size.height);
}

Image enlarge(const Image& image, int factor) {
  if (factor < 1) base::fail("cannot enlarge by a factor below 1");
  Image result(image.width * factor, image.height * factor);
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x) result.set(x, y, image.at(x / factor, y / factor));
  }
  return result;
}

Image square_at(const Image& image, int along) {
  const int side = std::min(image.width, image.height);
  Image result(side, side);
  paste(result, image, image.width > side ? -along : 0, image.height > side ? -along : 0);
  return result;
}

Image center_square(const Image& image) { return square_at(image, std::abs(image.width - image.height) / 2); }

}  // namespace easel::image
