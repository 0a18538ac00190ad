// Products of float32 rows with bfloat16 weights on processors that multiply tiles (AMX), for decoding. A float32 is exactly
// the sum of three bfloat16 numbers, so three products of tiles give what few_rows_kernels.h gives, up to the order of
// sums, and up to 32 rows cost little more than reading the weights. No threads inside.
#pragma once

#include <cstdint>

namespace easel::tensor::kernels {

// Whether this processor has AMX for bfloat16, and the system lets this process use it.
bool has_amx();

// Columns and rows of a tile; rows of the weights that are at work together, since what is loaded of x is for all of them.
constexpr int64_t kAmxDepth = 32, kAmxRows = 16, kAmxTogether = 4 * kAmxRows;

// Numbers of 16 bits that `rows` rows of a width take when they are split.
int64_t amx_split_size(int64_t rows, int64_t width);
// x [rows, width], columns [32 first, 32 last), as far as they go, in the form that amx_product takes: out is the whole.
void amx_split(const float* x, int64_t rows, int64_t width, int64_t first, int64_t last, uint16_t* out);

// out [rows, out_stride] at columns 0 to `count` = x w^T, of `count` rows of w [count, width], bfloat16 as its bits. Every
// element is the same sum in the same order, whatever rows and columns are asked for with it. Only where has_amx().
void amx_product(const uint16_t* split, int64_t rows, const uint16_t* w, int64_t count, int64_t width, float* out,
                 int64_t out_stride);

}  // namespace easel::tensor::kernels
