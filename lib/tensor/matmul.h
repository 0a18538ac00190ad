// The matrix products that everything else stands on.
#pragma once

#include "tensor/torch.h"

namespace easel::tensor {

// a_MK b_NK^T = [M, N]; either may be a transposed view. No gradient flows through it. On the CPU a may be float32 and b
// bfloat16: the result is float32.
//
// On the CPU few rows of float32, and any number with bfloat16 weights, go through kernels of our own, in which a row's
// result does not depend on the others (few_rows_kernels.h; amx_kernels.h for the latter where there is AMX). More rows of float32 are oneDNN, which uses AVX-512 on every
// maker's processors; LibTorch's own choice, MKL, does not (tests/bench/RESULTS.md has all three).
torch::Tensor matmul_nt(const torch::Tensor& a, const torch::Tensor& b);

// Whether LibTorch has no more than plain loops, on one thread, for a product of these: bfloat16 or float16 on a processor
// without AVX-512. matmul_nt then widens them to float32, some rows of b at a time, and rounds the sums.
bool takes_widening(const torch::Tensor& a, const torch::Tensor& b);
torch::Tensor widened_matmul_nt(const torch::Tensor& a, const torch::Tensor& b);

constexpr int64_t kFewRows = 32;  // fewer than this are few

// Whether matmul_nt takes the kernels of our own, and these alone, into `out` [M, N], float32 and contiguous.
bool takes_few_rows(const torch::Tensor& a, const torch::Tensor& b);
void few_rows_matmul_nt(const torch::Tensor& a, const torch::Tensor& b, torch::Tensor& out);

// The number of rows to compute where `rows` are wanted: oneDNN builds code for each shape that it
// meets, which takes milliseconds, and keeps a thousand of them, so shapes should recur.
int64_t padded_rows(int64_t rows);

}  // namespace easel::tensor
