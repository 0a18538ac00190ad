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
void add(float* to, const float* x, int64_t n) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) to[i] += x[i];
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

namespace {
__attribute__((always_inline)) inline uint32_t bits_of(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}
}  // namespace

EASEL_CLONES
void widen(const uint16_t* x, float* out, int64_t n) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t bits = static_cast<uint32_t>(x[i]) << 16;
    std::memcpy(out + i, &bits, sizeof bits);
  }
}

EASEL_CLONES
void round_to_nearest(const float* x, uint16_t* out, int64_t n) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t bits = bits_of(x[i]);
    out[i] = static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
  }
}

EASEL_CLONES
void round_stochastically(const float* x, uint16_t* out, int64_t n, uint32_t first, uint32_t key) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    // Two rounds of xor, shift and multiply, as mixers of 32 bits have them.
    uint32_t h = (first + static_cast<uint32_t>(i)) * 0x9E3779B1u ^ key;
    h = (h ^ h >> 16) * 0x21F0AAADu;
    h = (h ^ h >> 15) * 0x735A2D97u;
    h ^= h >> 15;
    out[i] = static_cast<uint16_t>((bits_of(x[i]) + (h & 0xFFFF)) >> 16);
  }
}

EASEL_CLONES
void guide(float* x, const float* u, float weight, int64_t n) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) x[i] = u[i] + weight * (x[i] - u[i]);
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
void softmax_fold(const float* logits, int64_t n, const SoftmaxOptions& o, SoftmaxSums& s) {
  float highest = -INFINITY;
#pragma omp simd reduction(max : highest)
  for (int64_t i = 0; i < n; ++i) {
    const float l = softmax_logit(logits[i], o);
    highest = l > highest ? l : highest;
  }
  if (highest > s.highest) {
    if (s.sum > 0) {
      // e^(l - new) (l - new) = e^(old - new) (e^(l - old) (l - old) + e^(l - old) (old - new))
      const double shift = static_cast<double>(s.highest) - static_cast<double>(highest);
      s.mean = std::exp(shift) * (s.mean + s.sum * shift);
      s.sum *= std::exp(shift);
    }
    s.highest = highest;
  }
  // Short runs in float, their sums in double.
  constexpr int64_t kRun = 256;
  for (int64_t begin = 0; begin < n; begin += kRun) {
    const int64_t end = n < begin + kRun ? n : begin + kRun;
    float sum = 0, mean = 0;
#pragma omp simd reduction(+ : sum, mean)
    for (int64_t i = begin; i < end; ++i) {
      const float x = softmax_logit(logits[i], o) - s.highest;
      const float e = fast_exp(x);
      sum += e;
      mean += e * x;
    }
    s.sum += static_cast<double>(sum);
    s.mean += static_cast<double>(mean);
  }
}

EASEL_CLONES
void softmax_gradient(float* logits, int64_t n, const SoftmaxOptions& o, const SoftmaxGradient& g) {
  const float at_target = g.target >= 0 ? logits[g.target] : 0.0f;
  const bool clamped = !(std::fabs(at_target) < o.clamp);
  const float shift = g.g_logprob + g.g_entropy * g.entropy;
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    const float log_p = softmax_logit(logits[i], o) - g.log_z;
    const float d = -fast_exp(log_p) * (shift + g.g_entropy * log_p) * o.scale;
    logits[i] = std::fabs(logits[i]) < o.clamp ? d : 0.0f;
  }
  if (g.target >= 0 && !clamped) logits[g.target] += g.g_logprob * o.scale;
}

EASEL_CLONES
double sum_of_squares(const float* x, int64_t n) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return sum;
}

}  // namespace easel::tensor::kernels
