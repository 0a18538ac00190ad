#include "model/token_logprobs.h"

#include <algorithm>

#include "tensor/matmul.h"

namespace easel::model {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

// About 16 MiB of logits at a time: large enough for the matrix product, small enough for caches.
int64_t pick_chunk(int64_t chunk, int64_t classes) {
  if (chunk > 0) return chunk;
  return std::clamp<int64_t>((int64_t{4} << 20) / classes, 16, 4096);
}

// float32 logits of rows [begin, end), scaled and clamped as asked for.
Tensor chunk_logits(const Tensor& features, const Tensor& weight, const Tensor& bias, int64_t begin,
                    int64_t end, double temperature, double clamp) {
  const Tensor rows = features.slice(0, begin, end);
  Tensor logits = tensor::matmul_nt(rows, weight).to(torch::kFloat32);
  if (bias.numel() > 0) logits.add_(bias);
  if (clamp > 0) logits.clamp_(-clamp, clamp);
  if (temperature != 1) logits.div_(temperature);
  return logits;
}

struct Chunked : torch::autograd::Function<Chunked> {
  static variable_list forward(AutogradContext* ctx, Tensor features, Tensor weight, Tensor bias,
                               Tensor targets, double temperature, double clamp, int64_t chunk) {
    const int64_t positions = features.size(0);
    const auto options = features.options().dtype(torch::kFloat32);
    Tensor logprobs = torch::empty({positions}, options), entropy = torch::empty({positions}, options);
    for (int64_t begin = 0; begin < positions; begin += chunk) {
      const int64_t end = std::min(positions, begin + chunk);
      const Tensor logits = chunk_logits(features, weight, bias, begin, end, temperature, clamp);
      const Tensor z = torch::logsumexp(logits, 1);
      const Tensor t = targets.slice(0, begin, end).unsqueeze(1);
      logprobs.slice(0, begin, end).copy_(logits.gather(1, t).squeeze(1) - z);
      // H = ln Z - sum p * logit
      const Tensor p = (logits - z.unsqueeze(1)).exp_();
      entropy.slice(0, begin, end).copy_(z - p.mul_(logits).sum(1));
    }
    ctx->save_for_backward({features, weight, bias, targets});
    ctx->saved_data["temperature"] = temperature;
    ctx->saved_data["clamp"] = clamp;
    ctx->saved_data["chunk"] = chunk;
    return {logprobs, entropy};
  }

  // d logit_c = g_lp (1[c = target] - p_c) - g_H p_c (ln p_c + H)
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const Tensor &features = saved[0], &weight = saved[1], &bias = saved[2], &targets = saved[3];
    const double temperature = ctx->saved_data["temperature"].toDouble();
    const double clamp = ctx->saved_data["clamp"].toDouble();
    const int64_t chunk = ctx->saved_data["chunk"].toInt();
    const int64_t positions = features.size(0);
    Tensor d_features = torch::empty_like(features);
    const bool need_weight = ctx->needs_input_grad(1);
    Tensor d_weight = need_weight ? torch::zeros_like(weight) : Tensor();
    Tensor d_bias = bias.numel() > 0 && need_weight ? torch::zeros_like(bias) : Tensor();
    for (int64_t begin = 0; begin < positions; begin += chunk) {
      const int64_t end = std::min(positions, begin + chunk);
      const Tensor logits = chunk_logits(features, weight, bias, begin, end, temperature, clamp);
      const Tensor log_p = logits - torch::logsumexp(logits, 1, true);
      const Tensor p = log_p.exp();
      Tensor d = torch::zeros_like(p);
      if (grads[1].defined()) {
        const Tensor h = -(p * log_p).sum(1, true);
        d.sub_((log_p + h).mul_(p).mul_(grads[1].slice(0, begin, end).unsqueeze(1)));
      }
      if (grads[0].defined()) {
        const Tensor g = grads[0].slice(0, begin, end).unsqueeze(1);
        d.sub_(p * g);
        d.scatter_add_(1, targets.slice(0, begin, end).unsqueeze(1), g);
      }
      if (temperature != 1) d.div_(temperature);
      if (clamp > 0) d.masked_fill_(logits.abs() >= clamp / temperature, 0);
      d = d.to(features.scalar_type());
      d_features.slice(0, begin, end).copy_(tensor::matmul_nt(d, weight.t()));
      if (d_weight.defined()) {
        d_weight.add_(tensor::matmul_nt(d.t(), features.slice(0, begin, end).t()));
      }
      if (d_bias.defined()) d_bias.add_(d.sum(0));
    }
    return {d_features, d_weight, d_bias, Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

TokenLogprobs token_logprobs(const Tensor& features, const Tensor& weight, const Tensor& bias,
                             const Tensor& targets, double temperature, double clamp,
                             int64_t chunk) {
  // An autograd function takes defined tensors only: no bias travels as an empty one.
  const Tensor some_bias = bias.defined() ? bias : torch::empty({0}, weight.options());
  const auto out = Chunked::apply(features.contiguous(), weight, some_bias, targets, temperature, clamp,
                                  pick_chunk(chunk, weight.size(0)));
  return {out[0], out[1]};
}

}  // namespace easel::model
