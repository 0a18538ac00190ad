// Plots as SVG inside an HTML figure: caption with the unit, drawing, legend. They carry class
// names that the page's style colours in light and dark (html.cpp), scale with the figure's width,
// and need no script; a point's value shows when the pointer rests on it.
//
// A value that is not finite is a gap. A plot without one finite value is the empty string.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace easel::report {

constexpr int kColors = 8;  // the palette; colour k is class "c<k>"

struct Series {
  std::string label;
  std::vector<double> x = {}, y = {};
  std::vector<double> low = {}, high = {};  // a band around y; empty, or as long as y
  int color = 0;
  bool dashed = false;
};

struct Plot {
  std::string title, unit;  // unit of y; may be empty
  std::string x_label = "step";
  std::vector<Series> series = {};
  bool from_zero = false;  // the y axis starts at 0
  bool log_y = false;      // values that are not positive are left out; from_zero has no effect
};

std::string line_plot(const Plot& plot);

// Areas on top of each other, the first at the bottom. Every series has the same x; a gap counts 0.
std::string stacked_plot(const Plot& plot);

// Horizontal bars in [0, 1], a block of them for each category, with an interval where it is known.
struct Bar {
  double value = 0;
  std::optional<double> low, high;
  std::string text;  // after the bar
};
struct BarSeries {
  std::string label;
  int color = 0;
  std::vector<std::optional<Bar>> bars;  // one for each category
};
struct BarPlot {
  std::string title, unit;
  std::vector<std::string> categories = {};
  std::vector<BarSeries> series = {};
};
std::string bar_plot(const BarPlot& plot);

}  // namespace easel::report
