// Records whose rows go to shards: a record leaves once the shard that it names is on disk.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "jsonl/object.h"
#include "record/tokens.h"
#include "tensor/rollout_shard.h"

namespace easel::sample {

template <class Row>
class ShardedRecords {
 public:
  // `field` of each record becomes {shard, row, digest}.
  ShardedRecords(tensor::ShardWriter<Row> shards, std::string field, std::function<void(const jsonl::Object&)> emit)
      : shards_(std::move(shards)), field_(std::move(field)), emit_(std::move(emit)) {}

  void add(jsonl::Object record, Row row) {
    const tensor::RowPlace place = shards_.add(std::move(row));
    if (place.row == 0) release();  // a new shard was begun, so those before it are written
    record::TokensRef{place.shard, place.row, place.digest}.write(record, field_);
    ready_.push_back(std::move(record));
  }
  void flush() {
    shards_.flush();
    release();
  }
  tensor::ShardWriter<Row>& shards() { return shards_; }
  int64_t emitted() const { return emitted_; }

 private:
  void release() {
    for (const auto& record : ready_) emit_(record);
    emitted_ += static_cast<int64_t>(ready_.size());
    ready_.clear();
  }
  tensor::ShardWriter<Row> shards_;
  std::string field_;
  std::function<void(const jsonl::Object&)> emit_;
  std::vector<jsonl::Object> ready_;
  int64_t emitted_ = 0;
};

}  // namespace easel::sample
