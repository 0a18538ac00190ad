// Values that other implementations made (tests/numerics/README.md says which and how).
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "model/policy.h"
#include "tensor/safetensors.h"

namespace easel::test {

inline std::string data_folder(const std::string& name) {
  return std::string(EASEL_SOURCE_DIR) + "/tests/numerics/data/" + name;
}

inline tensor::Safetensors expected(const std::string& name) {
  return tensor::Safetensors::map(data_folder(name) + "/expected.safetensors");
}

// Largest |a - b| / max(1, |b|).
inline double relative_difference(const torch::Tensor& a, const torch::Tensor& b) {
  const torch::Tensor x = a.to(torch::kFloat64), y = b.to(torch::kFloat64);
  EXPECT_EQ(x.sizes(), y.sizes());
  return ((x - y).abs() / y.abs().clamp_min(1)).max().item<double>();
}

}  // namespace easel::test
