// Group-relative advantages (GRPO; Shao et al., 2024, equation 3).
#pragma once

#include <vector>

namespace easel::rl {

enum class AdvantageNorm {
  kStd,   // (r - mean) / (s + eps), s the sample standard deviation (n - 1)
  kNone,  // r - mean
};

struct AdvantageOptions {
  AdvantageNorm norm = AdvantageNorm::kStd;
  double eps = 1e-6;  // ReasonGen-R1; T2I-R1 uses 1e-4
};

// True when all rewards of a group are equal: it teaches nothing and is dropped. Decided by
// comparison, since rounding would leave a tiny variance that eps would blow up.
bool zero_variance(const std::vector<double>& rewards);

// One advantage per reward of one group; all 0 for a group without variance.
std::vector<double> advantages(const std::vector<double>& rewards, const AdvantageOptions& options);

}  // namespace easel::rl
