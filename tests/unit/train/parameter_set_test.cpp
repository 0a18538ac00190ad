#include "train/parameter_set.h"

#include <gtest/gtest.h>

#include "tensor/kernels.h"
#include "unit/temporary_folder.h"

namespace easel::train {
namespace {

constexpr double kRate = 1e-2;
const AdamWOptions kAdamW{.weight_decay = 0.1};

// A matrix whose moments can be coded, with a last block that is not full, and a vector.
struct Parameters {
  explicit Parameters(torch::Dtype dtype) {
    torch::manual_seed(1);
    matrix = torch::randn({90, 77}).to(dtype);
    vector = torch::randn({77}).to(dtype);
  }
  void adopt(ParameterSet& set) {
    set.add("matrix", matrix);
    set.add("vector", vector);
    set.build();
  }
  Tensor matrix, vector;
};

// A step's backward pass: of gradients that differ from step to step, some far smaller than others.
void backward(Parameters& p, int64_t step) {
  torch::manual_seed(100 + step);
  const auto of = [](const Tensor& t) { return torch::randn(t.sizes()) * torch::pow(10, -4 * torch::rand(t.sizes())); };
  const Tensor gm = of(p.matrix), gv = of(p.vector);
  ((p.matrix.to(torch::kFloat32) * gm).sum() + (p.vector.to(torch::kFloat32) * gv).sum()).backward();
}

Parameters trained(torch::Dtype dtype, const StateOptions& options, int64_t steps = 20) {
  Parameters p(dtype);
  ParameterSet set(options);
  p.adopt(set);
  for (int64_t i = 0; i < steps; ++i) {
    set.zero_gradients();
    backward(p, i);
    set.adamw_step(kRate, 0.5, kAdamW);
  }
  p.matrix = p.matrix.detach().clone();
  p.vector = p.vector.detach().clone();
  return p;
}

double distance(const Tensor& a, const Tensor& b) {
  return (a.to(torch::kFloat32) - b.to(torch::kFloat32)).abs().max().item<double>();
}

TEST(ParameterSetTest, HalfGradientsAreSummedInFloat32) {
  Parameters p(torch::kBFloat16);
  ParameterSet set;
  p.adopt(set);
  for (int64_t i = 0; i < 2; ++i) (p.matrix.to(torch::kFloat32) * (i == 0 ? 1.0 : 1.0 / 512)).sum().backward();
  EXPECT_FALSE(p.matrix.grad().defined());
  EXPECT_EQ(set.gradient(0)[5].item<float>(), 1 + 1.0f / 512);  // bfloat16 has no such number
}

TEST(ParameterSetTest, HalfParametersFollowTheirFloat32Copy) {
  // The same run in float32, from the same values, sees the same gradients but for their rounding.
  Parameters wide(torch::kBFloat16);
  wide.matrix = wide.matrix.to(torch::kFloat32);
  wide.vector = wide.vector.to(torch::kFloat32);
  ParameterSet set;
  wide.adopt(set);
  for (int64_t i = 0; i < 20; ++i) {
    set.zero_gradients();
    backward(wide, i);
    set.adamw_step(kRate, 0.5, kAdamW);
  }
  const Parameters narrow = trained(torch::kBFloat16, {});
  EXPECT_EQ(narrow.matrix.scalar_type(), torch::kBFloat16);
  // Half a unit in the last place of bfloat16, and what the gradients' rounding does to 20 steps.
  const Tensor value = wide.matrix.detach(), off = (narrow.matrix.to(torch::kFloat32) - value).abs();
  EXPECT_TRUE((off <= value.abs() / 256 + 20 * kRate / 128).all().item<bool>());
}

TEST(ParameterSetTest, SmallUpdatesCountOnAverage) {
  // Each update is far below what bfloat16 can hold beside 1.
  Tensor p = torch::ones({100, 1000}, torch::kBFloat16);
  ParameterSet set(StateOptions{.stochastic_rounding = true, .seed = 3});
  set.add("p", p);
  set.build();
  for (int64_t i = 0; i < 50; ++i) {
    set.zero_gradients();
    p.to(torch::kFloat32).sum().backward();
    set.adamw_step(1e-4, 1, {.weight_decay = 0});
  }
  // 50 steps of 1e-4; each value is 1 or 1 - k/256: the mean of 100,000 of them is good to 1e-4.
  EXPECT_NEAR(p.detach().to(torch::kFloat32).mean().item<double>(), 1 - 50e-4, 2e-4);
}

TEST(ParameterSetTest, EightBitsStayNearFloat32) {
  const Parameters exact = trained(torch::kFloat32, {}), coded = trained(torch::kFloat32, {.eight_bit = true});
  EXPECT_EQ(distance(exact.vector, coded.vector), 0);
  EXPECT_GT(distance(exact.matrix, coded.matrix), 0);
  const Tensor moved = (exact.matrix - Parameters(torch::kFloat32).matrix).abs(), off = (exact.matrix - coded.matrix).abs();
  EXPECT_LT((off.mean() / moved.mean()).item<double>(), 0.1);
}

struct Held {
  const char* name;
  torch::Dtype dtype;
  StateOptions options;
};
void PrintTo(const Held& held, std::ostream* out) { *out << held.name; }

class StateTest : public ::testing::TestWithParam<Held> {};

TEST_P(StateTest, LibTorchsOperationsDoTheSame) {
  StateOptions by_torch = GetParam().options;
  by_torch.kernels = false;
  const Parameters a = trained(GetParam().dtype, GetParam().options), b = trained(GetParam().dtype, by_torch);
  // Sums in another order may end up at the code beside, or at the bfloat16 beside.
  const bool exact = GetParam().dtype == torch::kFloat32 && !GetParam().options.eight_bit;
  EXPECT_LT(distance(a.matrix, b.matrix), exact ? 2e-6 : 0.04);
  EXPECT_LT((a.matrix - b.matrix).abs().to(torch::kFloat32).mean().item<double>(), exact ? 1e-6 : 2e-4);
}

TEST_P(StateTest, StateOnTheHostIsTheSame) {
  StateOptions options = GetParam().options;
  options.on_host = true;
  options.kernels = false;  // as on another device
  const Parameters a = trained(GetParam().dtype, GetParam().options), b = trained(GetParam().dtype, options);
  EXPECT_TRUE(torch::equal(a.matrix, b.matrix));
  EXPECT_TRUE(torch::equal(a.vector, b.vector));
}

TEST_P(StateTest, GoesOnFromItsFile) {
  const easel::testing::TemporaryFolder folder;
  const auto path = folder.path() / "optimizer.safetensors";
  Parameters p(GetParam().dtype);
  {
    ParameterSet set(GetParam().options);
    p.adopt(set);
    for (int64_t i = 0; i < 20; ++i) {
      if (i == 7) {
        tensor::write_safetensors(path, set.state(), {});
        break;
      }
      set.zero_gradients();
      backward(p, i);
      set.adamw_step(kRate, 0.5, kAdamW);
    }
  }
  Parameters again(GetParam().dtype);
  again.matrix = p.matrix.detach().clone();
  again.vector = p.vector.detach().clone();
  ParameterSet set(GetParam().options);
  again.adopt(set);
  set.load_state(tensor::Safetensors::map(path));
  for (int64_t i = 7; i < 20; ++i) {
    set.zero_gradients();
    backward(again, i);
    set.adamw_step(kRate, 0.5, kAdamW);
  }
  const Parameters whole = trained(GetParam().dtype, GetParam().options);
  EXPECT_TRUE(torch::equal(again.matrix.detach(), whole.matrix));
  EXPECT_TRUE(torch::equal(again.vector.detach(), whole.vector));
}

INSTANTIATE_TEST_SUITE_P(All, StateTest,
                         ::testing::Values(Held{"float32", torch::kFloat32, {}},
                                           Held{"float32_8bit", torch::kFloat32, {.eight_bit = true}},
                                           Held{"bfloat16", torch::kBFloat16, {}},
                                           Held{"bfloat16_8bit", torch::kBFloat16, {.eight_bit = true}},
                                           Held{"bfloat16_stochastic", torch::kBFloat16,
                                                {.stochastic_rounding = true, .seed = 4, .eight_bit = true}}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(KernelsTest, RoundingToBfloat16) {
  torch::manual_seed(2);
  const Tensor x = torch::randn({1000}) * 100;
  Tensor nearest = torch::empty({1000}, torch::kBFloat16), wide = torch::empty({1000});
  const auto bits = [](const Tensor& t) { return static_cast<uint16_t*>(t.data_ptr()); };
  tensor::kernels::round_to_nearest(x.data_ptr<float>(), bits(nearest), 1000);
  EXPECT_TRUE(torch::equal(nearest, x.to(torch::kBFloat16)));
  tensor::kernels::widen(bits(nearest), wide.data_ptr<float>(), 1000);
  EXPECT_TRUE(torch::equal(wide, nearest.to(torch::kFloat32)));
  Tensor a = torch::empty_like(nearest), b = torch::empty_like(nearest);
  tensor::kernels::round_stochastically(x.data_ptr<float>(), bits(a), 1000, 0, 9);
  // In two calls as in one.
  tensor::kernels::round_stochastically(x.data_ptr<float>(), bits(b), 300, 0, 9);
  tensor::kernels::round_stochastically(x.data_ptr<float>() + 300, bits(b) + 300, 700, 300, 9);
  EXPECT_TRUE(torch::equal(a, b));
  EXPECT_FALSE(torch::equal(a, nearest));
  EXPECT_LT(((a.to(torch::kFloat32) - x).abs() / x.abs()).max().item<double>(), 1.0 / 128);
}

}  // namespace
}  // namespace easel::train
