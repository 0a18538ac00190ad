#include "world/scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"

namespace easel::world {

using base::cat;

namespace {

constexpr double kHalf = 6;  // half of an object's extent in pixels

enum Shape { kCircle, kSquare, kTriangle, kStar, kHeart, kCross, kRing, kDiamond };

// A five-pointed star, one point up. A point is inside when it lies on the centre's side of the
// edge between its sector's outer tip and inner notch.
bool inside_star(double x, double y) {
  constexpr double kOuter = 6.3, kInner = 2.9, kShift = 0.6;  // shifted so that its box is centred
  constexpr double kSector = std::numbers::pi / 5;
  const double px = x, py = -(y - kShift);
  double angle = std::fmod(std::atan2(px, py) + 2 * std::numbers::pi, 2 * kSector);
  if (angle > kSector) angle = 2 * kSector - angle;
  const double radius = std::hypot(px, py);
  const double u = radius * std::cos(angle), v = radius * std::sin(angle);
  const double notch_u = kInner * std::cos(kSector), notch_v = kInner * std::sin(kSector);
  return (notch_u - kOuter) * v - notch_v * (u - kOuter) >= 0;
}

// Two discs, and below them a wedge that ends in a point.
bool inside_heart(double x, double y) {
  constexpr double kRadius = 3.05, kCentreX = 2.95, kCentreY = -2.9;
  const double side = std::abs(x);
  if (std::hypot(side - kCentreX, y - kCentreY) <= kRadius) return true;
  return y >= -1.9 && side <= (kHalf - y) * 0.728;
}

// x to the right, y down, the origin at the cell's centre.
bool inside(int shape, double x, double y) {
  switch (shape) {
    case kCircle:
      return x * x + y * y <= kHalf * kHalf;
    case kSquare:
      return std::max(std::abs(x), std::abs(y)) <= kHalf;
    case kTriangle:
      return y <= kHalf && std::abs(x) <= (y + kHalf) / 2;
    case kStar:
      return inside_star(x, y);
    case kHeart:
      return inside_heart(x, y);
    case kCross:
      return std::max(std::abs(x), std::abs(y)) <= kHalf && std::min(std::abs(x), std::abs(y)) <= 2;
    case kRing:
      return x * x + y * y <= kHalf * kHalf && x * x + y * y >= 9;
    default:
      return std::abs(x) + std::abs(y) <= kHalf;
  }
}

struct Stencil {
  std::vector<float> coverage;
  record::Box box;
};

Stencil make_stencil(int shape) {
  constexpr int kSamples = 8;  // a side
  constexpr double kVisible = 0.2;
  Stencil s;
  s.coverage.resize(kCellSize * kCellSize);
  s.box = {kCellSize, kCellSize, 0, 0};
  for (int y = 0; y < kCellSize; ++y) {
    for (int x = 0; x < kCellSize; ++x) {
      int hits = 0;
      for (int j = 0; j < kSamples; ++j) {
        for (int i = 0; i < kSamples; ++i) {
          hits += inside(shape, x + (i + 0.5) / kSamples - kCellSize / 2.0,
                         y + (j + 0.5) / kSamples - kCellSize / 2.0);
        }
      }
      const double part = static_cast<double>(hits) / (kSamples * kSamples);
      s.coverage[static_cast<size_t>(y * kCellSize + x)] = static_cast<float>(part);
      if (part < kVisible) continue;
      s.box = {std::min<double>(s.box.x1, x), std::min<double>(s.box.y1, y),
               std::max<double>(s.box.x2, x + 1), std::max<double>(s.box.y2, y + 1)};
    }
  }
  return s;
}

const Stencil& stencil(int shape) {
  static const auto* all = [] {
    auto* list = new std::vector<Stencil>;
    for (int s = 0; s < kShapes; ++s) list->push_back(make_stencil(s));
    return list;
  }();
  return all->at(static_cast<size_t>(shape));
}

int index_of(const std::vector<std::string>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

}  // namespace

const std::vector<std::string>& shape_names() {
  static const std::vector<std::string> names = {"circle", "square", "triangle", "star",
                                                 "heart",  "cross",  "ring",     "diamond"};
  return names;
}

const std::vector<std::string>& color_names() {
  static const std::vector<std::string> names = {"red",    "orange", "yellow", "green", "blue",
                                                 "purple", "pink",   "brown",  "black", "white"};
  return names;
}

const std::vector<std::string>& cell_names() {
  static const std::vector<std::string> names = {"top left",    "top center",    "top right",
                                                 "middle left", "middle center", "middle right",
                                                 "bottom left", "bottom center", "bottom right"};
  return names;
}

image::Rgb color_value(int color) {
  static constexpr image::Rgb kValues[kColors] = {
      {220, 20, 30},  {255, 135, 0},   {255, 228, 30}, {20, 150, 60}, {30, 70, 230},
      {150, 30, 170}, {255, 110, 185}, {120, 66, 20},  {18, 18, 18},  {255, 255, 255}};
  if (color < 0 || color >= kColors) base::fail(cat("no colour ", color));
  return kValues[color];
}

int shape_index(std::string_view name) { return index_of(shape_names(), name); }
int color_index(std::string_view name) { return index_of(color_names(), name); }

bool shape_covers(int shape, double x, double y) {
  if (x < 0 || x > 1 || y < 0 || y > 1) return false;
  return inside(shape, (2 * x - 1) * kHalf, (2 * y - 1) * kHalf);
}

const std::vector<float>& shape_coverage(int shape) { return stencil(shape).coverage; }

record::Box object_box(const SceneObject& object) {
  const double x = object.cell % kGrid * kCellSize, y = object.cell / kGrid * kCellSize;
  const record::Box& box = stencil(object.shape).box;
  return {x + box.x1, y + box.y1, x + box.x2, y + box.y2};
}

image::Image render(const Scene& scene) {
  image::Image picture(kCanvas, kCanvas, kBackground);
  bool taken[kCells] = {};
  for (const auto& o : scene.objects) {
    if (o.shape < 0 || o.shape >= kShapes || o.cell < 0 || o.cell >= kCells || taken[o.cell]) {
      base::fail(cat("cannot draw shape ", o.shape, " in cell ", o.cell,
                     "; expected a known shape in a free cell"));
    }
    taken[o.cell] = true;
    const image::Rgb color = color_value(o.color);
    const auto& coverage = shape_coverage(o.shape);
    for (int y = 0; y < kCellSize; ++y) {
      for (int x = 0; x < kCellSize; ++x) {
        const float a = coverage[static_cast<size_t>(y * kCellSize + x)];
        const auto mix = [a](uint8_t below, uint8_t above) {
          const float value = static_cast<float>(below) * (1 - a) + static_cast<float>(above) * a;
          return static_cast<uint8_t>(std::lround(value));
        };
        picture.set(o.cell % kGrid * kCellSize + x, o.cell / kGrid * kCellSize + y,
                    {mix(kBackground.r, color.r), mix(kBackground.g, color.g),
                     mix(kBackground.b, color.b)});
      }
    }
  }
  return picture;
}

}  // namespace easel::world
