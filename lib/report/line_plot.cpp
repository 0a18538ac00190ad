#include <algorithm>
#include <cmath>
#include <limits>

#include "base/strings.h"
#include "report/html.h"
#include "report/plot.h"
#include "report/plot_frame.h"

namespace easel::report {

using base::cat;

namespace {

constexpr size_t kMaxPoints = 300;   // a longer curve is drawn as averages with their spread
constexpr size_t kMaxHits = 80;      // points of a curve that show their value
constexpr double kMaxValue = 1e300;  // beyond it the width of an axis is no number; never data

struct Point {
  double x, y, low, high;
};
using Curve = std::vector<std::vector<Point>>;  // pieces between gaps

Curve curve_of(const Series& s, bool log_y) {
  Curve curve(1);
  for (size_t i = 0; i < std::min(s.x.size(), s.y.size()); ++i) {
    const bool drawn = std::isfinite(s.x[i]) && std::abs(s.y[i]) < kMaxValue;
    if (!drawn || (log_y && s.y[i] <= 0)) {
      if (!curve.back().empty()) curve.emplace_back();
      continue;
    }
    Point p{s.x[i], s.y[i], s.y[i], s.y[i]};
    if (i < s.low.size() && std::abs(s.low[i]) < kMaxValue) p.low = s.low[i];
    if (i < s.high.size() && std::abs(s.high[i]) < kMaxValue) p.high = s.high[i];
    if (log_y && p.low <= 0) p.low = p.y;
    curve.back().push_back(p);
  }
  if (curve.back().empty()) curve.pop_back();
  return curve;
}

// Means of runs of neighbours, with the least and greatest of each run.
void thin(Curve& curve) {
  size_t total = 0;
  for (const auto& piece : curve) total += piece.size();
  if (total <= kMaxPoints) return;
  const size_t stride = (total + kMaxPoints - 1) / kMaxPoints;
  for (auto& piece : curve) {
    std::vector<Point> out;
    for (size_t i = 0; i < piece.size(); i += stride) {
      const size_t n = std::min(stride, piece.size() - i);
      Point p = piece[i];
      p.x = p.y = 0;
      for (size_t k = i; k < i + n; ++k) {
        p.x += piece[k].x / static_cast<double>(n);
        p.y += piece[k].y / static_cast<double>(n);
        p.low = std::min(p.low, piece[k].low);
        p.high = std::max(p.high, piece[k].high);
      }
      out.push_back(p);
    }
    piece = std::move(out);
  }
}

std::string draw(const Frame& frame, const Series& s, const Curve& curve, bool named) {
  std::string band, line, dots;
  size_t total = 0, index = 0;
  for (const auto& piece : curve) total += piece.size();
  const size_t stride = (total + kMaxHits - 1) / kMaxHits;
  const auto at = [&](double x, double y) {
    return cat(coordinate(frame.px(x)), " ", coordinate(frame.py(y)));
  };
  for (const auto& piece : curve) {
    const bool spread =
        std::any_of(piece.begin(), piece.end(), [](const Point& p) { return p.high > p.low; });
    if (spread && piece.size() > 1) {
      band += "M";
      for (const auto& p : piece) band += cat(&p == &piece.front() ? "" : "L", at(p.x, p.high));
      for (auto p = piece.rbegin(); p != piece.rend(); ++p) band += cat("L", at(p->x, p->low));
      band += "Z";
    }
    line += cat("M", at(piece[0].x, piece[0].y));
    for (size_t i = 1; i < piece.size(); ++i) line += cat("L", at(piece[i].x, piece[i].y));
    if (piece.size() == 1) line += "h0.01";  // a lone point shows as a dot: the line's round cap
    for (const auto& p : piece) {
      if (index++ % stride != 0) continue;
      dots += cat("<circle class=\"hit\" cx=\"", coordinate(frame.px(p.x)), "\" cy=\"",
                  coordinate(frame.py(p.y)), "\" r=\"3.5\"><title>",
                  named ? escape_html(s.label) + ", " : "", "step ", short_number(p.x), ": ",
                  short_number(p.y), "</title></circle>");
    }
  }
  std::string out = cat("<g class=\"c", s.color % kColors, "\">");
  if (!band.empty()) out += cat("<path class=\"band\" d=\"", band, "\"/>");
  out += cat("<path class=\"curve\" ", s.dashed ? "stroke-dasharray=\"2 4\" " : "", "d=\"", line,
             "\"/>", dots, "</g>\n");
  return out;
}

}  // namespace

std::string line_plot(const Plot& plot) {
  std::vector<Curve> curves;
  double x_low = std::numeric_limits<double>::infinity(), x_high = -x_low;
  double y_low = x_low, y_high = -x_low;
  for (const auto& s : plot.series) {
    curves.push_back(curve_of(s, plot.log_y));
    thin(curves.back());
    for (const auto& piece : curves.back()) {
      for (const auto& p : piece) {
        x_low = std::min(x_low, p.x);
        x_high = std::max(x_high, p.x);
        y_low = std::min(y_low, p.low);
        y_high = std::max(y_high, p.high);
      }
    }
  }
  if (!(x_low <= x_high)) return "";
  if (plot.from_zero && !plot.log_y) {
    y_low = std::min(y_low, 0.0);
    if (y_high <= y_low) y_high = 1;
  }
  Frame frame;
  frame.x = step_axis(x_low, x_high);
  frame.y = plot.log_y ? log_axis(y_low, y_high) : linear_axis(y_low, y_high, 4, true);

  std::string svg =
      cat("<svg viewBox=\"0 0 ", kWidth, " ", kHeight, "\" role=\"img\" aria-label=\"",
          escape_html(plot.title), "\">\n", frame.axes(plot.x_label));
  std::vector<LegendEntry> legend;
  for (size_t i = 0; i < plot.series.size(); ++i) {
    if (curves[i].empty()) continue;
    legend.push_back({plot.series[i].label, plot.series[i].color, plot.series[i].dashed});
  }
  for (size_t i = 0; i < plot.series.size(); ++i) {
    if (!curves[i].empty()) svg += draw(frame, plot.series[i], curves[i], legend.size() > 1);
  }
  if (legend.size() == 1) legend.clear();
  std::string unit = plot.unit;
  if (!frame.y.factor.empty()) unit += cat(unit.empty() ? "" : ", ", "in ", frame.y.factor);
  if (plot.log_y) unit += unit.empty() ? "log scale" : ", log scale";
  return figure(plot.title, unit, svg + "</svg>\n", legend);
}

}  // namespace easel::report
