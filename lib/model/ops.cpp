#include "model/ops.h"

#include <ATen/Parallel.h>
#include <ATen/ops/rms_norm.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tensor/attention_kernels.h"
#include "tensor/kernels.h"
#include "tensor/matmul.h"
#include "tensor/picture_kernels.h"

namespace easel::model {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

namespace kernels = tensor::kernels;

bool is_plain(const Tensor& t) {
  return t.device().is_cpu() && t.scalar_type() == torch::kFloat32;
}

// Pictures that the kernels for channels side by side can take, and no gradient that they would lose.
constexpr int64_t kChannelStep = 32;
bool is_picture(const Tensor& x, const Tensor& weight) {
  const bool learns = torch::GradMode::is_enabled() && (x.requires_grad() || weight.requires_grad());
  return !learns && is_plain(x) && is_plain(weight) && x.size(1) % kChannelStep == 0;
}

// What group norm needs of one picture: sums and squares of kernels::channel_sums [blocks, channels], whose
// origin is the picture's first place.
struct ChannelSums {
  const float* origin;
  const double *sums, *squares;
  int64_t blocks, places, channels, group;  // group: channels in one
};
// The norm as x slope_c + shift_c.
void channel_scales(const ChannelSums& s, const float* weight, const float* bias, double eps, float* slope,
                    float* shift) {
  const auto n = static_cast<double>(s.places), members = static_cast<double>(s.group);
  for (int64_t first = 0; first < s.channels; first += s.group) {
    double mean = 0, within = 0, between = 0;  // deviations within channels, and of their means
    std::vector<double> means;
    for (int64_t c = first; c < first + s.group; ++c) {
      double sum = 0, square = 0;
      for (int64_t b = 0; b < s.blocks; ++b) {
        sum += s.sums[b * s.channels + c];
        square += s.squares[b * s.channels + c];
      }
      means.push_back(static_cast<double>(s.origin[c]) + sum / n);
      within += std::max(0.0, square - sum * sum / n);
      mean += means.back() / members;
    }
    for (const double m : means) between += n * (m - mean) * (m - mean);
    const double scale = 1 / std::sqrt((within + between) / (n * members) + eps);
    for (int64_t c = first; c < first + s.group; ++c) {
      slope[c] = static_cast<float>(scale * static_cast<double>(weight[c]));
      shift[c] = static_cast<float>(static_cast<double>(bias[c]) - mean * scale * static_cast<double>(weight[c]));
    }
  }
}

// Rows that are worth a thread's start.
int64_t grain(int64_t width) { return std::max<int64_t>(1, 16384 / std::max<int64_t>(1, width)); }

struct Linear : torch::autograd::Function<Linear> {
  static Tensor forward(AutogradContext* ctx, Tensor x, Tensor weight) {
    // A weight that stays as it is does not need to know what it was given.
    ctx->save_for_backward({weight.requires_grad() ? x : Tensor(), weight});
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

// Heads of packed sequences as rows: [T, heads, size].
kernels::HeadRowsOut head_rows_out(const Tensor& t, int64_t token, int64_t head) {
  const int64_t heads = t.size(1), size = t.size(2);
  return {t.data_ptr<float>() + (token * heads + head) * size, heads * size};
}
kernels::HeadRows head_rows(const Tensor& t, int64_t token, int64_t head) {
  const auto [data, stride] = head_rows_out(t, token, head);
  return {data, stride};
}

struct CausalAttention : torch::autograd::Function<CausalAttention> {
  // Calls body(first token, length, key-value head, scratch) for every sequence and such head.
  template <class Body>
  static void for_each_head(const std::vector<int64_t>& lengths, int64_t heads, const Body& body) {
    std::vector<int64_t> first = {0};
    for (const int64_t length : lengths) first.push_back(first.back() + length);
    const auto tasks = static_cast<int64_t>(lengths.size()) * heads;
    at::parallel_for(0, tasks, 1, [&](int64_t begin, int64_t end) {
      kernels::Scratch scratch;
      for (int64_t i = begin; i < end; ++i) {
        const auto s = static_cast<size_t>(i / heads);
        body(first[s], lengths[s], i % heads, scratch);
      }
    });
  }

  static Tensor forward(AutogradContext* ctx, Tensor q, Tensor k, Tensor v, std::vector<int64_t> lengths) {
    q = q.contiguous();
    k = k.contiguous();
    v = v.contiguous();
    const int64_t tokens = q.size(0), heads = q.size(1), size = q.size(2), share = heads / k.size(1);
    Tensor y = torch::empty_like(q), log_sum = torch::empty({heads, tokens}, q.options());
    for_each_head(lengths, k.size(1), [&](int64_t at, int64_t length, int64_t g, kernels::Scratch& scratch) {
      for (int64_t h = g * share; h < (g + 1) * share; ++h) {
        kernels::causal_attention(head_rows(q, at, h), head_rows(k, at, g), head_rows(v, at, g),
                                  head_rows_out(y, at, h), log_sum.data_ptr<float>() + h * tokens + at,
                                  length, size, scratch);
      }
    });
    int64_t packed = 0;
    for (const int64_t length : lengths) packed += length;
    y.slice(0, packed).zero_();
    ctx->save_for_backward({q, k, v, y, log_sum});
    ctx->saved_data["lengths"] = lengths;
    return y.view({tokens, heads * size});
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const Tensor &q = saved[0], &k = saved[1], &v = saved[2], &y = saved[3], &log_sum = saved[4];
    const auto lengths = ctx->saved_data["lengths"].toIntVector();
    const int64_t tokens = q.size(0), size = q.size(2), share = q.size(1) / k.size(1);
    const Tensor dy = grads[0].contiguous().view(q.sizes());
    Tensor dq = torch::zeros_like(q), dk = torch::zeros_like(k), dv = torch::zeros_like(v);
    for_each_head(lengths, k.size(1), [&](int64_t at, int64_t length, int64_t g, kernels::Scratch& scratch) {
      for (int64_t h = g * share; h < (g + 1) * share; ++h) {
        kernels::causal_attention_backward(
            head_rows(q, at, h), head_rows(k, at, g), head_rows(v, at, g), head_rows(y, at, h),
            head_rows(dy, at, h), log_sum.data_ptr<float>() + h * tokens + at, head_rows_out(dq, at, h),
            head_rows_out(dk, at, g), head_rows_out(dv, at, g), length, size, scratch);
      }
    });
    return {dq, dk, dv, Tensor()};
  }
};

// The same by LibTorch's operation over sequences padded to the longest.
Tensor padded_attention(const Tensor& q, Tensor k, Tensor v, const std::vector<int64_t>& lengths) {
  const int64_t tokens = q.size(0), heads = q.size(1), size = q.size(2);
  const auto count = static_cast<int64_t>(lengths.size());
  const int64_t longest = *std::max_element(lengths.begin(), lengths.end());
  if (k.size(1) != heads) {
    k = k.repeat_interleave(heads / k.size(1), 1);
    v = v.repeat_interleave(heads / v.size(1), 1);
  }
  const int64_t packed = std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
  const bool alike = packed == count * longest;  // sequences of one length stand where they are wanted
  Tensor slots;
  if (!alike) {
    std::vector<int64_t> slot;
    for (size_t s = 0; s < lengths.size(); ++s) {
      for (int64_t i = 0; i < lengths[s]; ++i) slot.push_back(static_cast<int64_t>(s) * longest + i);
    }
    slots = torch::tensor(slot, torch::kInt64).to(q.device());
  }
  // Right padding needs no mask under causal attention: no token looks to its right.
  const auto spread = [&](const Tensor& t) {
    const Tensor rows = t.slice(0, 0, packed);
    const Tensor all = alike ? rows : torch::zeros({count * longest, heads, size}, t.options()).index_copy(0, slots, rows);
    return all.reshape({count, longest, heads, size}).transpose(1, 2);
  };
  Tensor y = at::scaled_dot_product_attention(spread(q), spread(k), spread(v), {}, 0.0, true)
                 .transpose(1, 2)
                 .reshape({count * longest, heads * size});
  if (!alike) y = y.index_select(0, slots);
  return packed == tokens ? y : torch::constant_pad_nd(y, {0, 0, 0, tokens - packed});
}

}  // namespace

Tensor linear_layer(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const bool ours = is_plain(x) || tensor::takes_widening(x, weight);
  if (!ours || x.dim() != 2) return torch::linear(x, weight, bias);
  Tensor y = Linear::apply(x, weight);
  if (!bias.defined()) return y;
  return y.requires_grad() || bias.requires_grad() ? y + bias : y.add_(bias);
}

Tensor rms_norm(const Tensor& x, const Tensor& weight, double eps) {
  if (is_plain(x) && is_plain(weight)) return RmsNorm::apply(x, weight, eps);
  if (x.is_cuda() && x.scalar_type() == weight.scalar_type()) return at::rms_norm(x, {x.size(-1)}, weight, eps);
  const Tensor f = x.to(torch::kFloat32);
  const Tensor y = f * torch::rsqrt(f.pow(2).mean(-1, true) + eps);
  return y.to(x.scalar_type()) * weight;
}

Tensor group_norm(const Tensor& x, int64_t groups, const Tensor& weight, const Tensor& bias, double eps,
                  bool activate) {
  if (!is_picture(x, weight)) {
    const Tensor y = torch::group_norm(x, groups, weight, bias, eps);
    return activate ? torch::silu(y) : y;
  }
  const Tensor in = x.contiguous(torch::MemoryFormat::ChannelsLast);
  Tensor out = torch::empty_like(in);
  const int64_t batch = x.size(0), channels = x.size(1), places = x.size(2) * x.size(3);
  // Blocks of a size of their own, so that no sum depends on the number of threads.
  const int64_t block = std::max<int64_t>(1, (1 << 16) / channels), blocks = (places + block - 1) / block;
  std::vector<double> sums(static_cast<size_t>(batch * blocks * channels)), squares(sums.size());
  const auto* from = in.data_ptr<float>();
  const auto for_each_block = [&](const auto& body) {  // body(picture, block's number, first place, places)
    at::parallel_for(0, batch * blocks, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t first = i % blocks * block;
        body(i / blocks, i, (i / blocks * places + first) * channels, std::min(block, places - first));
      }
    });
  };
  for_each_block([&](int64_t picture, int64_t i, int64_t at, int64_t count) {
    kernels::channel_sums(from + at, from + picture * places * channels, count, channels, sums.data() + i * channels,
                          squares.data() + i * channels);
  });
  std::vector<float> slopes(static_cast<size_t>(batch * channels)), shifts(slopes.size());
  for (int64_t p = 0; p < batch; ++p) {
    channel_scales({from + p * places * channels, sums.data() + p * blocks * channels,
                    squares.data() + p * blocks * channels, blocks, places, channels, channels / groups},
                   weight.data_ptr<float>(), bias.data_ptr<float>(), eps, slopes.data() + p * channels,
                   shifts.data() + p * channels);
  }
  for_each_block([&](int64_t picture, int64_t, int64_t at, int64_t count) {
    kernels::scale_channels(from + at, slopes.data() + picture * channels, shifts.data() + picture * channels,
                            out.data_ptr<float>() + at, count, channels, activate);
  });
  return out;
}

Tensor fast_convolution(const Tensor& x, const Tensor& weight, const Tensor& bias, bool doubled,
                        const Tensor& residual) {
  const int64_t batch = x.size(0), in = x.size(1), out = weight.size(0);
  const int64_t height = x.size(2) * (doubled ? 2 : 1), width = x.size(3) * (doubled ? 2 : 1);
  if (!is_picture(x, weight) || out % kChannelStep != 0) {
    const Tensor y = torch::conv2d(doubled ? torch::upsample_nearest2d(x, {height, width}) : x, weight, bias, 1, 1);
    return residual.defined() ? y + residual : y;
  }
  const auto channels_last = torch::MemoryFormat::ChannelsLast;
  const Tensor pixels = x.contiguous(channels_last), plain_weight = weight.contiguous();
  const Tensor added = residual.defined() ? residual.contiguous(channels_last) : residual;
  Tensor transformed = torch::empty({36, in, out});
  Tensor y = torch::empty({batch, out, height, width}, x.options(), channels_last);
  at::parallel_for(0, in, std::max<int64_t>(1, 4096 / out), [&](int64_t begin, int64_t end) {
    kernels::winograd_weights(plain_weight.data_ptr<float>(), transformed.data_ptr<float>(), in, out, begin, end);
  });
  const int64_t tiles = kernels::winograd_tiles(height, width);
  const int64_t blocks = (tiles + kernels::kWinogradTiles - 1) / kernels::kWinogradTiles;
  at::parallel_for(0, batch * blocks, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> scratch;
    for (int64_t i = begin; i < end; ++i) {
      const int64_t picture = i / blocks, first = i % blocks * kernels::kWinogradTiles;
      const int64_t result = picture * height * width * out;
      kernels::winograd({pixels.data_ptr<float>() + picture * x.size(2) * x.size(3) * in,
                         transformed.data_ptr<float>(), bias.data_ptr<float>(),
                         added.defined() ? added.data_ptr<float>() + result : nullptr,
                         y.data_ptr<float>() + result, x.size(2), x.size(3), in, out, doubled},
                        first, std::min(tiles, first + kernels::kWinogradTiles), scratch);
    }
  });
  return y;
}

Tensor swiglu(const Tensor& gate, const Tensor& up) {
  if (is_plain(gate)) return SwiGlu::apply(gate, up);
  return torch::silu(gate) * up;
}

Rotation::Rotation(Tensor cos, Tensor sin, const Tensor& like) : cos_(std::move(cos)), sin_(std::move(sin)) {
  if (is_plain(like)) return;
  same_ = torch::cat({cos_, cos_}, 1).unsqueeze(1).to(like.scalar_type());
  other_ = torch::cat({-sin_, sin_}, 1).unsqueeze(1).to(like.scalar_type());
}

Tensor Rotation::operator()(const Tensor& x) const {
  if (!same_.defined()) return Rope::apply(x, cos_, sin_);
  return x * same_ + x.roll(x.size(-1) / 2, -1) * other_;
}

Tensor causal_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                        const std::vector<int64_t>& lengths) {
  if (is_plain(q)) return CausalAttention::apply(q, k, v, lengths);
  if (tensor::takes_widening(q, k)) {  // as products are
    const auto wide = [](const Tensor& t) { return t.to(torch::kFloat32); };
    return CausalAttention::apply(wide(q), wide(k), wide(v), lengths).to(q.scalar_type());
  }
  return padded_attention(q, k, v, lengths);
}

}  // namespace easel::model
