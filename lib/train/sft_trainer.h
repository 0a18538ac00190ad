// Supervised fine-tuning on chains of thought (ReasonGen-R1, arXiv 2505.24875; RECIPES section 1): the
// loss is cross-entropy over the response of each visit (sft_sequences.h) with a weight for each segment.
#pragma once

#include <string>
#include <vector>

#include "model/janus.h"
#include "record/metrics.h"
#include "train/parameter_set.h"
#include "train/sft_sequences.h"
#include "train/trained_parts.h"

namespace easel::train {

struct SftOptions {
  double image_weight = 1;  // text tokens bring their own
  int64_t batch = 128, steps = 0, seed = 0;
  int64_t microbatch_tokens = 8192;
  double learning_rate = 1e-5, warmup_share = 0.05, max_gradient_norm = 1;
  Decay decay = Decay::kCosine;
  AdamWOptions adamw;
  TrainedParts parts;
};

class SftTrainer {
 public:
  // Adopts the generator's parameters of `model` (text and image generation; vision tower, aligner
  // and image tokenizer stay as they are). Examples are usable ones. Everything must outlive the trainer.
  SftTrainer(model::Janus& model, const SftSequences& sequences,
             const std::vector<SftExample>& examples, const SftOptions& options);

  // Optimizer step `step` (0 is the first): a function of the weights, the moments and the number.
  record::SftMetrics step(int64_t step);
  ParameterSet& parameters() { return parameters_; }

 private:
  const SftExample& example_of(int64_t visit) const;
  model::Janus& model_;
  const SftSequences& sequences_;
  const std::vector<SftExample>& examples_;
  SftOptions options_;
  ParameterSet parameters_;
  mutable std::vector<int64_t> order_;  // of the epoch below
  mutable int64_t order_epoch_ = -1;
};

}  // namespace easel::train
