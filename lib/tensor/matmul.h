// The matrix products that everything else stands on.
#pragma once

#include "tensor/torch.h"

namespace easel::tensor {

// a_MK b_NK^T = [M, N]; either may be a transposed view. No gradient flows through it.
//
// In float32 on the CPU with more than a few rows this is oneDNN, which uses AVX-512 on every maker's
// processors; LibTorch's own choice, MKL, does not (tests/bench/RESULTS.md has both).
torch::Tensor matmul_nt(const torch::Tensor& a, const torch::Tensor& b);

}  // namespace easel::tensor
