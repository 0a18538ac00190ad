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

// One query of a head over cached keys and values: first those of a prefix that other rows may share, then
// its own. Keys stand in blocks of 32, [blocks, size, 32], so that a query that meets 32 of them at a time
// reads on in one direction; values are [length, size].
struct CachedQuery {
  const float *q, *shared_keys, *shared_values, *keys, *values;
  float *scores, *out;     // scores: room for shared + padded_columns(own)
  int64_t shared, own;     // lengths
};
// Queries of `rows` rows with one prefix (of which each may see another length), [heads, rows]. Every sum is
// that of causal_attention's last row, in the same order: the same bits. The prefix is read once for four
// rows; of what is a row's own, four heads are taken side by side, since one alone would wait for its own sums.
void attend(const CachedQuery* queries, int64_t heads, int64_t rows, int64_t size);
// Puts key [size] at place `at` of such keys.
void store_key(float* keys, const float* key, int64_t at, int64_t size);
int64_t padded_columns(int64_t n);

// Gradients of causal_attention: dq is written, dk and dv are added to (several query heads may share
// one key-value head).
void causal_attention_backward(HeadRows q, HeadRows k, HeadRows v, HeadRows out, HeadRows d_out,
                               const float* log_sum, HeadRowsOut dq, HeadRowsOut dk, HeadRowsOut dv,
                               int64_t length, int64_t size, Scratch& scratch);

}  // namespace easel::tensor::kernels
