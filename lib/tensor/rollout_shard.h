// Rows of rollout shards: tokens and sampling log-probs (schemas/shard.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tensor/shard.h"

namespace easel::tensor {

struct RolloutRow {
  std::vector<int32_t> prompt_ids;        // what was prefilled
  std::vector<int32_t> cot_ids;           // ends with <begin_of_image> in single mode
  std::vector<int32_t> image_prompt_ids;  // two-pass only
  std::vector<int32_t> image_tokens;
  std::vector<float> cot_logprobs, image_logprobs;  // of the distribution drawn from
};

// Values of the policy itself for every token (policy-logprobs).
struct LogprobRow {
  std::vector<float> cot_logprobs, cot_entropy, image_logprobs, image_entropy;
};

struct ImageTokensRow {
  std::vector<int32_t> image_tokens;
};

// Where a row stands, and what it holds.
struct RowPlace {
  std::string shard;   // path, as the folder was given
  int64_t row = 0;
  std::string digest;  // of its tokens (schemas/shard.md); "" for rows without
};

// Gathers rows and writes shards of at most `rows_per_shard` as FOLDER/NAME-000000.safetensors.zst.
// A row's reference is known when it is added; its file exists after the flush() that follows.
template <class Row>
class ShardWriter {
 public:
  ShardWriter(std::string folder, std::string name, Metadata metadata, int64_t rows_per_shard);
  // The shard before the row's own is on disk.
  RowPlace add(Row row);
  void flush();
  int64_t waiting() const { return static_cast<int64_t>(rows_.size()); }  // rows not on disk yet
  // Recorded in the shards that are written from now on.
  void set_metadata(Metadata metadata) { metadata_ = std::move(metadata); }

 private:
  std::string path() const;
  std::string folder_, name_;
  Metadata metadata_;
  int64_t rows_per_shard_, shard_ = 0;
  std::vector<Row> rows_;
};

// Throw Error for a missing row, for token counts that do not fit together, and for tokens of another digest than the
// record has, if it has one: another run may have written a shard of that name since.
RolloutRow read_rollout(const Safetensors& shard, int64_t row, const std::string& digest = {});
std::vector<int32_t> read_image_tokens(const Safetensors& shard, int64_t row, const std::string& digest = {});

}  // namespace easel::tensor
