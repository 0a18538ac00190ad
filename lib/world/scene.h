// The nano world: coloured shapes on a 3 x 3 grid, small enough that a picture can be judged
// exactly. Every object is centred in its cell and has one size, so that an image tokenizer whose
// tokens cover 8 x 8 pixels sees each object as 2 x 2 of at most 321 distinct patterns.
#pragma once

#include <string>
#include <vector>

#include "image/image.h"
#include "record/detection.h"

namespace easel::world {

constexpr int kGrid = 3;                    // cells a side
constexpr int kCellSize = 16;               // pixels
constexpr int kCanvas = kGrid * kCellSize;  // pixels a side
constexpr int kCells = kGrid * kGrid;       // cell = 3 * row + column, row 0 on top
constexpr int kShapes = 8, kColors = 10;
constexpr image::Rgb kBackground{180, 180, 180};

// Names by index. The colours are GenEval's, in its order.
const std::vector<std::string>& shape_names();
const std::vector<std::string>& color_names();
const std::vector<std::string>& cell_names();  // "top left", ..., "bottom right"
image::Rgb color_value(int color);
// The index of a name, or -1.
int shape_index(std::string_view name);
int color_index(std::string_view name);

struct SceneObject {
  int shape = 0, color = 0, cell = 0;
  bool operator==(const SceneObject&) const = default;
};

struct Scene {
  std::vector<SceneObject> objects;
};

// 48 x 48 pixels, anti-aliased. Throws Error for an index outside its range and for two objects in
// one cell.
image::Image render(const Scene& scene);

// The box of the shape's visible pixels, in canvas pixels.
record::Box object_box(const SceneObject& object);

// Whether the shape, stretched over the unit square, covers a point of it; x to the right, y down.
bool shape_covers(int shape, double x, double y);

// How much of each pixel of a 16 x 16 cell the shape covers, row by row, 0 to 1.
const std::vector<float>& shape_coverage(int shape);

}  // namespace easel::world
