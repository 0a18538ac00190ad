// Resizing for the vision tower: byte for byte what Pillow and transformers' processor made of the same picture
// (make_bicubic.py).
#include "image/bicubic.h"

#include <gtest/gtest.h>

#include <string>

namespace easel::image {
namespace {

Image picture(const std::string& name) { return read(std::string(EASEL_SOURCE_DIR "/tests/unit/image/data/") + name); }

TEST(Bicubic, IsPillows) {
  const Image source = picture("source.png");
  for (const auto& [width, height] : {std::pair(30, 20), std::pair(71, 20), std::pair(30, 53), std::pair(140, 110),
                                      std::pair(7, 200), std::pair(1, 1)}) {
    const std::string name = "resized_" + std::to_string(width) + "x" + std::to_string(height) + ".png";
    EXPECT_EQ(resize_bicubic(source, width, height), picture(name)) << name;
  }
  EXPECT_EQ(resize_bicubic(source, source.width, source.height), source);
}

TEST(Bicubic, TheSquareIsTheProcessors) {
  for (const std::string name : {"wide.png", "tall.png"}) {
    EXPECT_EQ(fit_square(picture(name), 48, 14, {127, 127, 127}), picture("square_" + name)) << name;
  }
}

}  // namespace
}  // namespace easel::image
