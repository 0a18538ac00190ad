// Differentiable building blocks. On the CPU in float32 each is one pass over memory with a
// hand-written backward; elsewhere it is composed of LibTorch's operations.
//
// Shape suffixes: T tokens (packed), H hidden, N heads, D head size, F MLP width; of pictures B batch,
// C channels, Y rows, X columns.
#pragma once

#include <vector>

#include "tensor/torch.h"

namespace easel::model {

using torch::Tensor;

// x_TI weight_OI^T + bias_O (bias may be undefined).
Tensor linear_layer(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

// x_TH * rsqrt(mean(x^2) + eps) * weight_H, the mean in float32 (Zhang and Sennrich, 2019).
Tensor rms_norm(const Tensor& x, const Tensor& weight, double eps);

// Group norm of x_BCYX over `groups` of its channels, then SiLU where `activate` is true. Where no gradient is
// wanted it is two passes over memory, and the result's channels lie side by side (channels last).
Tensor group_norm(const Tensor& x, int64_t groups, const Tensor& weight, const Tensor& bias, double eps, bool activate);

// The 3 x 3 convolution of x_BCYX, padded by one; with `doubled` of x upsampled twice by nearest
// neighbours; plus `residual`, shaped as the result, where it is defined. By Winograd's algorithm
// where no gradient is wanted: float32 results differ from LibTorch's in their last digits.
Tensor fast_convolution(const Tensor& x, const Tensor& weight, const Tensor& bias, bool doubled = false,
                        const Tensor& residual = {});

// silu(gate_TF) * up_TF (Shazeer, 2020).
Tensor swiglu(const Tensor& gate, const Tensor& up);

// Rotary position embedding (Su et al., 2021) in the rotate-half form: cos_TE and sin_TE, E = D / 2, made ready once
// for every layer's queries and keys x_TND, which are of the dtype and on the device of `like`.
class Rotation {
 public:
  Rotation(Tensor cos, Tensor sin, const Tensor& like);
  Tensor operator()(const Tensor& x_TND) const;

 private:
  Tensor cos_, sin_;
  // For LibTorch's operations: what a value, and what its partner in the other half, counts, [T, 1, D].
  Tensor same_, other_;
};

// Causal attention within each of the packed sequences: q_TND over k_TGD and v_TGD, where N is a
// multiple of G and rows past the sum of `lengths` belong to no sequence (their result is 0).
// Returns [T, N * D].
Tensor causal_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                        const std::vector<int64_t>& lengths);

}  // namespace easel::model
