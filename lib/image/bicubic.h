// Bicubic resizing for networks: the same bytes as Pillow's Image.resize(..., BICUBIC), which the published
// models saw in training.
#pragma once

#include "image/image.h"

namespace easel::image {

// Keys' kernel (1981) with a = -0.5, widened by the scale where the picture shrinks; first along rows, then
// along columns, each rounded to bytes, with weights of 22 fractional bits.
Image resize_bicubic(const Image& image, int width, int height);

// The picture's long side brought to `side` pixels (no side below `least`), in the middle of a square that is
// otherwise `background`: the input of Janus' vision tower, as transformers' JanusImageProcessor makes it.
Image fit_square(const Image& image, int side, int least, Rgb background);

// That with the numbers of Janus' processor: 127 around it, no side below 14. Throws Error for a side that is smaller
// than that.
Image vision_square(const Image& image, int side);

}  // namespace easel::image
