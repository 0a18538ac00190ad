#include <algorithm>
#include <cmath>

#include "base/strings.h"
#include "report/html.h"
#include "report/plot.h"
#include "report/plot_frame.h"

namespace easel::report {

using base::cat;

namespace {
constexpr size_t kMaxPoints = 300;
constexpr double kMaxValue = 1e100;  // seconds and the like: more is no data
}  // namespace

std::string stacked_plot(const Plot& plot) {
  // A series without a positive value would be a legend entry and nothing more.
  std::vector<const Series*> shown;
  for (const auto& s : plot.series) {
    if (std::any_of(s.y.begin(), s.y.end(), [](double v) { return v > 0 && v < kMaxValue; })) {
      shown.push_back(&s);
    }
  }
  if (shown.empty()) return "";
  const std::vector<double>& x = shown[0]->x;
  const size_t stride = (x.size() + kMaxPoints - 1) / kMaxPoints;
  const size_t n = (x.size() + stride - 1) / stride;

  // sums[k][i]: the top of series k at point i, averaged over `stride` steps.
  std::vector<double> places(n, 0), below(n, 0);
  std::vector<std::vector<double>> tops;
  for (const Series* s : shown) {
    for (size_t i = 0; i < n; ++i) {
      const size_t end = std::min(x.size(), (i + 1) * stride);
      double sum = 0;
      places[i] = 0;
      for (size_t k = i * stride; k < end; ++k) {
        places[i] += x[k];
        if (k < s->y.size() && s->y[k] > 0 && s->y[k] < kMaxValue) sum += s->y[k];
      }
      const auto count = static_cast<double>(end - i * stride);
      places[i] /= count;
      below[i] += sum / count;
    }
    tops.push_back(below);
  }
  Frame frame;
  frame.x = step_axis(places.front(), places.back());
  frame.y = linear_axis(0, *std::max_element(below.begin(), below.end()), 4, true);
  std::string svg =
      cat("<svg viewBox=\"0 0 ", kWidth, " ", kHeight, "\" role=\"img\" aria-label=\"",
          escape_html(plot.title), "\">\n", frame.axes(plot.x_label));
  const double half = n == 1 ? 0.4 : 0;  // one step: a bar of its own width
  std::vector<LegendEntry> legend;
  for (size_t k = 0; k < shown.size(); ++k) {
    std::string path;
    const auto add = [&](double at, double height) {
      path += cat(path.empty() ? "M" : "L", coordinate(frame.px(at)), " ",
                  coordinate(frame.py(height)));
    };
    for (size_t i = 0; i < n; ++i) {
      add(places[i] - half, tops[k][i]);
      if (half > 0) add(places[i] + half, tops[k][i]);
    }
    for (size_t i = n; i-- > 0;) {
      const double floor = k == 0 ? 0 : tops[k - 1][i];
      if (half > 0) add(places[i] + half, floor);
      add(places[i] - half, floor);
    }
    double mean = 0;
    for (size_t i = 0; i < n; ++i) {
      mean += (tops[k][i] - (k == 0 ? 0 : tops[k - 1][i])) / static_cast<double>(n);
    }
    svg += cat("<path class=\"area c", shown[k]->color % kColors, "\" d=\"", path, "Z\"><title>",
               escape_html(shown[k]->label), ", mean ", short_number(mean), "</title></path>\n");
    legend.push_back({shown[k]->label, shown[k]->color, false, true});
  }
  std::string unit = plot.unit;
  if (!frame.y.factor.empty()) unit += cat(unit.empty() ? "" : ", ", "in ", frame.y.factor);
  return figure(plot.title, unit, svg + "</svg>\n", legend);
}

}  // namespace easel::report
