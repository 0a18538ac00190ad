// The blockwise head beside dense logits in float64: values and gradients.
#include "model/token_logprobs.h"

#include <gtest/gtest.h>

namespace easel::model {
namespace {

struct Case {
  bool wide;  // float64, which takes the path of other devices
  bool bias, keeps_gradients;
  double temperature, clamp;
  int64_t block;
  double cfg_weight = 1;  // other than 1: guidance by a branch that is held constant
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << (c.wide ? "float64" : "float32") << (c.bias ? " bias" : "") << (c.keeps_gradients ? " in place" : "")
             << " guidance " << c.cfg_weight << " temperature " << c.temperature << " clamp " << c.clamp << " block " << c.block;
}

class TokenLogprobsTest : public testing::TestWithParam<Case> {};

constexpr int64_t kPositions = 37, kClasses = 53, kHidden = 16;

struct Inputs {
  Tensor features, weight, bias;
  Inputs(torch::ScalarType type, bool with_bias) {
    const auto make = [&](torch::IntArrayRef shape, double scale) {
      return (torch::randn(shape, torch::kFloat64) * scale).to(type).requires_grad_();
    };
    torch::manual_seed(3);
    features = make({kPositions, kHidden}, 1);
    weight = make({kClasses, kHidden}, 0.6);
    if (with_bias) bias = make({kClasses}, 1);
  }
};

double relative(const Tensor& got, const Tensor& expected) {
  const Tensor e = expected.to(torch::kFloat64);
  return ((got.to(torch::kFloat64) - e).abs().max() / e.abs().max()).item<double>();
}

TEST_P(TokenLogprobsTest, EqualsDenseLogits) {
  const Case c = GetParam();
  const auto type = c.wide ? torch::kFloat64 : torch::kFloat32;
  Inputs ours(type, c.bias), dense(type, c.bias);
  const Tensor targets = torch::randint(kClasses, {kPositions}, torch::kInt64);
  const Tensor g_logprob = torch::randn({kPositions}, type), g_entropy = torch::randn({kPositions}, type);
  const auto leaves = [](Inputs& in) {
    std::vector<Tensor> all = {in.features, in.weight};
    if (in.bias.defined()) all.push_back(in.bias);
    return all;
  };
  if (c.keeps_gradients) {
    for (Tensor t : leaves(ours)) t.mutable_grad() = torch::full_like(t, 2);
  }

  const Tensor branch = torch::randn({kPositions, kHidden}, type);
  ConstantPart constant;
  if (c.cfg_weight != 1) constant = {branch * (1 - c.cfg_weight), c.cfg_weight};
  const TokenLogprobs got = token_logprobs(ours.features * c.cfg_weight, ours.weight, ours.bias, targets,
                                           c.temperature, c.clamp, c.block, constant);
  ((got.logprobs * g_logprob).sum() + (got.entropy * g_entropy).sum()).backward();

  const auto head = [&](const Tensor& features) {
    const Tensor l = torch::mm(features.to(torch::kFloat64), dense.weight.to(torch::kFloat64).t());
    return c.bias ? l + dense.bias.to(torch::kFloat64) : l;
  };
  Tensor logits = head(dense.features);
  if (c.cfg_weight != 1) {
    const Tensor u = head(branch).detach();
    logits = u + c.cfg_weight * (logits - u);
  }
  if (c.clamp > 0) logits = logits.clamp(-c.clamp, c.clamp);
  const Tensor log_p = torch::log_softmax(logits / c.temperature, -1);
  const Tensor logprobs = log_p.gather(1, targets.unsqueeze(1)).squeeze(1);
  const Tensor entropy = -(log_p.exp() * log_p).sum(-1);
  ((logprobs * g_logprob).sum() + (entropy * g_entropy).sum()).backward();

  EXPECT_LT(relative(got.logprobs, logprobs), 1e-6);
  EXPECT_LT(relative(got.entropy, entropy), 1e-6);
  auto a = leaves(ours), b = leaves(dense);
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_LT(relative(a[i].grad() - (c.keeps_gradients ? 2 : 0), b[i].grad()), 2e-6) << "input " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, TokenLogprobsTest,
                         testing::Values(Case{false, false, false, 1, 0, 0}, Case{false, true, true, 1, 0, 7},
                                         Case{false, true, false, 0.7, 2.5, 7}, Case{true, true, true, 0.7, 2.5, 7},
                                         Case{true, false, false, 1, 0, 16}, Case{false, true, true, 0.7, 0, 7, 3},
                                         Case{true, true, false, 1, 9, 16, 5}));

TEST(TokenLogprobs, FrozenWeightsHaveNoGradient) {
  Inputs in(torch::kFloat32, true);
  const Tensor weight = in.weight.detach(), bias = in.bias.detach();
  const Tensor targets = torch::zeros({kPositions}, torch::kInt64);
  token_logprobs(in.features, weight, bias, targets).logprobs.sum().backward();
  EXPECT_TRUE(in.features.grad().defined());
  EXPECT_FALSE(weight.grad().defined());
  EXPECT_FALSE(bias.grad().defined());
}

}  // namespace
}  // namespace easel::model
