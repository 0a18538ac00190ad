// PNG and JPEG. stb_image decodes PNG; because it fills in what a cut file lacks and checks no sums,
// the container's structure is checked here first. PNG is written by hand over zlib.
#include "image/image.h"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "base/file.h"
#include "image/exif.h"
#include "image/jpeg.h"
#include "image/tar.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_MAX_DIMENSIONS (1 << 20)
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace easel::image {

using base::cat;

namespace {

constexpr int64_t kMaxPixels = int64_t{64} << 20;
constexpr uint64_t kMaxFileBytes = uint64_t{1} << 30;
constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";

uint32_t big_endian(std::string_view bytes, size_t at) {
  const auto b = [&](size_t i) { return uint32_t{static_cast<uint8_t>(bytes[at + i])}; };
  return b(0) << 24 | b(1) << 16 | b(2) << 8 | b(3);
}

void append_big_endian(std::string& out, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

uint32_t crc_of(std::string_view bytes) {
  return static_cast<uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

// A chunk type as it may stand in a message.
std::string chunk_name(std::string_view type) {
  const bool letters = std::all_of(type.begin(), type.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  return letters ? std::string(type) : base::quote(type);
}

// Every chunk up to IEND, sums included. Throws through `bad`.
template <class Bad>
void check_png(std::string_view bytes, const Bad& bad) {
  size_t at = kPngSignature.size();
  bool first = true, data = false;
  while (true) {
    if (bytes.size() - at < 12) bad("damaged PNG: the file ends before its last chunk (IEND)");
    const uint32_t length = big_endian(bytes, at);
    const std::string_view type = bytes.substr(at + 4, 4);
    if (length > bytes.size() - at - 12) {
      bad(cat("damaged PNG: the file ends inside chunk ", chunk_name(type)));
    }
    if (crc_of(bytes.substr(at + 4, length + 4)) != big_endian(bytes, at + 8 + length)) {
      bad(cat("damaged PNG: wrong checksum of chunk ", chunk_name(type)));
    }
    if (first && type != "IHDR") bad("damaged PNG: its first chunk is not IHDR");
    first = false;
    data = data || type == "IDAT";
    at += 12 + length;
    if (type == "IEND") break;
  }
  if (!data) bad("damaged PNG: it holds no image data");
}

// One row through one of PNG's five filters (PNG specification, section 9).
void filter_row(int type, const uint8_t* row, const uint8_t* above, size_t bytes, uint8_t* out) {
  for (size_t i = 0; i < bytes; ++i) {
    const int left = i >= 3 ? row[i - 3] : 0;
    const int up = above != nullptr ? above[i] : 0;
    const int corner = above != nullptr && i >= 3 ? above[i - 3] : 0;
    int predicted = 0;
    if (type == 1) predicted = left;
    if (type == 2) predicted = up;
    if (type == 3) predicted = (left + up) / 2;
    if (type == 4) {
      const int p = left + up - corner;
      const int dl = std::abs(p - left), du = std::abs(p - up), dc = std::abs(p - corner);
      predicted = dl <= du && dl <= dc ? left : du <= dc ? up : corner;
    }
    out[i] = static_cast<uint8_t>(row[i] - predicted);
  }
}

// All rows, each with the filter whose output is smallest in sum (the specification's advice).
std::string filtered_rows(const Image& image) {
  const size_t row_bytes = static_cast<size_t>(image.width) * 3;
  std::string out;
  out.reserve((row_bytes + 1) * static_cast<size_t>(image.height));
  std::vector<uint8_t> candidate(row_bytes), best(row_bytes);
  for (int y = 0; y < image.height; ++y) {
    const uint8_t* row = image.rgb.data() + row_bytes * static_cast<size_t>(y);
    const uint8_t* above = y > 0 ? row - row_bytes : nullptr;
    int best_type = 0;
    int64_t best_sum = -1;
    for (int type = 0; type < 5; ++type) {
      filter_row(type, row, above, row_bytes, candidate.data());
      int64_t sum = 0;
      for (const uint8_t v : candidate) sum += v < 128 ? v : 256 - v;
      if (best_sum < 0 || sum < best_sum) {
        best_sum = sum;
        best_type = type;
        best.swap(candidate);
      }
    }
    out += static_cast<char>(best_type);
    out.append(reinterpret_cast<const char*>(best.data()), row_bytes);
  }
  return out;
}

void append_chunk(std::string& out, std::string_view type, std::string_view data) {
  append_big_endian(out, static_cast<uint32_t>(data.size()));
  const size_t begin = out.size();
  out += type;
  out += data;
  append_big_endian(out, crc_of(std::string_view(out).substr(begin)));
}

}  // namespace

Image::Image(int w, int h, Rgb fill) : width(w), height(h) {
  if (w < 0 || h < 0 || int64_t{w} * h > kMaxPixels) {
    base::fail(cat("a picture of ", w, " x ", h, " pixels; expected at most 64 megapixels"));
  }
  rgb.resize(static_cast<size_t>(w) * static_cast<size_t>(h) * 3);
  for (size_t i = 0; i < rgb.size(); i += 3) {
    rgb[i] = fill.r;
    rgb[i + 1] = fill.g;
    rgb[i + 2] = fill.b;
  }
}

Rgb Image::at(int x, int y) const {
  const size_t i =
      (static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)) * 3;
  return {rgb[i], rgb[i + 1], rgb[i + 2]};
}

void Image::set(int x, int y, Rgb color) {
  if (x < 0 || y < 0 || x >= width || y >= height) return;
  const size_t i =
      (static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)) * 3;
  rgb[i] = color.r;
  rgb[i + 1] = color.g;
  rgb[i + 2] = color.b;
}

Image decode(std::string_view bytes, const std::string& name) {
  const auto bad = [&](const std::string& what) { base::fail_at({name}, what); };
  const auto check_size = [&](int64_t w, int64_t h) {
    if (w > 0 && h > 0 && w <= kMaxPixels / h) return;
    bad(cat(w, " x ", h, " pixels; expected 1 to 64 megapixels"));
  };
  if (bytes.empty()) bad("an empty file; expected a PNG or JPEG image");
  if (bytes.starts_with("\xFF\xD8")) return upright(decode_jpeg(bytes, check_size, bad), exif_orientation(bytes));
  if (!bytes.starts_with(kPngSignature)) bad("not an image; expected PNG or JPEG");
  check_png(bytes, bad);
  const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
  const int size = static_cast<int>(std::min<size_t>(bytes.size(), kMaxFileBytes));
  int width = 0, height = 0, channels = 0;
  // The size, which stands in the first chunk: stb_image has no message for one that is too large.
  check_size(big_endian(bytes, 16), big_endian(bytes, 20));
  const std::unique_ptr<stbi_uc, void (*)(void*)> rgb(
      stbi_load_from_memory(data, size, &width, &height, &channels, 3), stbi_image_free);
  if (!rgb) {
    const char* reason = stbi_failure_reason();
    bad(cat("damaged image: ", reason != nullptr ? reason : "not readable"));
  }
  Image image(width, height);
  std::memcpy(image.rgb.data(), rgb.get(), image.rgb.size());
  return image;
}

Image read(const std::filesystem::path& path) {
  std::string bytes;
  try {
    const auto member = archive_member(path);
    bytes = member ? read_member(member->first, member->second, kMaxFileBytes) : base::read_file(path, kMaxFileBytes);
  } catch (const base::Error& e) {
    throw base::RecordError(e.what(), e.hint());
  }
  return decode(bytes, path.string());
}

std::string encode_png(const Image& image) {
  if (image.width <= 0 || image.height <= 0) base::fail("cannot write a picture without pixels");
  const std::string rows = filtered_rows(image);
  uLongf size = compressBound(static_cast<uLong>(rows.size()));
  std::string packed(size, '\0');
  const int code =
      compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                reinterpret_cast<const Bytef*>(rows.data()), static_cast<uLong>(rows.size()), 6);
  if (code != Z_OK) base::fail(cat("cannot compress a picture: zlib error ", code));
  packed.resize(size);
  std::string header;
  append_big_endian(header, static_cast<uint32_t>(image.width));
  append_big_endian(header, static_cast<uint32_t>(image.height));
  header += std::string_view("\x08\x02\x00\x00\x00", 5);  // 8 bits, RGB, not interlaced
  std::string out(kPngSignature);
  append_chunk(out, "IHDR", header);
  append_chunk(out, "IDAT", packed);
  append_chunk(out, "IEND", "");
  return out;
}

void write_png(const std::filesystem::path& path, const Image& image) {
  base::AtomicFile file(path);
  file.write(encode_png(image));
  file.commit(false);  // a picture can be made again: not worth a wait for the disk
}

}  // namespace easel::image
