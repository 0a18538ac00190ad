#include "rl/policy_loss.h"

#include <algorithm>

#include "base/error.h"

namespace easel::rl {

LossParts policy_loss(const LossTokens& t, const LossOptions& o) {
  LossParts out;
  const Tensor difference = t.policy_logprobs - t.sampling_logprobs;
  const Tensor ratio = difference.exp();
  const Tensor plain = -t.advantages * ratio;
  const Tensor held = -t.advantages * ratio.clamp(1 - o.clip_low, 1 + o.clip_high);
  const Tensor surrogate = (torch::max(plain, held) * t.weights).sum();
  Tensor loss = surrogate;
  if (t.reference_logprobs.defined()) {
    const Tensor d = t.reference_logprobs - t.policy_logprobs;
    const Tensor kl = ((d.exp() - d - 1) * t.weights).sum();
    loss = loss + o.kl_weight * kl;
    out.kl = kl.item<double>();
  }
  const Tensor trained = (t.weights != 0).to(torch::kFloat32);
  const Tensor image = t.is_image.to(torch::kFloat32) * trained, text = trained - image;
  const Tensor text_entropy = (t.entropy * text).sum() * t.text_token_weight;
  const Tensor image_entropy = (t.entropy * image).sum() * t.image_token_weight;
  if (o.text_coefficient != 0) loss = loss + o.text_coefficient * text_entropy;
  if (o.image_coefficient != 0) loss = loss + o.image_coefficient * image_entropy;
  out.loss = loss;

  torch::NoGradGuard no_grad;
  out.policy_loss = surrogate.item<double>();
  out.text_entropy = text_entropy.item<double>();
  out.image_entropy = image_entropy.item<double>();
  out.tokens = static_cast<int64_t>(trained.sum().item<double>());
  out.clipped = ((held > plain).to(torch::kFloat32) * trained).sum().to(torch::kInt64).item<int64_t>();
  out.ratio_sum = (ratio * trained).sum().item<double>();
  out.logprob_difference_max =
      trained.numel() > 0 ? (difference.abs() * trained).max().item<double>() : 0;
  return out;
}

Aggregation parse_aggregation(const std::string& name) {
  if (name == "token") return Aggregation::kToken;
  if (name == "sequence") return Aggregation::kSequence;
  if (name == "fixed") return Aggregation::kFixed;
  base::fail_usage(base::cat("expected token, sequence or fixed, got ", base::quote(name)));
}

std::vector<double> aggregation_weights(Aggregation how, const std::vector<int64_t>& counts,
                                        int64_t fixed_length) {
  int64_t total = 0;
  for (const int64_t c : counts) total += c;
  const auto rows = static_cast<double>(counts.size());
  std::vector<double> weights;
  for (const int64_t c : counts) {
    switch (how) {
      case Aggregation::kToken:
        weights.push_back(1.0 / static_cast<double>(std::max<int64_t>(1, total)));
        break;
      case Aggregation::kSequence:
        weights.push_back(1.0 / (rows * static_cast<double>(std::max<int64_t>(1, c))));
        break;
      case Aggregation::kFixed:
        weights.push_back(1.0 / (rows * static_cast<double>(fixed_length)));
        break;
    }
  }
  return weights;
}

}  // namespace easel::rl
