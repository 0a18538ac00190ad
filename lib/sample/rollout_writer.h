// Finished rollouts on their way out: whole groups in the order of their prompts, pictures and
// shards on disk before the records that name them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "jsonl/object.h"
#include "model/policy.h"
#include "record/prompt.h"
#include "record/rollout.h"
#include "sample/group_sampler.h"
#include "sample/sharded_records.h"
#include "text/tokenizer.h"

namespace easel::sample {

// A chain as people and judges read it: without special tokens, but for the marks of GoT's plans (record/got_chain.h).
std::string chain_text(const text::Tokenizer& tokenizer, const std::vector<int32_t>& ids);

struct RolloutWriterOptions {
  std::string folder;
  bool images = true;
  int64_t group_size = 8;
  record::Sampling sampling;
  int64_t rows_per_shard = 1024;
};

class RolloutWriter {
 public:
  RolloutWriter(const RolloutWriterOptions& options, const text::Tokenizer& tokenizer,
                std::function<void(const jsonl::Object&)> emit);

  // The policy that draws from now on; it must outlive what it draws.
  void set_policy(const model::Policy& policy) { policy_ = &policy; }
  // Registers a prompt in output order; returns the job that draws its group.
  SampleJob open_group(const record::Prompt& prompt, std::vector<int32_t> prompt_ids);
  void add(SampledRollout rollout);
  // Writes what is complete: pictures, shard, records.
  void flush();
  int64_t written() const { return records_.emitted(); }

 private:
  struct Group {
    record::Prompt prompt;
    std::vector<int32_t> prompt_ids;
    std::vector<SampledRollout> rollouts;  // by index
    int64_t finished = 0;
  };
  void release();  // moves finished groups at the head of the order to the shard
  RolloutWriterOptions options_;
  const text::Tokenizer& tokenizer_;
  void stamp();    // says in the shards' metadata whose they are
  const model::Policy* policy_ = nullptr;
  int64_t stamped_for_ = -1;  // load of that policy
  int64_t next_tag_ = 0, next_out_ = 0;
  std::map<int64_t, Group> groups_;
  ShardedRecords<tensor::RolloutRow> records_;
};

}  // namespace easel::sample
