// JPEG by libjpeg, whose pixels are those that Pillow gives a reference implementation.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "image/image.h"

namespace easel::image {

// A whole JPEG file of one, three or four components; CMYK as Pillow turns it into RGB. check_size (width, height) may throw,
// before any pixel is made; bad (what is wrong) has to.
Image decode_jpeg(std::string_view bytes, const std::function<void(int64_t, int64_t)>& check_size,
                  const std::function<void(const std::string&)>& bad);

}  // namespace easel::image
