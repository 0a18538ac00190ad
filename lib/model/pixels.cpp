#include "model/pixels.h"

namespace easel::model {

torch::Tensor planes_of(const uint8_t* rgb, int64_t width, int64_t height) {
  return torch::from_blob(const_cast<uint8_t*>(rgb), {height, width, 3}, torch::kUInt8)
      .permute({2, 0, 1})
      .contiguous();
}

torch::Tensor to_pixels(const torch::Tensor& bytes) { return bytes.to(torch::kFloat32) / 127.5 - 1; }

torch::Tensor to_rgb(const torch::Tensor& pixels) {
  return ((pixels.to(torch::kCPU, torch::kFloat32) + 1) * 127.5)
      .round()
      .clamp(0, 255)
      .to(torch::kUInt8)
      .permute({0, 2, 3, 1})
      .contiguous();
}

}  // namespace easel::model
