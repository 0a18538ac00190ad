// What the plots of this module share: the drawing's measures, axes, caption and legend.
#pragma once

#include <string>
#include <vector>

#include "report/plot.h"
#include "report/ticks.h"

namespace easel::report {

// Drawing units; about one CSS pixel on a telephone.
constexpr double kWidth = 380, kHeight = 220;
constexpr double kLeft = 44, kRight = 12, kTop = 10, kBottom = 32;

struct Frame {
  Axis x, y;
  // The left margin holds the longest label.
  double left() const;
  double px(double value) const { return left() + x.place(value) * (kWidth - left() - kRight); }
  double py(double value) const {
    return kHeight - kBottom - y.place(value) * (kHeight - kTop - kBottom);
  }
  std::string axes(const std::string& x_label) const;  // grid, ticks, labels
};

// A coordinate with one decimal: a tenth of a pixel is enough, and pages stay small.
std::string coordinate(double value);

struct LegendEntry {
  std::string label;
  int color = 0;
  bool dashed = false, block = false;
};
// <figure> around a drawing; no legend for no entries.
std::string figure(const std::string& title, const std::string& unit, const std::string& svg,
                   const std::vector<LegendEntry>& legend);

// The step axis of several series: whole numbers.
Axis step_axis(double low, double high);

}  // namespace easel::report
