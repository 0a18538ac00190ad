// A fine-tuning run that ends in a new policy folder, and goes on after a kill: what cot-sft and answer-sft share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "jsonl/stream.h"
#include "model/policy.h"
#include "record/manifest.h"
#include "tensor/compute.h"
#include "text/tokenizer.h"
#include "train/memory_plan.h"
#include "train/sft_trainer.h"

namespace easel::train {

struct SftRunOptions {
  std::string program;
  std::string policy, out;  // folders
  std::vector<std::string> settings;  // of the command line: what tells this run from others
  SftOptions train;                   // steps 0: of `epochs`
  double epochs = 1;
  int64_t checkpoint_every = 200;                  // steps; 0: only at the end
  std::optional<torch::Dtype> weights_dtype = {};  // of the finished policy's weights on disk; without it as in the run
  std::optional<int64_t> max_memory = {};          // bytes
  torch::Device device = torch::kCPU;
};

// From the command line's words, cli::SftOptions.
template <class Options>
SftRunOptions sft_run_options(const Options& o, const TrainedParts& parts) {
  SftRunOptions run;
  run.policy = o.policy;
  run.out = o.out;
  run.train = {.batch = o.batch, .steps = o.steps, .seed = o.seed, .microbatch_tokens = o.microbatch_tokens,
               .learning_rate = o.learning_rate, .warmup_share = o.warmup_share, .max_gradient_norm = o.max_gradient_norm,
               .decay = parse_decay(o.decay),
               .adamw = {.beta1 = o.beta1, .beta2 = o.beta2, .weight_decay = o.weight_decay}, .parts = parts};
  run.epochs = o.epochs;
  run.checkpoint_every = o.checkpoint_every;
  if (!o.weights_dtype.empty()) run.weights_dtype = tensor::parse_dtype(o.weights_dtype);
  return run;
}

class SftRun {
 public:
  // Loads the policy to start from. Throws Error when memory does not suffice, when options.out is no place for one, or
  // when another run is writing there.
  SftRun(const SftRunOptions& options, record::Manifest& manifest);
  const model::JanusConfig& config() const { return config_; }
  const text::Tokenizer& tokenizer() const { return tokenizer_; }

  // Trains to the end, from the checkpoint in options.out if there is one. digest: of the examples' records. Metrics
  // of every step of the run go to the writer. longest: tokens of the longest visit, as far as it is known.
  void train(int64_t examples, int64_t longest, SftVisits visits, const std::string& digest, jsonl::Writer& writer);

 private:
  SftRunOptions options_;
  record::Manifest& manifest_;
  PlannedMemory memory_;
  base::FileLock lock_;
  text::Tokenizer tokenizer_;
  model::Policy policy_;
  model::JanusConfig config_;
};

}  // namespace easel::train
