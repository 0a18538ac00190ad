// Supervised fine-tuning: cross-entropy over the response of each visited example, with a weight for each segment. What a
// visit is, a chain of thought before its picture (sft_sequences.h) or a question about one (answer_sequences.h), is the
// caller's to say.
#pragma once

#include <functional>
#include <vector>

#include "model/janus.h"
#include "model/sequence_pack.h"
#include "record/metrics.h"
#include "train/parameter_set.h"
#include "train/trained_parts.h"

namespace easel::train {

struct SftVisit {
  model::Sequence sequence;
  std::vector<float> text_weights;  // of each text target
};
// The visit of that number, from 0, which is one of example `example`: a function of the two.
using SftVisits = std::function<SftVisit(int64_t example, int64_t number)>;

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
  // Adopts those of the model's parameters that options.parts names. The model must outlive the trainer.
  SftTrainer(model::Janus& model, int64_t examples, SftVisits visits, const SftOptions& options);

  // Optimizer step `step` (0 is the first): a function of the weights, the moments and the number.
  record::SftMetrics step(int64_t step);
  ParameterSet& parameters() { return parameters_; }

 private:
  // Every example once an epoch, in an order of its own.
  int64_t example_of(int64_t visit) const;
  model::Janus& model_;
  int64_t examples_;
  SftVisits visits_;
  SftOptions options_;
  ParameterSet parameters_;
  mutable std::vector<int64_t> order_;  // of the epoch below
  mutable int64_t order_epoch_ = -1;
};

}  // namespace easel::train
