// Supervised fine-tuning on chains of thought (ReasonGen-R1, arXiv 2505.24875; RECIPES section 1).
//
// A visit of an example draws one wording of its prompt and makes the sequence
//   BOS, prompt, chain, <begin_of_image>, image tokens, <end_of_image>, EOS
// whose loss is cross-entropy over the response with a weight for each segment. In a share of the
// visits prompt and chain are dropped (no attention, positions kept): that trains the
// unconditional branch of guidance.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/janus.h"
#include "model/sequence_pack.h"
#include "record/metrics.h"
#include "text/templates.h"
#include "text/tokenizer.h"
#include "train/parameter_set.h"

namespace easel::train {

struct SftExample {
  std::string id;
  std::vector<std::string> prompts;  // its wordings
  std::string chain;                 // unused in direct mode
  std::vector<int32_t> image_tokens;
};

struct SftOptions {
  bool direct = false;  // no chain: caption to image
  std::string prompt_template;
  text::ChatFormat chat = text::ChatFormat::kJanus;
  double text_weight = 2, image_weight = 1, begin_weight = 0;
  double drop_prompt = 0.1;
  int64_t batch = 128, steps = 0, seed = 0;
  int64_t microbatch_tokens = 8192, max_length = 1280;
  double learning_rate = 1e-5, warmup_share = 0.05, max_gradient_norm = 1;
  Decay decay = Decay::kCosine;
  AdamWOptions adamw;
};

class SftTrainer {
 public:
  // Adopts the generator's parameters of `model` (text and image generation; vision tower, aligner
  // and image tokenizer stay as they are). Everything must outlive the trainer. Throws Error when
  // an example is longer than max_length or its tokens are outside the codebook.
  SftTrainer(model::Janus& model, const text::Tokenizer& tokenizer,
             const std::vector<SftExample>& examples, const SftOptions& options);

  // Optimizer step `step` (0 is the first): a function of the weights, the moments and the number.
  record::SftMetrics step(int64_t step);
  ParameterSet& parameters() { return parameters_; }

  // The sequence of one visit and the loss weight of each text target. Public for tests.
  struct Visit {
    model::Sequence sequence;
    std::vector<float> text_weights;
  };
  Visit visit(int64_t number) const;

 private:
  const SftExample& example_of(int64_t visit) const;
  model::Janus& model_;
  const text::Tokenizer& tokenizer_;
  const std::vector<SftExample>& examples_;
  SftOptions options_;
  ParameterSet parameters_;
  mutable std::vector<int64_t> order_;  // of the epoch below
  mutable int64_t order_epoch_ = -1;
};

}  // namespace easel::train
