// Products with weights in bfloat16 and everything else in float32, for decoding: a step reads every weight once, so
// half the bytes are half the time. No threads inside.
#pragma once

#include <cstdint>

namespace easel::tensor::kernels {

// out [rows, out_stride] at columns 0 to `count` = x [rows, width] w^T, of `count` rows of w [count, width] (bfloat16
// bits). Every element is the same sum in the same order, whatever rows and columns are asked for with it.
void bfloat16_product(const float* x, int64_t rows, const uint16_t* w, int64_t count, int64_t width, float* out,
                      int64_t out_stride);

}  // namespace easel::tensor::kernels
