// Pictures as the network sees them: float [3, S, S] in [-1, 1], and as bytes, three a pixel.
#pragma once

#include <cstdint>
#include <vector>

#include "tensor/torch.h"

namespace easel::model {

// uint8 [3, height, width] of row-major RGB bytes.
torch::Tensor planes_of(const uint8_t* rgb, int64_t width, int64_t height);
// float32 in [-1, 1] of bytes of any shape.
torch::Tensor to_pixels(const torch::Tensor& bytes);
// Row-major RGB bytes of pixels [3, S, S]: (x + 1) / 2 * 255, rounded and clipped.
std::vector<uint8_t> to_rgb(const torch::Tensor& pixels);

}  // namespace easel::model
