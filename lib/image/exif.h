// The orientation that a camera wrote into a JPEG file.
#pragma once

#include <string_view>

#include "image/image.h"

namespace easel::image {

// 1 to 8 as in the Exif standard (tag 0x0112); 1, upright, when the file says nothing readable.
// The bytes are a whole JPEG file.
int exif_orientation(std::string_view jpeg);

// The picture turned and mirrored so that it stands upright.
Image upright(const Image& image, int orientation);

}  // namespace easel::image
