#include "tensor/quantize.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tensor/safetensors.h"

namespace easel::tensor {
namespace {

struct Case {
  const char* name;
  const DynamicMap& map;
};

class QuantizeTest : public ::testing::Test {
 protected:
  torch::Tensor value(const std::string& name) { return file_.get(name); }
  std::vector<Case> cases_ = {{"first", DynamicMap::of_signed()}, {"second", DynamicMap::of_unsigned()}};

 private:
  Safetensors file_ = Safetensors::map(EASEL_SOURCE_DIR "/tests/numerics/data/quantize.safetensors");
};

TEST_F(QuantizeTest, MapsAreTheReferences) {
  for (const auto& [name, map] : cases_) {
    const auto expected = value(std::string(name) + ".map");
    for (int64_t c = 0; c < 256; ++c) {
      EXPECT_NEAR(map.values()[static_cast<size_t>(c)], expected[c].item<float>(), 1e-7) << name << " " << c;
    }
    EXPECT_EQ(map.values()[map.zero()], 0);
  }
}

TEST_F(QuantizeTest, CodesAreTheNearestAndScalesTheReferences) {
  for (const auto& [name, map] : cases_) {
    const auto of = [&, name = std::string(name)](const char* what) { return value(name + what); };
    const auto x = value(name), nearest = of(".nearest"), scales = of(".scales"), again = of(".again");
    int64_t ties = 0;
    for (int64_t at = 0; at < x.numel(); at += kQuantBlock) {
      const int64_t n = std::min(kQuantBlock, x.numel() - at);
      std::vector<uint8_t> codes(static_cast<size_t>(n));
      std::vector<float> back(static_cast<size_t>(n));
      const float scale = map.quantize(x.data_ptr<float>() + at, n, codes.data());
      map.dequantize(codes.data(), n, scale, back.data());
      EXPECT_EQ(scale, scales[at / kQuantBlock].item<float>());
      for (int64_t i = 0; i < n; ++i) {
        const auto c = static_cast<size_t>(i);
        ties += codes[c] != nearest[at + i].item<uint8_t>();  // in the middle between two, but for rounding
        const float in = x[at + i].item<float>(), theirs = again[at + i].item<float>();
        EXPECT_LE(std::abs(back[c] - in), std::abs(theirs - in) + 2e-7f * scale) << name << " " << at + i;
      }
    }
    EXPECT_LE(ties, 1) << name;
  }
}

TEST_F(QuantizeTest, WhatIsNotZeroKeepsACode) {
  const float x[] = {1, 1e-9f, 0};
  uint8_t codes[3];
  const DynamicMap& map = DynamicMap::of_unsigned();
  map.quantize(x, 3, codes, true);
  EXPECT_EQ(codes[1], map.zero() + 1);
  EXPECT_EQ(codes[2], map.zero());
  map.quantize(x, 3, codes);
  EXPECT_EQ(codes[1], map.zero());
}

TEST_F(QuantizeTest, NoScaleIsNeeded) {
  const float x[] = {0, 0, 1e-42f};  // without a finite inverse
  uint8_t codes[3];
  EXPECT_EQ(DynamicMap::of_signed().quantize(x, 3, codes), 0);
  for (const uint8_t code : codes) EXPECT_EQ(code, DynamicMap::of_signed().zero());
}

}  // namespace
}  // namespace easel::tensor
