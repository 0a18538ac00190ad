// PNG and JPEG: round trips, every kind of PNG, and damage at every byte.
#include "image/image.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "unit/temporary_folder.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

namespace easel::image {
namespace {

Image noise(int width, int height) {
  base::RandomStream random(1, "image-test");
  Image image(width, height);
  for (auto& byte : image.rgb) byte = static_cast<uint8_t>(random.below(256));
  return image;
}

std::string big_endian(uint32_t v) {
  return {static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8),
          static_cast<char>(v)};
}

std::string chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<uint32_t>(data.size())) + body +
         big_endian(static_cast<uint32_t>(crc));
}

// A PNG of unfiltered rows; each row begins with its filter byte.
std::string png(uint32_t width, uint32_t height, int depth, int color_type, const std::string& rows,
                const std::string& more_chunks = "") {
  uLongf size = compressBound(static_cast<uLong>(rows.size()));
  std::string packed(size, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &size,
           reinterpret_cast<const Bytef*>(rows.data()), static_cast<uLong>(rows.size()));
  packed.resize(size);
  std::string header = big_endian(width) + big_endian(height);
  header += static_cast<char>(depth);
  header += static_cast<char>(color_type);
  header += std::string(3, '\0');
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + more_chunks + chunk("IDAT", packed) +
         chunk("IEND", "");
}

std::string jpeg(const Image& image) {
  std::string out;
  stbi_write_jpg_to_func(
      [](void* to, void* data, int size) {
        static_cast<std::string*>(to)->append(static_cast<char*>(data), static_cast<size_t>(size));
      },
      &out, image.width, image.height, 3, image.rgb.data(), 95);
  return out;
}

std::string error_of(const std::string& bytes) {
  try {
    decode(bytes, "x.png");
  } catch (const base::RecordError& e) {
    return e.what();
  }
  return "";
}

TEST(Image, PngRoundTripIsExactAndDeterministic) {
  for (const auto& [w, h] : {std::pair{1, 1}, {1, 7}, {48, 48}, {33, 5}, {200, 3}}) {
    const Image image = noise(w, h);
    const std::string bytes = encode_png(image);
    EXPECT_EQ(bytes, encode_png(image));
    EXPECT_EQ(decode(bytes, "x.png"), image);
  }
}

TEST(Image, FlatPngIsSmall) { EXPECT_LT(encode_png(Image(384, 384, {10, 20, 30})).size(), 2000U); }

TEST(Image, ReadsEveryKindOfPng) {
  const Rgb white{255, 255, 255}, half{128, 128, 128};
  EXPECT_EQ(decode(png(1, 1, 8, 0, std::string("\0\x80", 2)), "").at(0, 0), half);
  EXPECT_EQ(decode(png(1, 1, 16, 0, std::string("\0\x80\x33", 3)), "").at(0, 0), half);
  EXPECT_EQ(decode(png(8, 1, 1, 0, std::string("\0\x7F", 2)), "").at(1, 0), white);
  EXPECT_EQ(decode(png(1, 1, 16, 2, std::string("\0\x80\0\x80\0\x80\0", 7)), "").at(0, 0), half);
  const std::string palette = chunk("PLTE", std::string("\x80\x80\x80\xFF\0\0", 6));
  EXPECT_EQ(decode(png(1, 1, 8, 3, std::string("\0\1", 2), palette), "").at(0, 0),
            (Rgb{255, 0, 0}));
}

// The values are those of Pillow's convert("RGB").
TEST(Image, TransparencyIsLeftOut) {
  EXPECT_EQ(decode(png(1, 1, 8, 6, std::string("\0\x0A\x14\x1E\0", 5)), "").at(0, 0), (Rgb{10, 20, 30}));
  EXPECT_EQ(decode(png(1, 1, 8, 6, std::string("\0\xFF\0\0\x80", 5)), "").at(0, 0), (Rgb{255, 0, 0}));
  EXPECT_EQ(decode(png(1, 1, 8, 4, std::string("\0\x4D\0", 3)), "").at(0, 0), (Rgb{77, 77, 77}));
  const std::string palette = chunk("PLTE", std::string("\1\2\3\4\5\6", 6)) + chunk("tRNS", std::string("\0\x80", 2));
  EXPECT_EQ(decode(png(1, 1, 8, 3, std::string("\0\0", 2), palette), "").at(0, 0), (Rgb{1, 2, 3}));
  const std::string key = chunk("tRNS", std::string("\0\x09\0\x08\0\x07", 6));
  EXPECT_EQ(decode(png(1, 1, 8, 2, std::string("\0\x09\x08\x07", 4), key), "").at(0, 0), (Rgb{9, 8, 7}));
}

TEST(Image, EveryCutOfAPngIsAnError) {
  const std::string bytes = encode_png(noise(9, 7));
  for (size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_NE(error_of(bytes.substr(0, n)), "") << "cut to " << n << " of " << bytes.size();
  }
  EXPECT_EQ(error_of(bytes + "trailing bytes"), "");
}

TEST(Image, EveryFlippedBitOfAPngIsAnError) {
  const std::string bytes = encode_png(noise(5, 4));
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    EXPECT_NE(error_of(damaged), "") << "byte " << i;
  }
}

TEST(Image, ShortImageDataInWholeChunksIsAnError) {
  EXPECT_NE(error_of(png(4, 4, 8, 2, std::string(13, '\0'))), "");
  EXPECT_NE(error_of("\x89PNG\r\n\x1a\n" + chunk("IEND", "")), "");
}

TEST(Image, JpegIsReadNearly) {
  Image image(32, 32, {200, 40, 90});
  const Image read_back = decode(jpeg(image), "x.jpg");
  ASSERT_EQ(read_back.width, 32);
  for (size_t i = 0; i < image.rgb.size(); ++i) EXPECT_NEAR(read_back.rgb[i], image.rgb[i], 4);
}

// make_jpeg.py: what Pillow makes of a photograph, whose bytes went through each kind of file.
TEST(Image, JpegIsPillows) {
  const std::string folder = EASEL_SOURCE_DIR "/tests/unit/image/data/jpeg/";
  for (const char* kind : {"plain", "fine", "halves", "progressive", "grey", "inks", "restarts"}) {
    const Image ours = read(folder + kind + ".jpg"), theirs = read(folder + kind + ".png");
    EXPECT_TRUE(ours == theirs) << kind;
  }
}

TEST(Image, EveryCutOfAJpegIsAnError) {
  const std::string bytes = jpeg(noise(16, 16));
  for (size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_NE(error_of(bytes.substr(0, n)), "") << "cut to " << n << " of " << bytes.size();
  }
  EXPECT_EQ(error_of(bytes), "");
}

TEST(Image, JpegIsTurnedByItsOrientation) {
  Image image(32, 16, {0, 0, 0});
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 16; ++x) image.set(x, y, {255, 255, 255});  // the left half is white
  }
  const std::string plain = jpeg(image);
  // The tag as a big-endian TIFF directory of one entry.
  const auto with_orientation = [&](char value) {
    std::string tiff("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19);
    tiff += value;
    tiff += std::string(6, '\0');
    const std::string body = std::string("Exif\0\0", 6) + tiff;
    std::string segment = "\xFF\xE1";
    segment += '\0';
    segment += static_cast<char>(body.size() + 2);
    return plain.substr(0, 2) + segment + body + plain.substr(2);
  };
  const auto is_white = [](const Image& of, int x, int y) { return of.at(x, y).r > 128; };
  const Image mirrored = decode(with_orientation(2), "x.jpg");
  EXPECT_EQ(mirrored.width, 32);
  EXPECT_TRUE(is_white(mirrored, 24, 8));
  EXPECT_FALSE(is_white(mirrored, 8, 8));
  const Image clockwise = decode(with_orientation(6), "x.jpg");  // the left goes to the top
  EXPECT_EQ(clockwise.width, 16);
  EXPECT_EQ(clockwise.height, 32);
  EXPECT_TRUE(is_white(clockwise, 8, 8));
  EXPECT_FALSE(is_white(clockwise, 8, 24));
  const Image counter = decode(with_orientation(8), "x.jpg");  // the left goes to the bottom
  EXPECT_TRUE(is_white(counter, 8, 24));
  EXPECT_EQ(decode(with_orientation(1), "x.jpg"), decode(plain, "x.jpg"));
  EXPECT_EQ(decode(with_orientation(9), "x.jpg"), decode(plain, "x.jpg"));
}

TEST(Image, MutatedFilesAreReadOrRefused) {
  const std::vector<std::string> originals = {jpeg(noise(24, 17)),
                                              jpeg(Image(40, 40, {9, 200, 30})),
                                              png(8, 8, 8, 2, std::string(8 * 25, '\1'))};
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    base::RandomStream random(2, "mutate", base::cat(i));
    std::string bytes = random.pick(originals);
    for (uint64_t n = 1 + random.below(6); n > 0; --n) {
      const size_t at = random.below(bytes.size());
      if (random.chance(0.2)) {
        bytes.erase(at, 1 + random.below(20));
      } else {
        bytes[at] = static_cast<char>(random.below(256));
      }
      if (bytes.empty()) bytes = "x";
    }
    refused += !error_of(bytes).empty();
  }
  EXPECT_GT(refused, 500);
}

TEST(Image, OtherFilesAreNamed) {
  EXPECT_EQ(error_of(""), "x.png: an empty file; expected a PNG or JPEG image");
  EXPECT_EQ(error_of("hello"), "x.png: not an image; expected PNG or JPEG");
  EXPECT_EQ(error_of("GIF89a......"), "x.png: not an image; expected PNG or JPEG");
}

TEST(Image, HugePicturesAreRefusedBeforeMemoryIsTaken) {
  const std::string error = error_of(png(100000, 100000, 8, 2, "x"));
  EXPECT_NE(error.find("megapixels"), std::string::npos) << error;
  EXPECT_THROW(Image(100000, 100000), base::Error);
  EXPECT_THROW(Image(-1, 5), base::Error);
}

TEST(Image, FilesAreWrittenWhole) {
  const testing::TemporaryFolder folder;
  const Image image = noise(8, 8);
  write_png(folder.file("a.png"), image);
  EXPECT_EQ(read(folder.file("a.png")), image);
  EXPECT_THROW(read(folder.file("missing.png")), base::RecordError);
  EXPECT_THROW(read(folder.path()), base::RecordError);
  EXPECT_THROW(write_png(folder.file("no/a.png"), image), base::Error);
  EXPECT_THROW(encode_png(Image()), base::Error);
}

}  // namespace
}  // namespace easel::image
