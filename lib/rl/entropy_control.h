// Control of the policy's entropy, one controller for text and one for image tokens
// (ReasonGen-R1, arXiv 2505.24875): the coefficient alpha = sinh(psi) of +alpha H in the loss.
#pragma once

#include <cstdint>
#include <string>

namespace easel::rl {

struct EntropyOptions {
  enum class Kind { kOff, kFixed, kAdaptive } kind = Kind::kOff;
  double fixed = 0;                              // kFixed: alpha, for text and image
  double text_target = 2.0, image_target = 7.0;  // kAdaptive: nats
  double learning_rate = 5e-5, limit = 5e-3;     // of the controller; |alpha| <= limit
  bool every_microbatch = false;  // as ReasonGen-R1's code: an update after each microbatch, on its own mean entropy
};
// "off", "fixed:A", "adaptive", "adaptive:TEXT_TARGET,IMAGE_TARGET"; what the text does not say stays. Throws UsageError.
void parse_entropy(const std::string& text, EntropyOptions* options);

// Adam (Kingma and Ba, 2015) on L(psi) = -alpha (H - target); then alpha is clamped to +-limit and
// psi set to asinh(alpha). Above the target alpha grows, and minimising +alpha H lowers H.
class EntropyController {
 public:
  EntropyController(double target, double learning_rate, double limit)
      : target_(target), learning_rate_(learning_rate), limit_(limit) {}
  double coefficient() const;
  void update(double entropy);

  struct State {
    double psi = 0, first = 0, second = 0;
    int64_t updates = 0;
  };
  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  double target_, learning_rate_, limit_;
  State state_;
};

}  // namespace easel::rl
