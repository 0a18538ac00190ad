#include "model/ops.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "tensor/kernels.h"
#include "tensor/matmul.h"

namespace easel::model {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

namespace kernels = tensor::kernels;

bool is_plain(const Tensor& t) {
  return t.device().is_cpu() && t.scalar_type() == torch::kFloat32;
}

// Rows that are worth a thread's start.
int64_t grain(int64_t width) { return std::max<int64_t>(1, 16384 / std::max<int64_t>(1, width)); }

struct Linear : torch::autograd::Function<Linear> {
  static Tensor forward(AutogradContext* ctx, Tensor x, Tensor weight) {
    ctx->save_for_backward({x, weight});
    return tensor::matmul_nt(x, weight);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const Tensor x = saved[0], weight = saved[1], g = grads[0].contiguous();
    Tensor dx, dw;
    if (ctx->needs_input_grad(0)) dx = tensor::matmul_nt(g, weight.t());
    if (ctx->needs_input_grad(1)) dw = tensor::matmul_nt(g.t(), x.t());
    return {dx, dw};
  }
};

struct RmsNorm : torch::autograd::Function<RmsNorm> {
  static Tensor forward(AutogradContext* ctx, Tensor x, Tensor weight, double eps) {
    x = x.contiguous();
    const int64_t width = x.size(-1), rows = x.numel() / width;
    Tensor y = torch::empty_like(x), scale = torch::empty({rows}, x.options());
    const float *px = x.data_ptr<float>(), *pw = weight.data_ptr<float>();
    float *py = y.data_ptr<float>(), *ps = scale.data_ptr<float>();
    at::parallel_for(0, rows, grain(width), [&](int64_t begin, int64_t end) {
      kernels::rms_norm(px + begin * width, pw, py + begin * width, ps + begin, end - begin, width,
                        static_cast<float>(eps));
    });
    ctx->save_for_backward({x, weight, scale});
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const Tensor x = saved[0], weight = saved[1], scale = saved[2], g = grads[0].contiguous();
    const int64_t width = x.size(-1), rows = x.numel() / width;
    Tensor dx = torch::empty_like(x);
    // Partial sums over fixed blocks of rows, so that the order of additions does not depend on
    // the number of threads.
    constexpr int64_t kBlock = 256;
    const int64_t blocks = (rows + kBlock - 1) / kBlock;
    Tensor partial = torch::zeros({blocks, width}, x.options());
    const float *px = x.data_ptr<float>(), *pw = weight.data_ptr<float>();
    const float *ps = scale.data_ptr<float>(), *pg = g.data_ptr<float>();
    float *pdx = dx.data_ptr<float>(), *pp = partial.data_ptr<float>();
    at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t last) {
      for (int64_t b = first; b < last; ++b) {
        const int64_t begin = b * kBlock, end = std::min(rows, begin + kBlock);
        kernels::rms_norm_backward(px + begin * width, pw, ps + begin, pg + begin * width,
                                   pdx + begin * width, pp + b * width, end - begin, width);
      }
    });
    return {dx, partial.sum(0), Tensor()};
  }
};

struct SwiGlu : torch::autograd::Function<SwiGlu> {
  static Tensor forward(AutogradContext* ctx, Tensor gate, Tensor up) {
    gate = gate.contiguous();
    up = up.contiguous();
    Tensor y = torch::empty_like(gate);
    const float *g = gate.data_ptr<float>(), *u = up.data_ptr<float>();
    float* out = y.data_ptr<float>();
    at::parallel_for(0, gate.numel(), 16384, [&](int64_t begin, int64_t end) {
      kernels::swiglu(g + begin, u + begin, out + begin, end - begin);
    });
    ctx->save_for_backward({gate, up});
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const Tensor gate = saved[0], up = saved[1], grad = grads[0].contiguous();
    Tensor d_gate = torch::empty_like(gate), d_up = torch::empty_like(up);
    const float *g = gate.data_ptr<float>(), *u = up.data_ptr<float>(), *go = grad.data_ptr<float>();
    float *dg = d_gate.data_ptr<float>(), *du = d_up.data_ptr<float>();
    at::parallel_for(0, gate.numel(), 16384, [&](int64_t begin, int64_t end) {
      kernels::swiglu_backward(g + begin, u + begin, go + begin, dg + begin, du + begin,
                               end - begin);
    });
    return {d_gate, d_up};
  }
};

// The rotation by +angle forward, by -angle backward.
Tensor rotate(const Tensor& x, const Tensor& cos, const Tensor& sin, float sign) {
  const int64_t tokens = x.size(0), heads = x.size(1), size = x.size(2), half = size / 2;
  Tensor y = torch::empty_like(x);
  const float *in = x.data_ptr<float>(), *c = cos.data_ptr<float>(), *s = sin.data_ptr<float>();
  float* out = y.data_ptr<float>();
  at::parallel_for(0, tokens, grain(heads * size), [&](int64_t begin, int64_t end) {
    const int64_t at = begin * heads * size;
    kernels::rope(in + at, c + begin * half, s + begin * half, out + at, end - begin, heads, size,
                  sign);
  });
  return y;
}

struct Rope : torch::autograd::Function<Rope> {
  static Tensor forward(AutogradContext* ctx, Tensor x, Tensor cos, Tensor sin) {
    ctx->save_for_backward({cos, sin});
    return rotate(x.contiguous(), cos, sin, 1.0f);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    return {rotate(grads[0].contiguous(), saved[0], saved[1], -1.0f), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor linear_layer(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  if (!is_plain(x) || x.dim() != 2) return torch::linear(x, weight, bias);
  const Tensor y = Linear::apply(x, weight);
  return bias.defined() ? y + bias : y;
}

Tensor rms_norm(const Tensor& x, const Tensor& weight, double eps) {
  if (is_plain(x) && is_plain(weight)) return RmsNorm::apply(x, weight, eps);
  const Tensor f = x.to(torch::kFloat32);
  const Tensor y = f * torch::rsqrt(f.pow(2).mean(-1, true) + eps);
  return y.to(x.scalar_type()) * weight;
}

Tensor swiglu(const Tensor& gate, const Tensor& up) {
  if (is_plain(gate)) return SwiGlu::apply(gate, up);
  return torch::silu(gate) * up;
}

Tensor apply_rope(const Tensor& x, const Tensor& cos, const Tensor& sin) {
  if (is_plain(x)) return Rope::apply(x, cos, sin);
  const auto halves = x.chunk(2, -1);
  const Tensor c = cos.unsqueeze(1).to(x.scalar_type()), s = sin.unsqueeze(1).to(x.scalar_type());
  return torch::cat({halves[0] * c - halves[1] * s, halves[1] * c + halves[0] * s}, -1);
}

}  // namespace easel::model
