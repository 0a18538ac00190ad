// Products of few rows in float32 with weights in float32 or bfloat16.
#include <gtest/gtest.h>

#include "tensor/few_rows_kernels.h"
#include "tensor/matmul.h"

namespace easel::tensor {
namespace {

using torch::Tensor;

TEST(FewRows, IsTheProduct) {
  torch::manual_seed(1);
  for (const int64_t width : {1, 15, 16, 33, 64, 2048}) {
    for (const int64_t rows : {1, 2, 3, 7, 16, 20, 32, 33, 70}) {
      for (const auto dtype : {torch::kFloat32, torch::kBFloat16}) {
        const Tensor x = torch::randn({rows, width}), w = torch::randn({41, width}).to(dtype);
        EXPECT_EQ(takes_few_rows(x, w), dtype == torch::kBFloat16 || rows < kFewRows);
        const Tensor got = matmul_nt(x, w);
        const Tensor exact = torch::mm(x.to(torch::kFloat64), w.to(torch::kFloat64).t());
        // Of sums of `width` products of deviation 1.
        EXPECT_LT((got - exact).abs().max().item<double>(), 1e-6 * static_cast<double>(width)) << rows << " x " << width;
        EXPECT_EQ(got.scalar_type(), torch::kFloat32);
      }
    }
  }
}

// Where a processor has AMX, matmul_nt takes that for bfloat16 instead.
TEST(FewRows, BFloat16WithoutTiles) {
  torch::manual_seed(4);
  for (const int64_t width : {1, 33, 2048}) {
    for (const int64_t rows : {1, 3, 20}) {
      const Tensor x = torch::randn({rows, width}), w = torch::randn({9, width}).to(torch::kBFloat16);
      Tensor got = torch::zeros({rows, 9});
      kernels::few_rows_product(x.data_ptr<float>(), rows, reinterpret_cast<const uint16_t*>(w.data_ptr<at::BFloat16>()), 9, width,
                                got.data_ptr<float>(), 9);
      const Tensor exact = torch::mm(x.to(torch::kFloat64), w.to(torch::kFloat64).t());
      EXPECT_LT((got - exact).abs().max().item<double>(), 1e-6 * static_cast<double>(width)) << rows << " x " << width;
    }
  }
}

TEST(FewRows, ARowDoesNotDependOnTheOthersOrOnThreads) {
  torch::manual_seed(2);
  const Tensor x = torch::randn({21, 300}), weights = torch::randn({1030, 300});
  const int threads = at::get_num_threads();
  for (const auto dtype : {torch::kFloat32, torch::kBFloat16}) {
    const Tensor w = weights.to(dtype);
    at::set_num_threads(2);
    const Tensor all = matmul_nt(x, w);
    at::set_num_threads(1);
    for (int64_t r = 0; r < x.size(0); ++r) {
      EXPECT_TRUE(torch::equal(matmul_nt(x.slice(0, r, r + 1), w)[0], all[r])) << r;
    }
    EXPECT_TRUE(torch::equal(matmul_nt(x, w.slice(0, 5, 12)), all.slice(1, 5, 12)));
  }
  at::set_num_threads(threads);
}

TEST(Widened, IsTheProductRounded) {
  torch::manual_seed(3);
  for (const auto dtype : {torch::kBFloat16, torch::kHalf}) {
    const double half_unit = dtype == torch::kBFloat16 ? 1.0 / 256 : 1.0 / 2048;
    for (const int64_t rows : {1, 3, 40}) {
      const Tensor x = torch::randn({rows, 300}).to(dtype), w = torch::randn({4000, 300}).to(dtype);
      const Tensor exact = torch::mm(x.to(torch::kFloat64), w.to(torch::kFloat64).t());
      const auto check = [&](const Tensor& got, const Tensor& expected) {
        EXPECT_EQ(got.scalar_type(), dtype);
        EXPECT_TRUE(((got.to(torch::kFloat64) - expected).abs() <= half_unit * expected.abs() + 1e-3).all().item<bool>());
      };
      check(widened_matmul_nt(x, w), exact);
      check(widened_matmul_nt(w, x), exact.t());
      // Transposed views, as in a backward pass.
      check(widened_matmul_nt(exact.to(dtype), w.t()), torch::mm(exact.to(dtype).to(torch::kFloat64), w.to(torch::kFloat64)));
      check(widened_matmul_nt(w.t(), exact.to(dtype)), torch::mm(w.to(torch::kFloat64).t(), exact.to(dtype).to(torch::kFloat64).t()));
    }
  }
}

}  // namespace
}  // namespace easel::tensor
