// Our causal attention beside LibTorch's, values and gradients.
#include <ATen/ops/scaled_dot_product_attention.h>
#include <gtest/gtest.h>

#include "model/ops.h"

namespace easel::model {
namespace {

struct Shape {
  int64_t heads, groups, size;
};

// One sequence at a time, in double.
Tensor reference(const Tensor& q, const Tensor& k, const Tensor& v, const std::vector<int64_t>& lengths) {
  const int64_t share = q.size(1) / k.size(1);
  std::vector<Tensor> parts;
  int64_t at = 0;
  for (const int64_t length : lengths) {
    const auto part = [&](const Tensor& t, int64_t repeat) {
      return t.slice(0, at, at + length).repeat_interleave(repeat, 1).transpose(0, 1).unsqueeze(0);
    };
    parts.push_back(at::scaled_dot_product_attention(part(q, 1), part(k, share), part(v, share), {}, 0.0, true)
                        .squeeze(0).transpose(0, 1).reshape({length, -1}));
    at += length;
  }
  return torch::cat(parts);
}

class CausalAttention : public testing::TestWithParam<Shape> {};

TEST_P(CausalAttention, ValuesAndGradientsAreLibTorchs) {
  const auto [heads, groups, size] = GetParam();
  // Below, at and above the kernel's blocks of 16 queries and 32 columns.
  const std::vector<int64_t> lengths = {1, 5, 16, 33, 79, 130};
  const int64_t tokens = 264, padding = 7;
  torch::manual_seed(3);
  const auto leaf = [&](int64_t n) { return (2 * torch::randn({tokens + padding, n, size})).requires_grad_(); };
  Tensor q = leaf(heads), k = leaf(groups), v = leaf(groups);
  const Tensor weight = torch::randn({tokens, heads * size});

  const Tensor ours = causal_attention(q, k, v, lengths);
  EXPECT_EQ(ours.slice(0, tokens).abs().sum().item<double>(), 0);
  (ours.slice(0, 0, tokens) * weight).sum().backward();

  // The truth in double, and how far LibTorch's own float32 is from it: ours may be as far.
  const auto libtorch = [&](torch::Dtype dtype) {
    std::vector<Tensor> leaves;
    for (const Tensor& t : {q, k, v}) leaves.push_back(t.detach().to(dtype, false, true).requires_grad_());
    const Tensor y = reference(leaves[0], leaves[1], leaves[2], lengths);
    (y * weight).sum().backward();
    return std::vector<Tensor>{y, leaves[0].grad(), leaves[1].grad(), leaves[2].grad()};
  };
  const auto truth = libtorch(torch::kFloat64), single = libtorch(torch::kFloat32);
  const std::vector<Tensor> mine = {ours.slice(0, 0, tokens), q.grad(), k.grad(), v.grad()};
  const auto difference = [](const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); };
  for (size_t i = 0; i < mine.size(); ++i) {
    const double bound = 2 * difference(single[i], truth[i]) + 1e-7;
    EXPECT_LT(bound, 1e-3);
    EXPECT_LT(difference(mine[i], truth[i]), bound) << "y, dq, dk, dv: " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, CausalAttention,
                         testing::Values(Shape{6, 6, 32}, Shape{4, 2, 16}, Shape{6, 2, 40}, Shape{2, 1, 128}));

}  // namespace
}  // namespace easel::model
