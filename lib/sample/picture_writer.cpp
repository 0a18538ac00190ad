#include "sample/picture_writer.h"

#include <ATen/Parallel.h>

#include "image/image.h"
#include "model/pixels.h"

namespace easel::sample {

void write_pictures(const model::Vq& vq, const std::vector<const std::vector<int32_t>*>& rows,
                    const std::vector<std::string>& paths) {
  if (rows.empty()) return;
  torch::NoGradGuard no_grad;
  std::vector<int64_t> tokens;
  for (const auto* row : rows) tokens.insert(tokens.end(), row->begin(), row->end());
  const auto count = static_cast<int64_t>(rows.size());
  const torch::Tensor bytes = model::to_rgb(
      vq.decode(torch::tensor(tokens, torch::kInt64).view({count, -1}).to(vq.codebook.device())));
  const int64_t height = bytes.size(1), width = bytes.size(2), size = height * width * 3;
  const auto* from = bytes.data_ptr<uint8_t>();
  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      image::Image picture(static_cast<int>(width), static_cast<int>(height));
      picture.rgb.assign(from + i * size, from + (i + 1) * size);
      image::write_png(paths[static_cast<size_t>(i)], picture);
    }
  });
}

}  // namespace easel::sample
