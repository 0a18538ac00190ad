// Values as shard-cat prints them.
#include "tensor/print.h"

#include <gtest/gtest.h>

#include <limits>

namespace easel::tensor {
namespace {

using Lines = std::vector<std::string>;

Lines rows(const torch::Tensor& values, bool json) {
  return print_rows(Safetensors::parse(to_safetensors({{"x", values}}, {}), "a.safetensors"), "x", "", json);
}

TEST(PrintRows, Float64KeepsItsDigitsAndItsRange) {
  const auto values = torch::tensor({{1e300, 0.1}, {1.0 / 3, -2.5}}, torch::kFloat64);
  EXPECT_EQ(rows(values, true), (Lines{"[1e+300,0.1]", "[0.3333333333333333,-2.5]"}));
  EXPECT_EQ(rows(values, false), (Lines{"1e+300 0.1", "0.3333333333333333 -2.5"}));
}

TEST(PrintRows, OtherTypes) {
  EXPECT_EQ(rows(torch::tensor({{0.1, 0.25}}, torch::kFloat32), true), (Lines{"[0.1,0.25]"}));
  EXPECT_EQ(rows(torch::tensor({{1, -2}}, torch::kInt32), true), (Lines{"[1,-2]"}));
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(rows(torch::tensor({{infinity, 1.5}}, torch::kFloat64), true), (Lines{"[null,1.5]"}));
}

}  // namespace
}  // namespace easel::tensor
