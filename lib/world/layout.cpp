#include "world/layout.h"

#include <algorithm>
#include <cmath>

#include "base/strings.h"
#include "world/scene.h"

namespace easel::world {

record::Detections planned_objects(const record::GotChain& chain) {
  record::Detections out;
  for (const auto& o : chain.objects) {
    record::Detection planned;
    for (const auto& word : base::split_words(base::to_lower(o.name))) {
      if (shape_index(word) >= 0) planned.class_name = word;
      if (color_index(word) >= 0) planned.color = word;
    }
    if (planned.class_name.empty()) continue;
    planned.box = {static_cast<double>(o.x1), static_cast<double>(o.y1), static_cast<double>(o.x2), static_cast<double>(o.y2)};
    planned.score = 1;
    out.items.push_back(std::move(planned));
  }
  return out;
}

image::Image render_layout(const record::Detections& planned) {
  constexpr int kSamples = 4;                   // a side of a pixel
  constexpr double kExtent = static_cast<double>(record::kGotSide) / kCanvas;  // thousandths a pixel
  constexpr image::Rgb kColorless{70, 70, 70};
  image::Image canvas(kCanvas, kCanvas, kBackground);
  for (const auto& object : planned.items) {
    const int shape = shape_index(object.class_name), color = color_index(object.color);
    if (shape < 0) continue;
    const image::Rgb ink = color < 0 ? kColorless : color_value(color);
    const double x1 = object.box.x1 / kExtent, y1 = object.box.y1 / kExtent;
    const double width = std::max(1.0, object.box.x2 / kExtent - x1), height = std::max(1.0, object.box.y2 / kExtent - y1);
    for (int y = 0; y < kCanvas; ++y) {
      for (int x = 0; x < kCanvas; ++x) {
        int hits = 0;
        for (int j = 0; j < kSamples; ++j) {
          for (int i = 0; i < kSamples; ++i) {
            hits += shape_covers(shape, (x + (i + 0.5) / kSamples - x1) / width, (y + (j + 0.5) / kSamples - y1) / height);
          }
        }
        if (hits == 0) continue;
        const double part = static_cast<double>(hits) / (kSamples * kSamples);
        uint8_t* pixel = canvas.rgb.data() + (static_cast<size_t>(y) * kCanvas + static_cast<size_t>(x)) * 3;
        const uint8_t inks[3] = {ink.r, ink.g, ink.b};
        for (int c = 0; c < 3; ++c) {
          pixel[c] = static_cast<uint8_t>(std::lround(pixel[c] + part * (inks[c] - pixel[c])));
        }
      }
    }
  }
  return canvas;
}

}  // namespace easel::world
