#include "report/plot_frame.h"

#include <algorithm>
#include <cmath>

#include "base/strings.h"
#include "report/html.h"

namespace easel::report {

using base::cat;

std::string coordinate(double value) {
  std::string text = base::format_fixed(value, 1);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

Axis step_axis(double low, double high) {
  if (high - low < 1) {  // one step: room on both sides
    low -= 1;
    high += 1;
  }
  Axis axis = linear_axis(low, high, 5, false);
  // Steps are counted: half a step has no place on the axis.
  for (size_t i = axis.ticks.size(); i-- > 0;) {
    if (std::abs(axis.ticks[i] - std::round(axis.ticks[i])) > 1e-9 || axis.ticks[i] < 0) {
      axis.ticks.erase(axis.ticks.begin() + static_cast<std::ptrdiff_t>(i));
      axis.labels.erase(axis.labels.begin() + static_cast<std::ptrdiff_t>(i));
    } else if (axis.factor.empty()) {
      axis.labels[i] = base::format_fixed(axis.ticks[i], 0);
    }
  }
  return axis;
}

double Frame::left() const {
  constexpr double kDigit = 6.2;
  size_t longest = 0;
  for (const auto& label : y.labels) longest = std::max(longest, label.size());
  return std::max(kLeft, 8 + kDigit * static_cast<double>(longest));
}

std::string Frame::axes(const std::string& x_label) const {
  std::string out;
  const std::string from = coordinate(left()), right = coordinate(kWidth - kRight);
  for (size_t i = 0; i < y.ticks.size(); ++i) {
    const std::string at = coordinate(py(y.ticks[i]));
    out += cat("<path class=\"grid\" d=\"M", from, " ", at, "H", right, "\"/>");
    out += cat("<text x=\"", coordinate(left() - 6), "\" y=\"", at,
               "\" dy=\"0.35em\" text-anchor=\"end\">", escape_html(y.labels[i]), "</text>\n");
  }
  const double bottom = kHeight - kBottom;
  out += cat("<path class=\"axis\" d=\"M", from, " ", coordinate(bottom), "H", right, "\"/>");
  for (size_t i = 0; i < x.ticks.size(); ++i) {
    const double at = px(x.ticks[i]);
    // A label at the very end would be cut off.
    const char* anchor = at > kWidth - kRight - 12 ? "end" : "middle";
    out += cat("<path class=\"axis\" d=\"M", coordinate(at), " ", coordinate(bottom), "v4\"/>");
    out += cat("<text x=\"", coordinate(at > kWidth - kRight - 12 ? kWidth - kRight : at),
               "\" y=\"", coordinate(bottom + 15), "\" text-anchor=\"", anchor, "\">",
               escape_html(x.labels[i]), "</text>\n");
  }
  std::string name = x_label;
  if (!x.factor.empty()) name += cat(" (", x.factor, ")");
  out += cat("<text x=\"", coordinate((left() + kWidth - kRight) / 2), "\" y=\"",
             coordinate(kHeight - 4), "\" text-anchor=\"middle\">", escape_html(name), "</text>\n");
  return out;
}

std::string figure(const std::string& title, const std::string& unit, const std::string& svg,
                   const std::vector<LegendEntry>& legend) {
  std::string out = cat("<figure><figcaption>", escape_html(title));
  if (!unit.empty()) out += cat("<span>", escape_html(unit), "</span>");
  out += cat("</figcaption>\n", svg);
  if (!legend.empty()) {
    out += "<ul class=\"legend\">";
    for (const auto& entry : legend) {
      out += cat("<li><i class=\"c", entry.color % kColors, entry.dashed ? " dashed" : "",
                 entry.block ? " block" : "", "\"></i>", escape_html(entry.label), "</li>");
    }
    out += "</ul>\n";
  }
  return out + "</figure>\n";
}

}  // namespace easel::report
