#include "tensor/kernels.h"

#include <cmath>

#include "tensor/instruction_sets.h"

namespace easel::tensor::kernels {

EASEL_CLONES
void rms_norm(const float* x, const float* weight, float* out, float* scale, int64_t rows,
              int64_t width, float eps) {
  for (int64_t r = 0; r < rows; ++r) {
    const float* in = x + r * width;
    float* o = out + r * width;
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < width; ++i) sum += in[i] * in[i];
    const float s = 1.0f / std::sqrt(sum / static_cast<float>(width) + eps);
    if (scale != nullptr) scale[r] = s;
#pragma omp simd
    for (int64_t i = 0; i < width; ++i) o[i] = in[i] * s * weight[i];
  }
}

EASEL_CLONES
void rms_norm_backward(const float* x, const float* weight, const float* scale, const float* grad,
                       float* dx, float* d_weight, int64_t rows, int64_t width) {
  for (int64_t r = 0; r < rows; ++r) {
    const float *in = x + r * width, *g = grad + r * width;
    float* o = dx + r * width;
    const float s = scale[r];
    float dot = 0;
#pragma omp simd reduction(+ : dot)
    for (int64_t i = 0; i < width; ++i) dot += g[i] * weight[i] * in[i];
    const float c = dot * s * s * s / static_cast<float>(width);
#pragma omp simd
    for (int64_t i = 0; i < width; ++i) {
      o[i] = s * g[i] * weight[i] - in[i] * c;
      d_weight[i] += g[i] * in[i] * s;
    }
  }
}

EASEL_CLONES
void swiglu(const float* gate, const float* up, float* out, int64_t n) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) out[i] = gate[i] / (1.0f + fast_exp(-gate[i])) * up[i];
}

EASEL_CLONES
void swiglu_backward(const float* gate, const float* up, const float* grad, float* d_gate,
                     float* d_up, int64_t n) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    const float s = 1.0f / (1.0f + fast_exp(-gate[i]));
    const float silu = gate[i] * s;
    d_up[i] = grad[i] * silu;
    d_gate[i] = grad[i] * up[i] * (s + silu * (1.0f - s));
  }
}

EASEL_CLONES
void rope(const float* x, const float* cos, const float* sin, float* out, int64_t tokens,
          int64_t heads, int64_t size, float sign) {
  const int64_t half = size / 2;
  for (int64_t t = 0; t < tokens; ++t) {
    const float *c = cos + t * half, *s = sin + t * half;
    for (int64_t h = 0; h < heads; ++h) {
      const float* a = x + (t * heads + h) * size;
      float* o = out + (t * heads + h) * size;
#pragma omp simd
      for (int64_t i = 0; i < half; ++i) {
        const float low = a[i], high = a[i + half], si = sign * s[i];
        o[i] = low * c[i] - high * si;
        o[i + half] = high * c[i] + low * si;
      }
    }
  }
}

EASEL_CLONES
void adamw(float* p, const float* grad, float* m, float* v, int64_t n, const AdamWStep& s) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    const float g = grad[i] * s.grad_scale;
    m[i] = s.beta1 * m[i] + (1.0f - s.beta1) * g;
    v[i] = s.beta2 * v[i] + (1.0f - s.beta2) * g * g;
    const float denominator = std::sqrt(v[i]) * s.inverse_sqrt_correction2 + s.eps;
    p[i] = p[i] - s.decay * p[i] - s.step_size * m[i] / denominator;
  }
}

EASEL_CLONES
double exp_shifted(const float* x, float* out, int64_t n, float highest, float scale) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) {
    out[i] = fast_exp((x[i] - highest) * scale);
    sum += static_cast<double>(out[i]);
  }
  return sum;
}

EASEL_CLONES
float maximum(const float* x, int64_t n) {
  float highest = -INFINITY;
#pragma omp simd reduction(max : highest)
  for (int64_t i = 0; i < n; ++i) highest = x[i] > highest ? x[i] : highest;
  return highest;
}

EASEL_CLONES
double sum_of_squares(const float* x, int64_t n) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return sum;
}

}  // namespace easel::tensor::kernels
