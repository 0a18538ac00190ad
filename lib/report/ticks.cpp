#include "report/ticks.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/strings.h"

namespace easel::report {

namespace {

double nice_step(double rough) {
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double m : {1.0, 2.0, 5.0}) {
    if (m * power >= rough * (1 - 1e-9)) return m * power;
  }
  return 10 * power;
}

}  // namespace

double Axis::place(double value) const {
  if (log) return (std::log10(value) - std::log10(low)) / (std::log10(high) - std::log10(low));
  return (value - low) / (high - low);
}

Axis linear_axis(double low, double high, int count, bool round_ends) {
  Axis axis;
  // A constant series still gets an axis with room above and below.
  if (!(high - low > 1e-12 * std::max(std::abs(low), std::abs(high)))) {
    const double room = low == 0 ? 1 : std::abs(low) * 0.1;
    low -= room;
    high += room;
  }
  const double step = nice_step((high - low) / count);
  const double half = step / 2;
  axis.low = round_ends ? std::floor(low / half + 1e-9) * half : low;
  axis.high = round_ends ? std::ceil(high / half - 1e-9) * half : high;
  const double largest = std::max(std::abs(axis.low), std::abs(axis.high));
  double unit = 1;
  if (largest < 1e-3 || largest >= 1e6) {
    const int power = static_cast<int>(std::floor(std::log10(largest) / 3)) * 3;
    unit = std::pow(10, power);
    axis.factor = base::cat("1e", power);
  }
  const int decimals =
      std::clamp(static_cast<int>(-std::floor(std::log10(step / unit) + 1e-9)), 0, 9);
  for (double i = std::ceil(axis.low / step - 1e-9); i * step <= axis.high + step * 1e-9; ++i) {
    const double value = i * step;
    axis.ticks.push_back(value);
    axis.labels.push_back(base::format_fixed(i == 0 ? 0 : value / unit, decimals));
  }
  return axis;
}

Axis log_axis(double low, double high) {
  Axis axis;
  axis.log = true;
  const int first = static_cast<int>(std::floor(std::log10(low) + 1e-9));
  const int last = std::max(first + 1, static_cast<int>(std::ceil(std::log10(high) - 1e-9)));
  axis.low = std::pow(10, first);
  axis.high = std::pow(10, last);
  const int stride = std::max(1, (last - first + 4) / 5);
  for (int power = first; power <= last; power += stride) {
    axis.ticks.push_back(std::pow(10, power));
    axis.labels.push_back(short_number(axis.ticks.back()));
  }
  return axis;
}

std::string short_number(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.4g", value);
  // "1e-05" reads better as "1e-5".
  std::string out = text;
  const size_t e = out.find('e');
  if (e == std::string::npos) return out;
  std::string digits = out.substr(e + 2);
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return out.substr(0, e + 1) + (out[e + 1] == '-' ? "-" : "") + digits;
}

}  // namespace easel::report
