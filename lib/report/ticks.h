// Axis ticks at round numbers.
#pragma once

#include <string>
#include <vector>

namespace easel::report {

struct Axis {
  double low = 0, high = 1;  // the range drawn
  bool log = false;
  std::vector<double> ticks;
  std::vector<std::string> labels;
  std::string factor;                // "1e-6" when labels are in that unit; empty for 1
  double place(double value) const;  // 0 at low, 1 at high
};

// A linear axis that covers [low, high] with about `count` ticks at 1, 2 or 5 times a power of ten.
// round_ends widens the range to the next tick or half way to it.
Axis linear_axis(double low, double high, int count, bool round_ends);

// A logarithmic one; low and high are positive.
Axis log_axis(double low, double high);

// A value for a reader: four significant digits, no trailing zeros, an exponent where it helps.
std::string short_number(double value);

}  // namespace easel::report
