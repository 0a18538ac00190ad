// Products of few rows in float32 with many weights, float32 or bfloat16, for decoding: such a step is bound by reading the
// weights, which is done once. No threads inside.
#pragma once

#include <cstdint>

namespace easel::tensor::kernels {

// out [rows, out_stride] at columns 0 to `count` = x [rows, width] w^T, of `count` rows of w [count, width] (bfloat16 as
// its bits). Every element is the same sum in the same order, whatever rows and columns are asked for with it.
void few_rows_product(const float* x, int64_t rows, const float* w, int64_t count, int64_t width, float* out,
                      int64_t out_stride);
void few_rows_product(const float* x, int64_t rows, const uint16_t* w, int64_t count, int64_t width, float* out,
                      int64_t out_stride);

}  // namespace easel::tensor::kernels
