// Our group norm with SiLU and our 3 x 3 convolution beside LibTorch's in double, and that training still
// gets its gradients.
#include <gtest/gtest.h>

#include "model/ops.h"

namespace easel::model {
namespace {

struct Shape {
  int64_t batch, channels, groups, rows, columns;
};

Tensor reference(const Tensor& x, int64_t groups, const Tensor& weight, const Tensor& bias, bool activate) {
  const auto wide = [](const Tensor& t) { return t.detach().to(torch::kFloat64); };
  const Tensor y = torch::group_norm(wide(x), groups, wide(weight), wide(bias), 1e-6);
  return activate ? torch::silu(y) : y;
}

class GroupNorm : public testing::TestWithParam<Shape> {};

TEST_P(GroupNorm, ValuesAreLibTorchs) {
  const auto [batch, channels, groups, rows, columns] = GetParam();
  torch::manual_seed(5);
  // A mean that is large beside the deviation, as biases of convolutions make it.
  const Tensor x = 0.1 * torch::randn({batch, channels, rows, columns}) + 3;
  const Tensor weight = torch::randn({channels}), bias = torch::randn({channels});
  for (const bool activate : {false, true}) {
    const Tensor wanted = reference(x, groups, weight, bias, activate);
    const Tensor ours = group_norm(x, groups, weight, bias, 1e-6, activate);
    // float32 holds x to 2^-24 of 3, so each side may be off by some 1e-6 deviations of 0.1.
    EXPECT_LT((ours - wanted).abs().max().item<double>(), 2e-5);
    // A view that is not contiguous.
    const Tensor turned = x.transpose(2, 3);
    EXPECT_TRUE(torch::equal(group_norm(turned, groups, weight, bias, 1e-6, activate),
                             group_norm(turned.contiguous(), groups, weight, bias, 1e-6, activate)));
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, GroupNorm,
                         testing::Values(Shape{2, 32, 32, 6, 6}, Shape{3, 64, 32, 12, 5}, Shape{1, 32, 32, 48, 48},
                                         Shape{1, 128, 32, 33, 47},
                                         Shape{1, 128, 32, 70, 90}));

TEST(GroupNorm, GradientsReachInputAndWeights) {
  Tensor x = torch::randn({2, 64, 4, 4}).requires_grad_();
  Tensor weight = torch::randn({64}).requires_grad_(), bias = torch::randn({64}).requires_grad_();
  group_norm(x, 32, weight, bias, 1e-6, true).square().sum().backward();
  for (const Tensor& t : {x, weight, bias}) EXPECT_GT(t.grad().abs().sum().item<double>(), 0);
}

struct Convolution {
  int64_t batch, in, out, rows, columns;
};

class FastConvolution : public testing::TestWithParam<Convolution> {};

TEST_P(FastConvolution, ValuesAreLibTorchs) {
  const auto [batch, in, out, rows, columns] = GetParam();
  torch::manual_seed(7);
  const Tensor x = torch::randn({batch, in, rows, columns}), bias = torch::randn({out});
  const Tensor weight = torch::randn({out, in, 3, 3}) / std::sqrt(9.0 * static_cast<double>(in));
  for (const bool doubled : {false, true}) {
    const Tensor wide = x.to(torch::kFloat64);
    const Tensor seen = doubled ? torch::upsample_nearest2d(wide, {2 * rows, 2 * columns}) : wide;
    const Tensor wanted = torch::conv2d(seen, weight.to(torch::kFloat64), bias.to(torch::kFloat64), 1, 1);
    const Tensor residual = torch::randn_like(wanted).to(torch::kFloat32);
    // Results have a deviation of about 1 and reach 5.
    const Tensor ours = fast_convolution(x, weight, bias, doubled);
    EXPECT_LT((ours - wanted).abs().max().item<double>(), 2e-5);
    EXPECT_LT((fast_convolution(x, weight, bias, doubled, residual) - wanted - residual).abs().max().item<double>(), 2e-5);
    // A picture's result does not depend on those beside it, nor on the threads.
    at::set_num_threads(1);
    EXPECT_TRUE(torch::equal(fast_convolution(x.slice(0, batch - 1), weight, bias, doubled), ours.slice(0, batch - 1)));
    at::set_num_threads(2);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, FastConvolution,
                         testing::Values(Convolution{3, 32, 32, 6, 6}, Convolution{2, 64, 32, 12, 12},
                                         Convolution{2, 32, 96, 48, 48}, Convolution{1, 96, 64, 7, 29},
                                         Convolution{1, 32, 32, 1, 1}));

TEST(FastConvolution, OtherWidthsAndGradientsAreLibTorchs) {
  Tensor x = torch::randn({1, 3, 5, 5}), bias = torch::zeros({8});
  Tensor weight = torch::randn({8, 3, 3, 3}).requires_grad_();
  const Tensor y = fast_convolution(x, weight, bias);
  EXPECT_TRUE(torch::equal(y, torch::conv2d(x, weight, bias, 1, 1)));
  y.square().sum().backward();
  EXPECT_GT(weight.grad().abs().sum().item<double>(), 0);
  Tensor wide = torch::randn({32, 32, 3, 3}).requires_grad_();
  fast_convolution(torch::randn({1, 32, 5, 5}), wide, torch::zeros({32})).square().sum().backward();
  EXPECT_GT(wide.grad().abs().sum().item<double>(), 0);
}

}  // namespace
}  // namespace easel::model
