// The matrix products that everything else stands on.
#pragma once

#include "tensor/torch.h"

namespace easel::tensor {

// a_MK b_NK^T = [M, N]; either may be a transposed view. No gradient flows through it. On the CPU a may be float32 and b
// bfloat16: the result is float32, and a row's does not depend on the others (bfloat16_kernels.h).
//
// In float32 on the CPU with more than a few rows this is oneDNN, which uses AVX-512 on every maker's
// processors; LibTorch's own choice, MKL, does not (tests/bench/RESULTS.md has both).
torch::Tensor matmul_nt(const torch::Tensor& a, const torch::Tensor& b);

// Whether matmul_nt multiplies float32 by weights of that type as they are.
bool takes_bfloat16(const torch::Tensor& a, const torch::Tensor& b);
// The same into `out` [M, N], float32 and contiguous.
void bfloat16_matmul_nt(const torch::Tensor& a, const torch::Tensor& b, torch::Tensor& out);

// With fewer rows than this matmul_nt is MKL, which is then faster.
constexpr int64_t kFewRows = 16;

// The number of rows to compute where `rows` are wanted: oneDNN builds code for each shape that it
// meets, which takes milliseconds, and keeps a thousand of them, so shapes should recur.
int64_t padded_rows(int64_t rows);

}  // namespace easel::tensor
