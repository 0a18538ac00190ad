// 8-bit RGB pictures in memory, and reading and writing them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace easel::image {

struct Rgb {
  uint8_t r = 0, g = 0, b = 0;
  bool operator==(const Rgb&) const = default;
};

// Row-major, three bytes a pixel, top row first.
struct Image {
  int width = 0, height = 0;
  std::vector<uint8_t> rgb;

  Image() = default;
  Image(int w, int h, Rgb fill = {});
  Rgb at(int x, int y) const;
  void set(int x, int y, Rgb color);  // outside: nothing happens
  bool operator==(const Image&) const = default;
};

// PNG or JPEG, any colour type (grey becomes RGB, 16 bits become 8), a JPEG turned as its Exif
// orientation says. Transparency is left out, and the colours stay as they are stored: Pillow's
// convert("RGB"), by which the published models' pictures were read. `name` is for messages. Throws
// RecordError, for it is most often one of many: damaged (a cut file included), not an image, larger
// than 64 megapixels.
Image decode(std::string_view bytes, const std::string& name);
Image read(const std::filesystem::path& path);  // a file, or a member of an archive (tar.h)

std::string encode_png(const Image& image);                             // deterministic bytes
void write_png(const std::filesystem::path& path, const Image& image);  // atomically

}  // namespace easel::image
