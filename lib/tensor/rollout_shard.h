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

// Gathers rows and writes shards of at most `rows_per_shard` as FOLDER/NAME-000000.safetensors.zst.
// A row's reference is known when it is added; its file exists after the flush() that follows.
class ShardWriter {
 public:
  ShardWriter(std::string folder, std::string name, Metadata metadata, int64_t rows_per_shard);
  // The shard's path, as the folder was given, and the row in it.
  std::pair<std::string, int64_t> add(const RolloutRow& row);
  std::pair<std::string, int64_t> add(const LogprobRow& row);
  std::pair<std::string, int64_t> add_image_tokens(const std::vector<int32_t>& image_tokens);
  void flush();
  // Recorded in the shards that are written from now on.
  void set_metadata(Metadata metadata) { metadata_ = std::move(metadata); }
  int64_t shards() const { return shard_; }

 private:
  template <class Row>
  std::pair<std::string, int64_t> place(std::vector<Row>& rows, Row row);
  std::string path() const;
  std::string folder_, name_;
  Metadata metadata_;
  int64_t rows_per_shard_, shard_ = 0;
  std::vector<RolloutRow> rollouts_;
  std::vector<LogprobRow> logprobs_;
  std::vector<std::vector<int32_t>> tokens_;
};

// Throw Error for a missing row and for token counts that do not fit together.
RolloutRow read_rollout(const Safetensors& shard, int64_t row);
std::vector<int32_t> read_image_tokens(const Safetensors& shard, int64_t row);

}  // namespace easel::tensor
