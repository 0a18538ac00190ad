// The clipped policy-gradient loss with its KL and entropy terms, on flat lists of tokens
// (RECIPES section 4; PPO clipping of Schulman et al., 2017; k3 of Schulman, 2020).
//
//   loss = sum_i w_i [max(-A rho, -A clip(rho, 1 - clip_low, 1 + clip_high)) + kl_weight k3]
//        + text_coefficient * H_text + image_coefficient * H_image
//
// rho = exp(policy - sampling), k3 = exp(reference - policy) - (reference - policy) - 1. The
// weights w_i carry the aggregation, so a batch may be split over microbatches and summed.
#pragma once

#include <string>
#include <vector>

#include "tensor/torch.h"

namespace easel::rl {

using torch::Tensor;

struct LossOptions {
  double clip_low = 0.2, clip_high = 0.2;
  double kl_weight = 0;
  double text_coefficient = 0, image_coefficient = 0;
};

// P tokens of a microbatch, text and image alike; every tensor is float32 [P] but is_image (bool).
struct LossTokens {
  Tensor policy_logprobs;     // differentiable
  Tensor entropy;             // differentiable
  Tensor sampling_logprobs;
  Tensor reference_logprobs;  // undefined: no KL term
  Tensor advantages;          // the rollout's, repeated over its tokens
  Tensor weights;             // w_i; 0: not trained
  Tensor is_image;
  // 1 / number of trained text (image) tokens in the whole minibatch: entropies are token means.
  double text_token_weight = 0, image_token_weight = 0;
};

struct LossParts {
  Tensor loss;                                       // scalar, differentiable
  double policy_loss = 0, kl = 0;                    // shares of this microbatch
  double text_entropy = 0, image_entropy = 0;        // shares of the token means
  int64_t tokens = 0, clipped = 0;                   // trained; ratio outside the range and binding
  double ratio_sum = 0, logprob_difference_max = 0;  // max |policy - sampling| of trained tokens
};

LossParts policy_loss(const LossTokens& tokens, const LossOptions& options);

// How tokens of different rollouts count.
enum class Aggregation {
  kToken,     // every trained token of the minibatch the same
  kSequence,  // every rollout the same, its tokens averaged
  kFixed,     // sum over tokens / (rollouts * fixed length)
};
Aggregation parse_aggregation(const std::string& name);
// w_i of each rollout's tokens, from the number of trained tokens of every rollout.
std::vector<double> aggregation_weights(Aggregation how, const std::vector<int64_t>& token_counts,
                                        int64_t fixed_length);

}  // namespace easel::rl
