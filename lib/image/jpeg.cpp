#include "image/jpeg.h"

#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <vector>

#include <jpeglib.h>

#include <jerror.h>

#include "base/error.h"

namespace easel::image {

using base::cat;

namespace {

using CheckSize = std::function<void(int64_t, int64_t)>;
using Bad = std::function<void(const std::string&)>;

constexpr int kMostScans = 500;

bool is_frame_header(uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

// Every segment up to the end marker; the entropy-coded data between is passed over.
void check_jpeg(std::string_view bytes, const Bad& bad) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  size_t at = 2;
  bool frame = false;
  int scans = 0;
  while (true) {
    // Fill bytes may stand before a marker.
    while (at + 1 < bytes.size() && byte(at) == 0xFF && byte(at + 1) == 0xFF) ++at;
    if (at + 2 > bytes.size()) bad("damaged JPEG: the file ends before its end marker");
    if (byte(at) != 0xFF) bad(cat("damaged JPEG: no marker at byte ", at));
    const uint8_t marker = byte(at + 1);
    at += 2;
    if (marker == 0xD9) break;
    if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7)) continue;  // no length
    if (at + 2 > bytes.size()) bad("damaged JPEG: the file ends before its end marker");
    const size_t length = size_t{byte(at)} << 8 | byte(at + 1);
    if (length < 2 || length > bytes.size() - at) {
      bad("damaged JPEG: the file ends inside a segment");
    }
    if (is_frame_header(marker)) {
      if (frame) bad("damaged JPEG: it holds two frame headers");
      frame = true;
    }
    at += length;
    if (marker != 0xDA) continue;
    // Each goes over the whole picture: a small file must not ask for hours.
    if (++scans > kMostScans) bad("a JPEG of more than 500 scans");
    while (at + 1 < bytes.size()) {
      const uint8_t next = byte(at + 1);
      if (byte(at) == 0xFF && next != 0 && next != 0xFF && !(next >= 0xD0 && next <= 0xD7)) break;
      ++at;
    }
  }
  if (scans == 0 || !frame) bad("damaged JPEG: it holds no image data");
}

// libjpeg reports by calls that must not return: they jump, and what stands between must have no destructors.
struct Errors {
  jpeg_error_mgr manager{};  // first: libjpeg knows this alone
  std::jmp_buf place{};
  char message[JMSG_LENGTH_MAX] = "";
};

[[noreturn]] void give_up(j_common_ptr info) {
  auto* errors = reinterpret_cast<Errors*>(info->err);
  info->err->format_message(info, errors->message);
  std::longjmp(errors->place, 1);
}

// What libjpeg would make up for damaged data is an error here; what cameras leave between segments is not.
void weigh(j_common_ptr info, int level) {
  const int code = info->err->msg_code;
  if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_JFIF_MAJOR && code != JWRN_ADOBE_XFORM) give_up(info);
}

struct Decompressor {
  jpeg_decompress_struct info{};
  Errors errors;

  Decompressor() {
    info.err = jpeg_std_error(&errors.manager);
    errors.manager.error_exit = give_up;
    errors.manager.emit_message = weigh;
    jpeg_create_decompress(&info);
  }
  ~Decompressor() { jpeg_destroy_decompress(&info); }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
};

// Pillow's: inks as Adobe stores them, inverted, over paper that is white.
void ink_to_rgb(const uint8_t* inks, int width, uint8_t* rgb) {
  const auto of_255 = [](int a, int b) {
    const int product = a * b + 128;
    return ((product >> 8) + product) >> 8;
  };
  for (int x = 0; x < width; ++x, inks += 4, rgb += 3) {
    const int light = inks[3];
    for (int c = 0; c < 3; ++c) rgb[c] = static_cast<uint8_t>(light - of_255(255 - inks[c], light));
  }
}

// False: it cannot be read, and why stands in d.errors.
bool decode_rows(Decompressor& d, std::string_view bytes, const CheckSize& check_size, Image* image, std::vector<uint8_t>* inks) {
  if (setjmp(d.errors.place) != 0) return false;
  jpeg_mem_src(&d.info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&d.info, TRUE);
  check_size(d.info.image_width, d.info.image_height);
  const bool in_inks = d.info.num_components == 4;
  d.info.out_color_space = in_inks ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&d.info);
  *image = Image(static_cast<int>(d.info.output_width), static_cast<int>(d.info.output_height));
  const size_t width = d.info.output_width;
  if (in_inks) inks->resize(width * 4);
  while (d.info.output_scanline < d.info.output_height) {
    uint8_t* const rgb = image->rgb.data() + size_t{d.info.output_scanline} * width * 3;
    JSAMPROW row = in_inks ? inks->data() : rgb;
    jpeg_read_scanlines(&d.info, &row, 1);
    if (in_inks) ink_to_rgb(inks->data(), image->width, rgb);
  }
  jpeg_finish_decompress(&d.info);
  return true;
}

}  // namespace

Image decode_jpeg(std::string_view bytes, const CheckSize& check_size, const Bad& bad) {
  check_jpeg(bytes, bad);
  Decompressor d;
  Image image;
  std::vector<uint8_t> inks;
  if (!decode_rows(d, bytes, check_size, &image, &inks)) bad(cat("damaged JPEG: ", d.errors.message));
  return image;
}

}  // namespace easel::image
