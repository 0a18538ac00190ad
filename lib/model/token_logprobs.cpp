#include "model/token_logprobs.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <limits>

#include "tensor/kernels.h"
#include "tensor/matmul.h"

namespace easel::model {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

namespace kernels = tensor::kernels;

struct Block {
  int64_t positions, classes;
};
Block block_of(torch::Device device) {
  // 2 MiB of logits: large enough for the matrix product, small enough for the caches.
  if (device.is_cpu()) return {512, 1024};
  return {2048, 16384};  // 128 MiB: few launches, and each fills a GPU
}

struct Head {
  Tensor features, whole, weight, bias, targets;  // whole: features with what is held constant
  double temperature, clamp;
  int64_t block;

  int64_t positions() const { return features.size(0); }
  int64_t classes() const { return weight.size(0); }
  bool on_cpu() const { return features.device().is_cpu(); }
  // Calls body(begin, end) for blocks of positions or of classes.
  template <class Body>
  void for_positions(const Body& body) const {
    for_blocks(positions(), block > 0 ? block : block_of(features.device()).positions, body);
  }
  template <class Body>
  void for_classes(const Body& body) const {
    for_blocks(classes(), block > 0 ? block : block_of(features.device()).classes, body);
  }
  // Of positions [row, row_end) and classes [begin, end), in float32 (float64 for a float64 head),
  // neither clamped nor divided yet.
  Tensor logits(int64_t row, int64_t row_end, int64_t begin, int64_t end) const {
    const Tensor l = tensor::matmul_nt(whole.slice(0, row, row_end), weight.slice(0, begin, end));
    const Tensor wide = l.scalar_type() == torch::kFloat64 ? l : l.to(torch::kFloat32);
    return bias.numel() > 0 ? wide + bias.slice(0, begin, end) : wide;
  }
  bool by_kernels() const {
    return on_cpu() && features.scalar_type() != torch::kFloat64;
  }
  kernels::SoftmaxOptions options() const {
    return {static_cast<float>(1 / temperature),
            clamp > 0 ? static_cast<float>(clamp) : std::numeric_limits<float>::infinity()};
  }
  // For what the kernels do not serve: other devices, float64.
  Tensor scaled(const Tensor& logits) const {
    const Tensor l = clamp > 0 ? logits.clamp(-clamp, clamp) : logits;
    return temperature != 1 ? l / temperature : l;
  }
  // Which column of classes [begin, end) is each position's target, and whether it is one of them.
  std::pair<Tensor, Tensor> columns(int64_t row, int64_t row_end, int64_t begin, int64_t end) const {
    const Tensor t = targets.slice(0, row, row_end);
    const Tensor inside = (t >= begin).logical_and_(t < end);
    return {(t - begin).clamp_(0, end - begin - 1).unsqueeze(1), inside.unsqueeze(1)};
  }

 private:
  template <class Body>
  static void for_blocks(int64_t count, int64_t size, const Body& body) {
    for (int64_t begin = 0; begin < count; begin += size) body(begin, std::min(count, begin + size));
  }
};

constexpr int64_t kRowsPerThread = 16;

// ln Z, entropy and the target's logit of each position.
struct Sums {
  Tensor log_z, entropy, target;
};

Sums sums_by_kernels(const Head& h) {
  Sums out;
  for (Tensor* t : {&out.log_z, &out.entropy, &out.target}) {
    *t = torch::empty({h.positions()}, h.features.options().dtype(torch::kFloat32));
  }
  const auto* targets = h.targets.data_ptr<int64_t>();
  const kernels::SoftmaxOptions o = h.options();
  h.for_positions([&](int64_t row, int64_t row_end) {
    std::vector<kernels::SoftmaxSums> sums(static_cast<size_t>(row_end - row));
    h.for_classes([&](int64_t begin, int64_t end) {
      const Tensor logits = h.logits(row, row_end, begin, end).contiguous();
      const auto* l = logits.data_ptr<float>();
      at::parallel_for(row, row_end, kRowsPerThread, [&](int64_t first, int64_t last) {
        for (int64_t r = first; r < last; ++r) {
          const float* in = l + (r - row) * (end - begin);
          kernels::softmax_fold(in, end - begin, o, sums[static_cast<size_t>(r - row)]);
          if (targets[r] >= begin && targets[r] < end) {
            out.target.data_ptr<float>()[r] = kernels::softmax_logit(in[targets[r] - begin], o);
          }
        }
      });
    });
    for (int64_t r = row; r < row_end; ++r) {
      const auto& s = sums[static_cast<size_t>(r - row)];
      out.log_z.data_ptr<float>()[r] = static_cast<float>(s.log_z());
      out.entropy.data_ptr<float>()[r] = static_cast<float>(s.entropy());
    }
  });
  return out;
}

// H = ln Z - sum p l, both sums carried from block to block.
Sums sums_by_torch(const Head& h) {
  std::vector<Tensor> log_zs, entropies, targets;
  h.for_positions([&](int64_t row, int64_t row_end) {
    Tensor log_z, mean, target;
    h.for_classes([&](int64_t begin, int64_t end) {
      const Tensor logits = h.scaled(h.logits(row, row_end, begin, end));
      const auto [column, inside] = h.columns(row, row_end, begin, end);
      const Tensor picked = logits.gather(1, column).masked_fill(inside.logical_not(), 0).squeeze(1);
      const Tensor block = torch::logsumexp(logits, 1);
      const Tensor total = log_z.defined() ? torch::logaddexp(log_z, block) : block;
      const Tensor part = ((logits - total.unsqueeze(1)).exp() * logits).sum(1);
      mean = mean.defined() ? mean * (log_z - total).exp() + part : part;
      target = target.defined() ? target + picked : picked;
      log_z = total;
    });
    log_zs.push_back(log_z);
    entropies.push_back(log_z - mean);
    targets.push_back(target);
  });
  return {torch::cat(log_zs), torch::cat(entropies), torch::cat(targets)};
}

// Turns a block of logits into the gradient with respect to them:
// d_c = (g_lp (1[c = target] - p_c) - g_H p_c (ln p_c + H)) / temperature, 0 where clamped.
void gradient_by_kernels(const Head& h, Tensor& logits, const float* log_z, const float* entropy, const float* g_lp,
                         const float* g_h, int64_t row, int64_t begin) {
  const int64_t width = logits.size(1);
  const auto* targets = h.targets.data_ptr<int64_t>();
  const kernels::SoftmaxOptions o = h.options();
  auto* l = logits.data_ptr<float>();
  at::parallel_for(0, logits.size(0), kRowsPerThread, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const int64_t r = row + i, target = targets[r] - begin;
      kernels::softmax_gradient(l + i * width, width, o,
                                {log_z[r], entropy[r], g_lp[r], g_h[r], target >= 0 && target < width ? target : -1});
    }
  });
}

Tensor gradient_by_torch(const Head& h, const Tensor& raw, const Tensor& log_z, const Tensor& entropy,
                         const Tensor& g_lp, const Tensor& g_h, int64_t row, int64_t begin) {
  const int64_t row_end = row + raw.size(0), end = begin + raw.size(1);
  const auto of_rows = [&](const Tensor& t) { return t.slice(0, row, row_end).unsqueeze(1); };
  const Tensor log_p = h.scaled(raw) - of_rows(log_z);
  Tensor d = log_p.exp() * -(of_rows(g_lp) + of_rows(g_h) * (log_p + of_rows(entropy)));
  const auto [column, inside] = h.columns(row, row_end, begin, end);
  d.scatter_(1, column, d.gather(1, column) + of_rows(g_lp) * inside);
  if (h.temperature != 1) d.div_(h.temperature);
  if (h.clamp > 0) d.masked_fill_(raw.abs() >= h.clamp, 0);
  return d;
}

struct Blockwise : torch::autograd::Function<Blockwise> {
  static variable_list forward(AutogradContext* ctx, Tensor features, Tensor weight, Tensor bias,
                               Tensor targets, Tensor constant, double bias_share, double temperature, double clamp,
                               int64_t block) {
    const Head h{features, with(features, constant), weight, bias, targets.contiguous(), temperature, clamp, block};
    const Sums s = h.by_kernels() ? sums_by_kernels(h) : sums_by_torch(h);
    ctx->save_for_backward({features, weight, bias, h.targets, s.log_z, s.entropy, constant});
    ctx->saved_data["bias_share"] = bias_share;
    ctx->saved_data["temperature"] = temperature;
    ctx->saved_data["clamp"] = clamp;
    ctx->saved_data["block"] = block;
    return {s.target - s.log_z, s.entropy.clone()};
  }

  static Tensor with(const Tensor& features, const Tensor& constant) {
    return constant.numel() > 0 ? features + constant : features;
  }
  // The parameter's own gradient where it has one, else a new one to return. Many blocks add to it, hence not in
  // bfloat16.
  static Tensor sink(const Tensor& parameter, bool wanted) {
    if (!wanted || parameter.numel() == 0) return {};
    if (parameter.is_leaf() && parameter.grad().defined()) return parameter.grad();
    return torch::zeros(parameter.sizes(), parameter.options().dtype(
                                               parameter.scalar_type() == torch::kFloat64 ? torch::kFloat64 : torch::kFloat32));
  }
  static Tensor returned(const Tensor& parameter, const Tensor& gradient) {
    return gradient.defined() && !gradient.is_same(parameter.grad()) ? gradient.to(parameter.scalar_type()) : Tensor();
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const Tensor &weight = saved[1], &bias = saved[2];
    const Tensor features = saved[0].detach();
    const Head h{features, with(features, saved[6]), weight.detach(), bias.detach(), saved[3],
                 ctx->saved_data["temperature"].toDouble(), ctx->saved_data["clamp"].toDouble(),
                 ctx->saved_data["block"].toInt()};
    const Tensor &log_z = saved[4], &entropy = saved[5];
    const auto gradient_of = [&](size_t output) {
      return grads[output].defined() ? grads[output].contiguous() : torch::zeros_like(log_z);
    };
    const Tensor g_lp = gradient_of(0), g_h = gradient_of(1);
    const double bias_share = ctx->saved_data["bias_share"].toDouble();
    const bool need_features = ctx->needs_input_grad(0);
    // Every block of classes adds to the features' gradient, hence not in bfloat16.
    Tensor d_features = need_features ? torch::zeros(h.features.sizes(), log_z.options()) : Tensor();
    Tensor d_weight = sink(weight, ctx->needs_input_grad(1)), d_bias = sink(bias, ctx->needs_input_grad(2));
    // Classes outside: each block of the weight's gradient is written while it is in the cache.
    h.for_classes([&](int64_t begin, int64_t end) {
      h.for_positions([&](int64_t row, int64_t row_end) {
        Tensor d = h.logits(row, row_end, begin, end).contiguous();
        if (h.by_kernels()) {
          gradient_by_kernels(h, d, log_z.data_ptr<float>(), entropy.data_ptr<float>(), g_lp.data_ptr<float>(),
                              g_h.data_ptr<float>(), row, begin);
        } else {
          d = gradient_by_torch(h, d, log_z, entropy, g_lp, g_h, row, begin);
        }
        if (d_bias.defined()) d_bias.slice(0, begin, end).add_(d.sum(0), bias_share);
        d = d.to(h.features.scalar_type());
        if (need_features) {
          d_features.slice(0, row, row_end).add_(tensor::matmul_nt(d, h.weight.slice(0, begin, end).t()));
        }
        if (d_weight.defined()) {
          d_weight.slice(0, begin, end).add_(tensor::matmul_nt(d.t(), h.features.slice(0, row, row_end).t()));
        }
      });
    });
    return {need_features ? d_features.to(h.features.scalar_type()) : Tensor(), returned(weight, d_weight),
            returned(bias, d_bias), Tensor(), Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

TokenLogprobs token_logprobs(const Tensor& features, const Tensor& weight, const Tensor& bias,
                             const Tensor& targets, double temperature, double clamp, int64_t block,
                             const ConstantPart& constant) {
  // An autograd function takes defined tensors only: what is not there travels as an empty one.
  const auto some = [&](const Tensor& t) { return t.defined() ? t : torch::empty({0}, weight.options()); };
  const auto out = Blockwise::apply(features.contiguous(), weight, some(bias), targets, some(constant.features).detach(),
                                    constant.bias_share, temperature, clamp, block);
  return {out[0], out[1]};
}

int64_t logprob_block_bytes(torch::Device device) {
  const Block b = block_of(device);
  return b.positions * b.classes * static_cast<int64_t>(sizeof(float));
}

}  // namespace easel::model
