// Pictures as the network sees them: float [3, S, S] in [-1, 1], and as bytes, three a pixel.
#pragma once

#include <cstdint>

#include "tensor/torch.h"

namespace easel::model {

// uint8 [3, height, width] of row-major RGB bytes.
torch::Tensor planes_of(const uint8_t* rgb, int64_t width, int64_t height);
// float32 in [-1, 1] of bytes of any shape.
torch::Tensor to_pixels(const torch::Tensor& bytes);
// Bytes uint8 [B, S, S, 3] on the CPU of pixels [B, 3, S, S]: (x + 1) / 2 * 255, rounded and clipped.
torch::Tensor to_rgb(const torch::Tensor& pixels);

}  // namespace easel::model
