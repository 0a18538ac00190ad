#include "sample/rollout_writer.h"

#include <algorithm>
#include <span>

#include "base/error.h"
#include "base/file.h"
#include "record/manifest.h"
#include "sample/picture_writer.h"
#include "text/bpe_trainer.h"

namespace easel::sample {

using base::cat;

std::string chain_text(const text::Tokenizer& tokenizer, const std::vector<int32_t>& ids) {
  const std::vector<std::string>& marks = text::got_tokens();
  const std::span<const int32_t> all(ids);
  std::string text;
  size_t begin = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    const std::string token = tokenizer.token(all[i]);
    if (std::find(marks.begin(), marks.end(), token) == marks.end()) continue;
    text += tokenizer.decode(all.subspan(begin, i - begin)) + token;
    begin = i + 1;
  }
  text += tokenizer.decode(all.subspan(begin));
  return std::string(base::trim(text));
}

RolloutWriter::RolloutWriter(const RolloutWriterOptions& options, const text::Tokenizer& tokenizer,
                             std::function<void(const jsonl::Object&)> emit)
    : options_(options),
      tokenizer_(tokenizer),
      records_(tensor::ShardWriter<tensor::RolloutRow>(options.folder, "rollouts", {}, options.rows_per_shard),
               "tokens", std::move(emit)) {
  record::make_output_folder(options_.folder);
  if (options_.images) base::make_folder(base::fs::path(options_.folder) / "images");
}

SampleJob RolloutWriter::open_group(const record::Prompt& prompt, std::vector<int32_t> prompt_ids) {
  SampleJob job;
  job.prompt_ids = prompt_ids;
  job.tag = next_tag_++;
  for (int64_t i = 0; i < options_.group_size; ++i) job.rollout_ids.push_back(cat(prompt.id, "-", i));
  Group& group = groups_[job.tag];
  group.prompt = prompt;
  group.prompt_ids = std::move(prompt_ids);
  group.rollouts.resize(static_cast<size_t>(options_.group_size));
  return job;
}

void RolloutWriter::add(SampledRollout rollout) {
  Group& group = groups_.at(rollout.tag);
  const auto index = static_cast<size_t>(rollout.index);
  group.rollouts[index] = std::move(rollout);
  if (++group.finished == options_.group_size) release();
}

void RolloutWriter::release() {
  while (true) {
    const auto found = groups_.find(next_out_);
    if (found == groups_.end() || found->second.finished < options_.group_size) return;
    if (stamped_for_ != policy_->load) stamp();
    const Group group = std::move(found->second);
    groups_.erase(found);
    ++next_out_;
    // A group stands in one shard, unless it is larger than a shard.
    if (records_.shards().waiting() + options_.group_size > options_.rows_per_shard) records_.flush();
    std::vector<std::string> pictures;
    std::vector<const std::vector<int32_t>*> tokens;
    std::vector<jsonl::Object> records;
    for (const SampledRollout& r : group.rollouts) {
      record::Rollout out;
      out.id = cat(group.prompt.id, "-", r.index);
      out.group_id = group.prompt.id;
      out.group_size = options_.group_size;
      out.index = r.index;
      out.prompt = group.prompt.prompt;
      // The chain without its closing token, as a person reads it.
      std::vector<int32_t> chain = r.cot_ids;
      if (!chain.empty()) chain.pop_back();
      out.cot = chain_text(tokenizer_, chain);
      out.policy_version = policy_->version;
      out.finish = r.finish;
      out.sampling = options_.sampling;
      if (options_.images) {
        out.image = (base::fs::path(options_.folder) / "images" / (base::safe_file_name(out.id) + ".png")).string();
        pictures.push_back(out.image);
        tokens.push_back(&r.image_tokens);
      }
      records.push_back(group.prompt.fields);
      // What a prompt says of another picture is not true of this one.
      for (const char* field : {"image", "tokens", "logprobs", "rewards", "reward", "judge"}) records.back().erase(field);
      out.write(records.back());
    }
    // Before the records that name them.
    if (options_.images) write_pictures(policy_->model.vq, tokens, pictures);
    for (size_t i = 0; i < records.size(); ++i) {
      const SampledRollout& r = group.rollouts[i];
      records_.add(std::move(records[i]), {group.prompt_ids, r.cot_ids, r.image_prompt_ids, r.image_tokens, r.cot_logprobs,
                                           r.image_logprobs});
    }
  }
}

// Not before there is something to write: the digest may take a while.
void RolloutWriter::stamp() {
  stamped_for_ = policy_->load;
  records_.shards().set_metadata({{"format", "easel-rollouts"},
                                  {"version", "1"},
                                  {"created_by", cat("easel ", EASEL_VERSION)},
                                  {"policy_version", cat(policy_->version)},
                                  {"policy_digest", policy_->digest()}});
}

void RolloutWriter::flush() { records_.flush(); }

}  // namespace easel::sample
