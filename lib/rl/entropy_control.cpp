#include "rl/entropy_control.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace easel::rl {

void parse_entropy(const std::string& text, EntropyOptions* options) {
  EntropyOptions& o = *options;
  o.kind = EntropyOptions::Kind::kOff;
  const auto bad = [&] {
    base::fail_usage(base::cat("--entropy: expected off, fixed:A, adaptive or adaptive:TEXT,IMAGE, got ",
                               base::quote(text)));
  };
  const auto colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (text == "off") return;
  if (kind == "fixed" && !rest.empty()) {
    const auto value = base::parse_double(rest);
    if (!value || !std::isfinite(*value)) bad();
    o.kind = EntropyOptions::Kind::kFixed;
    o.fixed = *value;
    return;
  }
  if (kind != "adaptive" || (colon != std::string::npos && rest.empty())) bad();
  o.kind = EntropyOptions::Kind::kAdaptive;
  if (rest.empty()) return;
  const auto parts = base::split(rest, ',');
  const auto target = [&](size_t i) {
    const auto value = parts.size() == 2 ? base::parse_double(parts[i]) : std::nullopt;
    if (!value || !std::isfinite(*value)) bad();
    return *value;
  };
  o.text_target = target(0);
  o.image_target = target(1);
}

double EntropyController::coefficient() const { return std::sinh(state_.psi); }

void EntropyController::update(double entropy) {
  constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEps = 1e-8;
  State& s = state_;
  const double gradient = -std::cosh(s.psi) * (entropy - target_);
  ++s.updates;
  const auto t = static_cast<double>(s.updates);
  s.first = kBeta1 * s.first + (1 - kBeta1) * gradient;
  s.second = kBeta2 * s.second + (1 - kBeta2) * gradient * gradient;
  const double first = s.first / (1 - std::pow(kBeta1, t));
  const double second = s.second / (1 - std::pow(kBeta2, t));
  s.psi -= learning_rate_ * first / (std::sqrt(second) + kEps);
  s.psi = std::asinh(std::clamp(std::sinh(s.psi), -limit_, limit_));
}

}  // namespace easel::rl
