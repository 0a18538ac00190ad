// Mean and sample standard deviation of what several runs of one label, its seeds, have in one place.
#pragma once

#include <cmath>
#include <vector>

namespace easel::report {

struct Spread {
  double mean = NAN;
  double deviation = 0;  // of the sample; 0 for a single value
  size_t count = 0;

  // Values that are not finite do not count.
  static Spread of(const std::vector<double>& values) {
    Spread s;
    double sum = 0, squares = 0;
    for (const double v : values) {
      if (!std::isfinite(v)) continue;
      sum += v;
      ++s.count;
    }
    if (s.count == 0) return s;
    s.mean = sum / static_cast<double>(s.count);
    for (const double v : values) {
      if (std::isfinite(v)) squares += (v - s.mean) * (v - s.mean);
    }
    if (s.count > 1) s.deviation = std::sqrt(squares / static_cast<double>(s.count - 1));
    return s;
  }
};

}  // namespace easel::report
