// Log-probabilities and entropies of chosen tokens under a large softmax head, in blocks: the
// [positions, classes] logits never exist as a whole, neither forward nor backward (they are
// computed again). Adaptive entropy control needs both values and both gradients.
#pragma once

#include "tensor/torch.h"

namespace easel::model {

using torch::Tensor;

struct TokenLogprobs {
  Tensor logprobs;  // float32 [P]: ln p(target)
  Tensor entropy;   // float32 [P]: -sum p ln p, in nats
};

// features_PH, weight_CH, bias_C (may be undefined), targets_P (int64).
// Differentiable in features, weight and bias, through both results. A weight or bias that is a leaf
// and holds a gradient already has its own added to that one in place, block by block, so that no
// second tensor of its size exists; torch::autograd::grad would not see it.
// Softmax is of logits / temperature; logits are clamped to +-clamp when clamp > 0.
// Memory beyond the inputs: the gradient of the features and a few times block * block floats (0: logprob_block_bytes).
//
// Logits are those of features + constant.features, the second held constant: of the bias's gradient
// constant.bias_share remains. Guidance u + w (c - u) with u constant, of features c and u, is that of features
// w c with {(1 - w) u, w}.
struct ConstantPart {
  Tensor features;  // [P, H], or undefined
  double bias_share = 1;
};
TokenLogprobs token_logprobs(const Tensor& features, const Tensor& weight, const Tensor& bias,
                             const Tensor& targets, double temperature = 1, double clamp = 0,
                             int64_t block = 0, const ConstantPart& constant = {});

// Bytes of the logits that token_logprobs has at a time.
int64_t logprob_block_bytes(torch::Device device);

}  // namespace easel::model
