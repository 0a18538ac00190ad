#include <algorithm>
#include <cmath>

#include "base/strings.h"
#include "report/html.h"
#include "report/plot.h"
#include "report/plot_frame.h"

namespace easel::report {

using base::cat;

namespace {
constexpr double kBarLeft = 96, kBarRight = 54, kBarHeight = 13, kBarGap = 2, kBlockGap = 12;

// Bars are the only drawing whose names stand beside it: long ones would run off the edge.
std::string shorten(const std::string& name) {
  constexpr size_t kMax = 16;
  return name.size() <= kMax ? name : name.substr(0, kMax - 1) + "...";
}
}  // namespace

std::string bar_plot(const BarPlot& plot) {
  std::string marks;
  double y = 4;
  bool any = false;
  const double scale = kWidth - kBarLeft - kBarRight;
  const auto px = [&](double value) { return kBarLeft + std::clamp(value, 0.0, 1.0) * scale; };
  for (size_t c = 0; c < plot.categories.size(); ++c) {
    const double top = y;
    for (const auto& s : plot.series) {
      if (c < s.bars.size() && s.bars[c] && std::isfinite(s.bars[c]->value)) {
        const Bar& bar = *s.bars[c];
        const double middle = y + kBarHeight / 2;
        any = true;
        double end = px(bar.value);
        marks += cat(
            "<rect class=\"bar c", s.color % kColors, "\" x=\"", coordinate(kBarLeft), "\" y=\"",
            coordinate(y), "\" width=\"", coordinate(std::max(1.0, end - kBarLeft)), "\" height=\"",
            kBarHeight, "\" rx=\"1.5\"><title>",
            escape_html(cat(plot.categories[c], ", ", s.label, ": ", bar.text)), "</title></rect>");
        if (bar.low && bar.high) {
          marks += cat("<path class=\"whisker\" d=\"M", coordinate(px(*bar.low)), " ",
                       coordinate(middle), "H", coordinate(px(*bar.high)), "\"/>");
          end = std::max(end, px(*bar.high));
        }
        marks += cat("<text class=\"value\" x=\"", coordinate(end + 5), "\" y=\"",
                     coordinate(middle), "\" dy=\"0.35em\">", escape_html(bar.text), "</text>\n");
      }
      y += kBarHeight + kBarGap;
    }
    marks += cat("<text x=\"", coordinate(kBarLeft - 8), "\" y=\"",
                 coordinate((top + y - kBarGap) / 2), "\" dy=\"0.35em\" text-anchor=\"end\">",
                 escape_html(shorten(plot.categories[c])), "</text>\n");
    y += kBlockGap;
  }
  if (!any) return "";
  const double height = y - kBlockGap + 24;
  std::string svg = cat("<svg viewBox=\"0 0 ", kWidth, " ", coordinate(height),
                        "\" role=\"img\" aria-label=\"", escape_html(plot.title), "\">\n");
  for (const double tick : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    svg += cat("<path class=\"grid\" d=\"M", coordinate(px(tick)), " 2V", coordinate(height - 18),
               "\"/><text x=\"", coordinate(px(tick)), "\" y=\"", coordinate(height - 4),
               "\" text-anchor=\"middle\">", base::format_fixed(tick * 100, 0), "%</text>\n");
  }
  std::vector<LegendEntry> legend;
  for (const auto& s : plot.series) legend.push_back({s.label, s.color, false, true});
  if (legend.size() == 1) legend.clear();
  return figure(plot.title, plot.unit, svg + marks + "</svg>\n", legend);
}

}  // namespace easel::report
