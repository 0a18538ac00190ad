// Values as shard-cat prints them.
#include "tensor/print.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"

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

Safetensors shard(const NamedTensors& tensors, const Metadata& metadata = {}, const std::string& file = "b.safetensors") {
  return Safetensors::parse(to_safetensors(tensors, metadata), file);
}
torch::Tensor integers(std::vector<int64_t> values) { return torch::tensor(values, torch::kInt64); }

TEST(PrintRows, OffsetsThatCutNothing) {
  for (const auto& offsets : {integers({}), integers({0, 2}), integers({0, 4})}) {
    const auto damaged = shard({{"cot_ids", torch::zeros({3}, torch::kInt32)}, {"cot_offsets", offsets}});
    EXPECT_THROW(print_rows(damaged, "cot_ids", "0:1", false), base::Error);
  }
}

TEST(JoinShards, ShiftsOffsets) {
  const auto part = [](int32_t first) {
    return shard({{"cot_ids", torch::tensor({first, first + 1, first + 2}, torch::kInt32)}, {"cot_offsets", integers({0, 2, 3})}});
  };
  std::vector<Safetensors> parts;
  parts.push_back(part(1));
  parts.push_back(part(7));
  const auto joined = join_shards(parts);
  EXPECT_TRUE(joined[0].second.equal(torch::tensor({1, 2, 3, 7, 8, 9}, torch::kInt32)));
  EXPECT_TRUE(joined[1].second.equal(integers({0, 2, 3, 5, 6})));
}

TEST(JoinShards, RefusesWhatDoesNotGoTogether) {
  const NamedTensors good = {{"cot_ids", torch::zeros({3}, torch::kInt32)}, {"cot_offsets", integers({0, 2, 3})}};
  const std::vector<NamedTensors> others = {
      {{"cot_ids", torch::zeros({3}, torch::kFloat32)}, {"cot_offsets", integers({0, 2, 3})}},
      {{"cot_ids", torch::zeros({3, 2}, torch::kInt32)}, {"cot_offsets", integers({0, 2, 3})}},
      {{"cot_ids", torch::zeros({3}, torch::kInt32)}, {"cot_offsets", integers({0, 2, 9})}},
      {{"cot_ids", torch::zeros({3}, torch::kInt32)}, {"cot_offsets", integers({1, 2, 3})}},
      {{"cot_ids", torch::zeros({3}, torch::kInt32)}, {"cot_offsets", integers({0, 4, 3})}},
      {{"cot_ids", torch::zeros({3}, torch::kInt32)}, {"cot_offsets", integers({})}},
      {{"cot_ids", torch::zeros({}, torch::kInt32)}, {"cot_offsets", integers({0})}},
      {{"cot_ids", torch::zeros({3}, torch::kInt32)}},
  };
  for (const auto& other : others) {
    std::vector<Safetensors> parts;
    parts.push_back(shard(good, {}, "a.safetensors"));
    parts.push_back(shard(other));
    try {
      join_shards(parts);
      ADD_FAILURE();
    } catch (const base::Error& e) {
      EXPECT_TRUE(std::string(e.what()).starts_with("b.safetensors: ")) << e.what();
    }
  }
}

TEST(JoinShards, SaysOnlyWhatAllSay) {
  std::vector<Safetensors> parts;
  parts.push_back(shard({{"x", torch::zeros({1})}}, {{"policy_digest", "1"}, {"created_by", "sample-group"}}));
  parts.push_back(shard({{"x", torch::zeros({1})}}, {{"policy_digest", "2"}, {"created_by", "sample-group"}}));
  EXPECT_EQ(common_metadata(parts), (Metadata{{"created_by", "sample-group"}}));
}

}  // namespace
}  // namespace easel::tensor
