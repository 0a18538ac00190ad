// Causal attention of one head over one sequence, on plain float32 arrays. No threads inside.
#pragma once

#include <cstdint>
#include <vector>

namespace easel::tensor::kernels {

// `length` rows of `size` floats, `stride` floats apart.
struct HeadRows {
  const float* data;
  int64_t stride;
};
struct HeadRowsOut {
  float* data;
  int64_t stride;
};

// Reusable working memory; grows as needed.
using Scratch = std::vector<float>;

// out_i = sum over j <= i of softmax_j(q_i k_j / sqrt(size)) v_j. log_sum [length] gets the
// logarithm of each row's denominator, which the backward pass starts from (FlashAttention's
// bookkeeping: Dao et al., arXiv 2205.14135, section 3.1 and appendix B).
void causal_attention(HeadRows q, HeadRows k, HeadRows v, HeadRowsOut out, float* log_sum,
                      int64_t length, int64_t size, Scratch& scratch);

// One query of a head over cached keys, which stand as columns [size, key_stride], and values [length,
// size]. There is room for padded_columns(length) scores.
struct CachedQuery {
  const float *q, *keys, *values;
  float *scores, *out;
};
// `count` of them, all of one length; key_stride is padded_columns(length) or more. The bits are those of
// causal_attention's last row. Heads are taken four at a time: one alone would wait for its own sums.
void attend(const CachedQuery* queries, int64_t count, int64_t key_stride, int64_t length, int64_t size);
int64_t padded_columns(int64_t n);

// Gradients of causal_attention: dq is written, dk and dv are added to (several query heads may share
// one key-value head).
void causal_attention_backward(HeadRows q, HeadRows k, HeadRows v, HeadRows out, HeadRows d_out,
                               const float* log_sum, HeadRowsOut dq, HeadRowsOut dk, HeadRowsOut dv,
                               int64_t length, int64_t size, Scratch& scratch);

}  // namespace easel::tensor::kernels
