#include "http/rate_limit.h"

#include <algorithm>

namespace easel::http {

namespace {
// Of a minute's worth. As much less is refilled in a minute, so that none has more than its worth.
constexpr double kAtOnce = 0.01;
constexpr double kLeastMost = 1e-3;  // a balance that gets this far is above zero, whatever rounding does
}  // namespace

RateLimit::RateLimit(double per_minute)
    : per_second_(per_minute * (1 - kAtOnce) / 60),
      most_(std::max(kLeastMost, per_minute * kAtOnce)),
      balance_(most_) {}

void RateLimit::refill(double now) {
  balance_ = std::min(most_, balance_ + (now - at_) * per_second_);
  at_ = now;
}

double RateLimit::wait(double now) {
  if (per_second_ <= 0) return 0;
  refill(now);
  // A millionth of a take is rounding.
  return balance_ > 1e-6 ? 0 : (1e-5 - balance_) / per_second_;
}

void RateLimit::take(double amount) {
  if (per_second_ > 0) balance_ -= amount;
}

}  // namespace easel::http
