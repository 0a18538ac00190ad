// Rendering: every shape and colour where it belongs.
#include "world/scene.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace easel::world {
namespace {

TEST(Scene, NamesHaveIndices) {
  ASSERT_EQ(shape_names().size(), static_cast<size_t>(kShapes));
  ASSERT_EQ(color_names().size(), static_cast<size_t>(kColors));
  ASSERT_EQ(cell_names().size(), static_cast<size_t>(kCells));
  EXPECT_EQ(shape_index("heart"), 4);
  EXPECT_EQ(color_index("white"), 9);
  EXPECT_EQ(shape_index("red"), -1);
}

TEST(Scene, EmptyIsBackground) {
  EXPECT_EQ(render({}), image::Image(kCanvas, kCanvas, kBackground));
}

TEST(Scene, ObjectsKeepTheirDistance) {
  for (int shape = 0; shape < kShapes; ++shape) {
    for (int cell = 0; cell < kCells; ++cell) {
      const auto picture = render({{{shape, 0, cell}}});
      const auto box = object_box({shape, 0, cell});
      const int left = cell % kGrid * kCellSize, top = cell / kGrid * kCellSize;
      for (int y = 0; y < kCanvas; ++y) {
        for (int x = 0; x < kCanvas; ++x) {
          const bool core = x >= left + 2 && x < left + 14 && y >= top + 2 && y < top + 14;
          if (!core) {
            EXPECT_EQ(picture.at(x, y), kBackground) << shape << " " << x << " " << y;
          }
        }
      }
      EXPECT_GE(box.x1, left + 2);
      EXPECT_LE(box.y2, top + 14);
      EXPECT_GE(box.width(), 11);
      EXPECT_GE(box.height(), 11);
    }
  }
}

TEST(Scene, EdgesAreSoft) {
  const auto picture = render({{{shape_index("circle"), color_index("black"), 4}}});
  int between = 0;
  for (int y = 0; y < kCanvas; ++y) {
    for (int x = 0; x < kCanvas; ++x) {
      const int v = picture.at(x, y).r;
      between += v > 30 && v < 170;
    }
  }
  EXPECT_GT(between, 12);
  EXPECT_EQ(picture.at(24, 24), color_value(color_index("black")));
}

TEST(Scene, ColorsAreFarApartAndFromTheBackground) {
  const auto distance = [](image::Rgb a, image::Rgb b) {
    return std::sqrt(std::pow(a.r - b.r, 2) + std::pow(a.g - b.g, 2) + std::pow(a.b - b.b, 2));
  };
  for (int c = 0; c < kColors; ++c) {
    EXPECT_GT(distance(color_value(c), kBackground), 90) << color_names()[static_cast<size_t>(c)];
    for (int d = 0; d < c; ++d) EXPECT_GT(distance(color_value(c), color_value(d)), 80) << c << d;
  }
}

TEST(Scene, RefusesWhatCannotBeDrawn) {
  EXPECT_THROW(render({{{0, 0, 0}, {1, 1, 0}}}), base::Error);
  EXPECT_THROW(render({{{kShapes, 0, 0}}}), base::Error);
  EXPECT_THROW(render({{{0, kColors, 0}}}), base::Error);
  EXPECT_THROW(render({{{0, 0, -1}}}), base::Error);
}

}  // namespace
}  // namespace easel::world
