#include "rl/advantage.h"

#include <algorithm>
#include <cmath>

namespace easel::rl {

bool zero_variance(const std::vector<double>& rewards) {
  const auto [low, high] = std::minmax_element(rewards.begin(), rewards.end());
  return rewards.empty() || *low == *high;
}

std::vector<double> advantages(const std::vector<double>& rewards, const AdvantageOptions& o) {
  std::vector<double> out(rewards.size(), 0.0);
  if (zero_variance(rewards)) return out;
  double mean = 0, squares = 0;
  for (const double r : rewards) mean += r;
  mean /= static_cast<double>(rewards.size());
  for (const double r : rewards) squares += (r - mean) * (r - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(rewards.size() - 1));
  const double scale = o.norm == AdvantageNorm::kStd ? 1 / (deviation + o.eps) : 1;
  for (size_t i = 0; i < rewards.size(); ++i) out[i] = (rewards[i] - mean) * scale;
  return out;
}

}  // namespace easel::rl
