#include "world/detector.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "image/draw.h"
#include "world/scene.h"

namespace easel::world {

namespace {

constexpr int kPixels = kCanvas * kCanvas;
// RGB distance from the background that makes a pixel foreground: five times the deviation of
// noise that still counts as mild, and less than half of the palest colour's distance.
constexpr float kForeground = 42;
constexpr int kMinArea = 14;  // the smallest shape covers about 50 pixels
constexpr int kLargestSide =
    15;                    // an object's extent with a blurred rim; above it, two have merged
constexpr int kReach = 2;  // offsets tried each way, and how far a component's rim reaches
constexpr int kWindow = kCellSize + 2 * kReach;
constexpr int kBlurs = 3;
constexpr float kMostNoise = 0.15F;  // of a component's energy

using Map = std::array<int16_t, kPixels>;
using Color = std::array<float, 3>;

struct Component {
  std::vector<int16_t> pixels;
  int x1 = kCanvas, y1 = kCanvas, x2 = 0, y2 = 0;  // far edges
  void add(int pixel) {
    const int x = pixel % kCanvas, y = pixel / kCanvas;
    pixels.push_back(static_cast<int16_t>(pixel));
    x1 = std::min(x1, x);
    y1 = std::min(y1, y);
    x2 = std::max(x2, x + 1);
    y2 = std::max(y2, y + 1);
  }
  bool oversize() const { return x2 - x1 > kLargestSide || y2 - y1 > kLargestSide; }
};

struct Template {
  int shape = 0;
  float energy = 0;  // sum of squares
  std::array<float, kCellSize * kCellSize> coverage;
};

std::array<float, kCellSize * kCellSize> box_blur(
    const std::array<float, kCellSize * kCellSize>& from) {
  std::array<float, kCellSize * kCellSize> to;
  for (int y = 0; y < kCellSize; ++y) {
    for (int x = 0; x < kCellSize; ++x) {
      float sum = 0;
      for (int j = std::max(0, y - 1); j <= std::min(kCellSize - 1, y + 1); ++j) {
        for (int i = std::max(0, x - 1); i <= std::min(kCellSize - 1, x + 1); ++i) {
          sum += from[static_cast<size_t>(j * kCellSize + i)];
        }
      }
      to[static_cast<size_t>(y * kCellSize + x)] = sum / 9;
    }
  }
  return to;
}

// Every shape as the renderer draws it, and blurred once and twice as tokenizers do.
const std::vector<Template>& templates() {
  static const auto* all = [] {
    auto* list = new std::vector<Template>;
    for (int shape = 0; shape < kShapes; ++shape) {
      Template t;
      t.shape = shape;
      std::copy_n(shape_coverage(shape).begin(), t.coverage.size(), t.coverage.begin());
      for (int blur = 0; blur < kBlurs; ++blur) {
        t.energy = 0;
        for (const float a : t.coverage) t.energy += a * a;
        list->push_back(t);
        t.coverage = box_blur(t.coverage);
      }
    }
    return list;
  }();
  return *all;
}

Color pixel_color(const image::Image& picture, int pixel) {
  const uint8_t* p = picture.rgb.data() + 3 * static_cast<size_t>(pixel);
  return {static_cast<float>(p[0]), static_cast<float>(p[1]), static_cast<float>(p[2])};
}

// The median of what looks like background, per channel; the nominal colour where little does.
Color estimate_background(const image::Image& picture) {
  constexpr int kTolerance = 48;
  constexpr int kNominal[3] = {kBackground.r, kBackground.g, kBackground.b};
  int counts[3][256] = {};
  int n = 0;
  for (int i = 0; i < kPixels; ++i) {
    const uint8_t* p = picture.rgb.data() + 3 * static_cast<size_t>(i);
    bool near = true;
    for (int c = 0; c < 3; ++c) near = near && std::abs(p[c] - kNominal[c]) <= kTolerance;
    if (!near) continue;
    ++n;
    for (int c = 0; c < 3; ++c) ++counts[c][p[c]];
  }
  Color out;
  for (int c = 0; c < 3; ++c) {
    int value = kNominal[c];
    if (n >= kPixels / 10) {
      int below = counts[c][value = 0];
      while (2 * below < n) below += counts[c][++value];
    }
    out[static_cast<size_t>(c)] = static_cast<float>(value);
  }
  return out;
}

// CIE L*a*b* of an sRGB colour, D65.
Color to_lab(const Color& rgb) {
  const auto linear = [](float v) {
    const float u = std::clamp(v / 255, 0.0F, 1.0F);
    return u <= 0.04045F ? u / 12.92F : std::pow((u + 0.055F) / 1.055F, 2.4F);
  };
  const float r = linear(rgb[0]), g = linear(rgb[1]), b = linear(rgb[2]);
  const auto curve = [](float t) {
    return t > 0.008856F ? std::cbrt(t) : 7.787F * t + 16.0F / 116;
  };
  const float x = curve((0.4124F * r + 0.3576F * g + 0.1805F * b) / 0.9505F);
  const float y = curve(0.2126F * r + 0.7152F * g + 0.0722F * b);
  const float z = curve((0.0193F * r + 0.1192F * g + 0.9505F * b) / 1.089F);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

int nearest_color(const Color& rgb) {
  static const auto* palette = [] {
    auto* list = new std::array<Color, kColors>;
    for (int c = 0; c < kColors; ++c) {
      const image::Rgb v = color_value(c);
      (*list)[static_cast<size_t>(c)] =
          to_lab({static_cast<float>(v.r), static_cast<float>(v.g), static_cast<float>(v.b)});
    }
    return list;
  }();
  const Color lab = to_lab(rgb);
  int best = 0;
  float least = -1;
  for (int c = 0; c < kColors; ++c) {
    float distance = 0;
    for (size_t k = 0; k < 3; ++k) {
      const float d = lab[k] - (*palette)[static_cast<size_t>(c)][k];
      distance += d * d;
    }
    if (least < 0 || distance < least) {
      least = distance;
      best = c;
    }
  }
  return best;
}

// One picture's work: what differs from the background, and which component it belongs to.
class Finder {
 public:
  explicit Finder(const image::Image& picture)
      : picture_(picture), background_(estimate_background(picture)) {
    for (int i = 0; i < kPixels; ++i) {
      Color d = pixel_color(picture, i);
      float sum = 0;
      for (size_t c = 0; c < 3; ++c) {
        d[c] -= background_[c];
        sum += d[c] * d[c];
      }
      difference_[static_cast<size_t>(i)] = d;
      distance_[static_cast<size_t>(i)] = std::sqrt(sum);
    }
    labels_.fill(0);
  }

  std::vector<record::Detection> find() {
    std::vector<int16_t> everything(kPixels);
    for (int i = 0; i < kPixels; ++i) everything[static_cast<size_t>(i)] = static_cast<int16_t>(i);
    for (auto& part : components(everything, kForeground)) keep_or_split(std::move(part));
    for (size_t k = 0; k < found_.size(); ++k) {
      for (const int pixel : found_[k].pixels) at(pixel) = static_cast<int16_t>(k + 1);
    }
    grow_labels();
    measure_noise();
    std::vector<record::Detection> out;
    for (size_t k = 0; k < found_.size(); ++k) {
      auto detection = match(found_[k], static_cast<int16_t>(k + 1));
      if (detection.score > 0.02) out.push_back(std::move(detection));
    }
    return out;
  }

 private:
  int16_t& at(int pixel) { return labels_[static_cast<size_t>(pixel)]; }

  // 8-connected components of those of `pixels` whose distance is above the threshold.
  std::vector<Component> components(const std::vector<int16_t>& pixels, float threshold) {
    std::array<bool, kPixels> open{};
    for (const int p : pixels) {
      open[static_cast<size_t>(p)] = distance_[static_cast<size_t>(p)] > threshold;
    }
    std::vector<Component> out;
    std::vector<int> stack;
    for (const int start : pixels) {
      if (!open[static_cast<size_t>(start)]) continue;
      Component part;
      open[static_cast<size_t>(start)] = false;
      stack.assign(1, start);
      while (!stack.empty()) {
        const int p = stack.back();
        stack.pop_back();
        part.add(p);
        const int x = p % kCanvas, y = p / kCanvas;
        for (int j = std::max(0, y - 1); j <= std::min(kCanvas - 1, y + 1); ++j) {
          for (int i = std::max(0, x - 1); i <= std::min(kCanvas - 1, x + 1); ++i) {
            const int q = j * kCanvas + i;
            if (!open[static_cast<size_t>(q)]) continue;
            open[static_cast<size_t>(q)] = false;
            stack.push_back(q);
          }
        }
      }
      if (static_cast<int>(part.pixels.size()) >= kMinArea) out.push_back(std::move(part));
    }
    return out;
  }

  // A component larger than an object is several that a blur has joined: they part again where
  // the joint is faint, or else along the grid.
  void keep_or_split(Component part) {
    if (!part.oversize()) {
      found_.push_back(std::move(part));
      return;
    }
    float strongest = 0;
    for (const int p : part.pixels) {
      strongest = std::max(strongest, distance_[static_cast<size_t>(p)]);
    }
    for (auto& piece : components(part.pixels, std::max(kForeground, strongest / 2))) {
      if (!piece.oversize()) {
        found_.push_back(std::move(piece));
        continue;
      }
      std::array<Component, kCells> cells;
      for (const int p : piece.pixels) {
        const int column = p % kCanvas / kCellSize, row = p / kCanvas / kCellSize;
        cells[static_cast<size_t>(row * kGrid + column)].add(p);
      }
      for (auto& cell : cells) {
        if (static_cast<int>(cell.pixels.size()) >= kMinArea) found_.push_back(std::move(cell));
      }
    }
  }

  // Gives the pixels around each component, where its soft rim lies, to it.
  void grow_labels() {
    for (int step = 0; step < kReach; ++step) {
      const Map before = labels_;
      for (int y = 0; y < kCanvas; ++y) {
        for (int x = 0; x < kCanvas; ++x) {
          if (before[static_cast<size_t>(y * kCanvas + x)] != 0) continue;
          int16_t label = 0;
          for (int j = std::max(0, y - 1); j <= std::min(kCanvas - 1, y + 1); ++j) {
            for (int i = std::max(0, x - 1); i <= std::min(kCanvas - 1, x + 1); ++i) {
              label = std::max(label, before[static_cast<size_t>(j * kCanvas + i)]);
            }
          }
          at(y * kCanvas + x) = label;
        }
      }
    }
  }

  // The energy that a pixel of plain background has.
  void measure_noise() {
    double sum = 0;
    int n = 0;
    for (size_t i = 0; i < kPixels; ++i) {
      if (labels_[i] != 0 || distance_[i] > kForeground) continue;
      sum += static_cast<double>(distance_[i]) * distance_[i];
      ++n;
    }
    noise_ = n > 0 ? static_cast<float>(sum / n) : 0;
  }

  // The direction in colour space that holds most of the component's energy (power iteration).
  static Color main_direction(const std::array<Color, kWindow * kWindow>& values) {
    float m[3][3] = {};
    Color u = {0, 0, 0};
    for (const Color& v : values) {
      for (size_t a = 0; a < 3; ++a) {
        for (size_t b = 0; b < 3; ++b) m[a][b] += v[a] * v[b];
      }
    }
    size_t strongest = 0;
    for (size_t a = 1; a < 3; ++a) strongest = m[a][a] > m[strongest][strongest] ? a : strongest;
    for (size_t a = 0; a < 3; ++a) u[a] = m[strongest][a];
    for (int step = 0; step < 6; ++step) {
      Color next = {0, 0, 0};
      float norm = 0;
      for (size_t a = 0; a < 3; ++a) {
        for (size_t b = 0; b < 3; ++b) next[a] += m[a][b] * u[b];
        norm += next[a] * next[a];
      }
      if (norm <= 0) break;
      for (size_t a = 0; a < 3; ++a) u[a] = next[a] / std::sqrt(norm);
    }
    return u;
  }

  record::Detection match(const Component& part, int16_t label) {
    const int left = (part.x1 + part.x2) / 2 - kWindow / 2;
    const int top = (part.y1 + part.y2) / 2 - kWindow / 2;
    std::array<Color, kWindow * kWindow> values{};
    float energy = 0;
    int members = 0;
    for (int y = std::max(0, top); y < std::min(kCanvas, top + kWindow); ++y) {
      for (int x = std::max(0, left); x < std::min(kCanvas, left + kWindow); ++x) {
        const auto i = static_cast<size_t>(y * kCanvas + x);
        if (labels_[i] != label) continue;
        values[static_cast<size_t>((y - top) * kWindow + x - left)] = difference_[i];
        energy += distance_[i] * distance_[i];
        ++members;
      }
    }
    const Color u = main_direction(values);
    std::array<float, kWindow * kWindow> plane;
    for (size_t i = 0; i < plane.size(); ++i) {
      plane[i] = values[i][0] * u[0] + values[i][1] * u[1] + values[i][2] * u[2];
    }
    const Template* best = nullptr;
    float most = -1;
    int best_x = 0, best_y = 0;
    for (const Template& t : templates()) {
      for (int dy = 0; dy <= 2 * kReach; ++dy) {
        for (int dx = 0; dx <= 2 * kReach; ++dx) {
          const float product = correlate(t, plane.data() + dy * kWindow + dx);
          const float value = product * product / t.energy;
          if (value <= most) continue;
          most = value;
          best = &t;
          best_x = dx;
          best_y = dy;
        }
      }
    }
    // What noise adds to the energy is no template's fault; but a picture that is nothing but noise
    // must not be excused by it.
    const float excused = std::min(noise_ * static_cast<float>(members), kMostNoise * energy);
    const float signal = std::max(most, energy - excused);
    record::Detection d;
    d.class_name = shape_names()[static_cast<size_t>(best->shape)];
    d.color = color_names()[static_cast<size_t>(fitted_color(*best, values, best_x, best_y))];
    d.box = {static_cast<double>(part.x1), static_cast<double>(part.y1),
             static_cast<double>(part.x2), static_cast<double>(part.y2)};
    d.score = score(most / signal);
    return d;
  }

  static float correlate(const Template& t, const float* plane) {
    std::array<float, kCellSize> sums{};
    for (size_t y = 0; y < kCellSize; ++y) {
      const float* a = t.coverage.data() + y * kCellSize;
      const float* b = plane + y * kWindow;
      for (size_t x = 0; x < kCellSize; ++x) sums[x] += a[x] * b[x];
    }
    float sum = 0;
    for (const float s : sums) sum += s;
    return sum;
  }

  int fitted_color(const Template& t, const std::array<Color, kWindow * kWindow>& values, int dx,
                   int dy) const {
    Color fit = {0, 0, 0};
    for (int y = 0; y < kCellSize; ++y) {
      for (int x = 0; x < kCellSize; ++x) {
        const float a = t.coverage[static_cast<size_t>(y * kCellSize + x)];
        const Color& v = values[static_cast<size_t>((y + dy) * kWindow + x + dx)];
        for (size_t c = 0; c < 3; ++c) fit[c] += a * v[c];
      }
    }
    // A picture darker or lighter as a whole is brought back by its background.
    const float gain = static_cast<float>(kBackground.r + kBackground.g + kBackground.b) /
                       (background_[0] + background_[1] + background_[2]);
    for (size_t c = 0; c < 3; ++c) fit[c] = (background_[c] + fit[c] / t.energy) * gain;
    return nearest_color(fit);
  }

  // A logistic curve through what was measured: shapes under blur and noise keep 0.94 of their
  // energy explained and more (score above 0.9); of blobs of like size nine in ten stay below 0.87
  // (score below 0.3).
  static double score(double explained) {
    const double value = 1 / (1 + std::exp(-60.9 * (explained - 0.8989)));
    return std::round(value * 1e4) / 1e4;  // further digits say nothing
  }

  const image::Image& picture_;
  Color background_;
  std::array<Color, kPixels> difference_;
  std::array<float, kPixels> distance_;
  Map labels_;
  std::vector<Component> found_;
  float noise_ = 0;
};

}  // namespace

record::Detections detect(const image::Image& picture) {
  record::Detections out;
  if (picture.width <= 0 || picture.height <= 0) return out;
  const bool fits = picture.width == kCanvas && picture.height == kCanvas;
  const image::Image resized = fits ? image::Image() : image::resize(picture, kCanvas, kCanvas);
  out.items = Finder(fits ? picture : resized).find();
  const double sx = static_cast<double>(picture.width) / kCanvas;
  const double sy = static_cast<double>(picture.height) / kCanvas;
  for (auto& d : out.items) d.box = {d.box.x1 * sx, d.box.y1 * sy, d.box.x2 * sx, d.box.y2 * sy};
  return out;
}

}  // namespace easel::world
