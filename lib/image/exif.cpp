#include "image/exif.h"

#include <cstdint>

namespace easel::image {

namespace {

// A TIFF structure: numbers in the byte order that its head names.
class Tiff {
 public:
  explicit Tiff(std::string_view bytes) : bytes_(bytes), little_(bytes.starts_with("II")) {}
  bool has(size_t at, size_t n) const { return at <= bytes_.size() && n <= bytes_.size() - at; }
  uint32_t number(size_t at, size_t n) const {
    uint32_t value = 0;
    for (size_t i = 0; i < n; ++i) {
      value = value << 8 | static_cast<uint8_t>(bytes_[at + (little_ ? n - 1 - i : i)]);
    }
    return value;
  }

 private:
  std::string_view bytes_;
  bool little_;
};

int orientation_in(std::string_view bytes) {
  constexpr uint32_t kOrientation = 0x0112;
  const Tiff tiff(bytes);
  if (!tiff.has(0, 8)) return 1;
  const size_t directory = tiff.number(4, 4);
  if (!tiff.has(directory, 2)) return 1;
  const size_t entries = tiff.number(directory, 2);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + 12 * i;
    if (!tiff.has(entry, 12)) return 1;
    if (tiff.number(entry, 2) != kOrientation) continue;
    const auto value = static_cast<int>(tiff.number(entry + 8, 2));
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

}  // namespace

int exif_orientation(std::string_view jpeg) {
  constexpr std::string_view kExif("Exif\0\0", 6);
  size_t at = 2;
  while (at + 4 <= jpeg.size() && static_cast<uint8_t>(jpeg[at]) == 0xFF) {
    const auto marker = static_cast<uint8_t>(jpeg[at + 1]);
    if (marker == 0xDA || marker == 0xD9) break;
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    const size_t length = static_cast<size_t>(static_cast<uint8_t>(jpeg[at + 2])) << 8 |
                          static_cast<uint8_t>(jpeg[at + 3]);
    if (length < 2 || at + 2 + length > jpeg.size()) break;
    const std::string_view segment = jpeg.substr(at + 4, length - 2);
    if (marker == 0xE1 && segment.starts_with(kExif)) {
      return orientation_in(segment.substr(kExif.size()));
    }
    at += 2 + length;
  }
  return 1;
}

Image upright(const Image& image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  // Of the eight, 5 to 8 exchange rows and columns; the rest is mirroring on either axis.
  const bool exchange = orientation >= 5;
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Image out(exchange ? image.height : image.width, exchange ? image.width : image.height);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      const int column = exchange ? y : x, row = exchange ? x : y;
      out.set(x, y,
              image.at(from_right ? image.width - 1 - column : column,
                       from_bottom ? image.height - 1 - row : row));
    }
  }
  return out;
}

}  // namespace easel::image
