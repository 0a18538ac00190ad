// Loops over plain float32 arrays, compiled for several instruction sets and chosen when the
// program starts. No threads inside: callers split the work.
#pragma once

#include <cmath>
#include <cstdint>

namespace easel::tensor::kernels {

// out = x * s * weight with s = 1 / sqrt(mean(x^2) + eps), for rows of `width`; s is kept per row.
void rms_norm(const float* x, const float* weight, float* out, float* scale, int64_t rows,
              int64_t width, float eps);
// dx = s (g w) - x s^3 mean(g w x); d_weight += sum over rows of g x s.
void rms_norm_backward(const float* x, const float* weight, const float* scale, const float* grad,
                       float* dx, float* d_weight, int64_t rows, int64_t width);

// to += x.
void add(float* to, const float* x, int64_t n);

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

// bfloat16 bits to float32; back to the nearest, ties to even; or back to one of the two neighbours, each with the
// probability that makes the mean the value itself. That draw is a hash of key and of the value's number, from
// `first` on.
void widen(const uint16_t* x, float* out, int64_t n);
void round_to_nearest(const float* x, uint16_t* out, int64_t n);
void round_stochastically(const float* x, uint16_t* out, int64_t n, uint32_t first, uint32_t key);

// Classifier-free guidance: x = u + weight (x - u).
void guide(float* x, const float* u, float weight, int64_t n);

// out = exp((x - highest) * scale), returning the sum in double.
double exp_shifted(const float* x, float* out, int64_t n, float highest, float scale);
float maximum(const float* x, int64_t n);

// A row's softmax, a block of its logits at a time. `scale` is 1 / temperature; logits are clamped to
// +-clamp before it.
struct SoftmaxOptions {
  float scale, clamp;
};
inline float softmax_logit(float x, const SoftmaxOptions& o) {
  return (x > o.clamp ? o.clamp : x < -o.clamp ? -o.clamp : x) * o.scale;
}
struct SoftmaxSums {
  float highest = -INFINITY;
  double sum = 0;   // of e^(l - highest)
  double mean = 0;  // of e^(l - highest) (l - highest), not yet divided
  double log_z() const { return static_cast<double>(highest) + std::log(sum); }
  double entropy() const { return std::log(sum) - mean / sum; }
};
void softmax_fold(const float* logits, int64_t n, const SoftmaxOptions& options, SoftmaxSums& sums);
// logits -> d of g_logprob ln p[target] + g_entropy H with respect to them, in place:
// (g_logprob (1[target] - p) - g_entropy p (ln p + H)) scale, 0 where clamped. target -1: elsewhere.
struct SoftmaxGradient {
  float log_z, entropy, g_logprob, g_entropy;
  int64_t target;
};
void softmax_gradient(float* logits, int64_t n, const SoftmaxOptions& options, const SoftmaxGradient& g);

// Sum of squares in double, in a fixed order.
double sum_of_squares(const float* x, int64_t n);

}  // namespace easel::tensor::kernels
