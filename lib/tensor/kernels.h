// Loops over plain float32 arrays, compiled for several instruction sets and chosen when the
// program starts. No threads inside: callers split the work.
#pragma once

#include <cstdint>

namespace easel::tensor::kernels {

// out = x * s * weight with s = 1 / sqrt(mean(x^2) + eps), for rows of `width`; s is kept per row.
void rms_norm(const float* x, const float* weight, float* out, float* scale, int64_t rows,
              int64_t width, float eps);
// dx = s (g w) - x s^3 mean(g w x); d_weight += sum over rows of g x s.
void rms_norm_backward(const float* x, const float* weight, const float* scale, const float* grad,
                       float* dx, float* d_weight, int64_t rows, int64_t width);

// out = silu(gate) * up.
void swiglu(const float* gate, const float* up, float* out, int64_t n);
void swiglu_backward(const float* gate, const float* up, const float* grad, float* d_gate,
                     float* d_up, int64_t n);

// Rotate-half by +angle (sign 1) or -angle (sign -1): x [tokens, heads, size], cos and sin
// [tokens, size / 2]. out may be x.
void rope(const float* x, const float* cos, const float* sin, float* out, int64_t tokens,
          int64_t heads, int64_t size, float sign);

// AdamW (Loshchilov and Hutter, 2019) with bias correction by the caller's factors:
// m, v, p updated in place; step_size = lr / (1 - b1^t), denominator sqrt(v / (1 - b2^t)) + eps.
struct AdamWStep {
  float beta1, beta2, eps, step_size, inverse_sqrt_correction2, decay;  // decay: lr * weight_decay
  float grad_scale;
};
void adamw(float* p, const float* grad, float* m, float* v, int64_t n, const AdamWStep& s);

// out = exp((x - highest) * scale), returning the sum in double.
double exp_shifted(const float* x, float* out, int64_t n, float highest, float scale);
float maximum(const float* x, int64_t n);

// Sum of squares in double, in a fixed order.
double sum_of_squares(const float* x, int64_t n);

}  // namespace easel::tensor::kernels
