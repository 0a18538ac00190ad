// The sequences of fine-tuning on chains of thought (ReasonGen-R1, arXiv 2505.24875; RECIPES section 1).
//
// A visit of an example draws one style of its prompt, then one wording of that style, and makes
//   BOS, prompt, chain, <begin_of_image>, image tokens, <end_of_image>, EOS
// with a loss weight for each text token of the response. In a share of the visits prompt and chain are
// dropped (no attention, positions kept): that trains the unconditional branch of guidance.
//
// Of two passes (T2I-R1's form; ReasonGen-R1's two-stage variant) a visit is one half of that: prompt, chain, EOS, or
// prompt and chain as a prompt of their own, then the image.
// Without chains (direct) a visit goes from its prompt to the image, or, in a share of the visits, it is
// a document as pretraining has them: detailed caption, then image, without prompt and chat roles.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "model/config.h"
#include "record/annotation.h"
#include "text/templates.h"
#include "text/tokenizer.h"
#include "train/sft_trainer.h"

namespace easel::train {

struct SftExample {
  std::string id;
  std::vector<record::PromptStyle> styles;  // wordings of its prompt; none is empty
  std::string chain;                        // in direct mode only documents use it
  std::vector<int32_t> image_tokens;
};

struct SftSequenceOptions {
  bool direct = false;  // no chain: caption to image
  // A visit is one half or the other: the prompt to its chain and EOS, or prompt and chain to the image.
  bool two_pass = false;
  double text_share = 0.5;  // of the visits, of two passes: those to the chain
  std::string prompt_template, system;  // of two passes: for the first
  text::ChatFormat chat = text::ChatFormat::kJanus;
  double text_weight = 2, begin_weight = 0;
  double drop_prompt = 0.1;
  double documents = 0;  // share of the visits, in direct mode
  int64_t max_length = 1280, seed = 0;
};

class SftSequences {
 public:
  // Everything must outlive it.
  SftSequences(const model::JanusConfig& config, const text::Tokenizer& tokenizer, const SftSequenceOptions& options)
      : config_(config), tokenizer_(tokenizer), options_(options) {}

  // Throws Error when a visit of the example would be longer than max_length, when its chain is empty or
  // when its image tokens are not as many as the model's or lie outside the codebook.
  void require_usable(const SftExample& example) const;

  // Tokens of its longest visit (of two passes: no less), and bytes of the text that decides it.
  int64_t length(const SftExample& example) const;
  size_t bytes(const SftExample& example) const;

  SftVisit visit(const SftExample& example, int64_t number) const;

 private:
  SftVisit visit_half(const SftExample& example, const std::string& prompt, bool drop, base::RandomStream& random) const;
  int64_t frame() const;
  bool is_written() const;  // whether chains are trained on
  std::vector<int32_t> prompt_ids(const std::string& prompt) const;
  std::vector<int32_t> second_ids(const std::string& prompt, const SftExample& example) const;
  std::vector<int32_t> chain_ids(const SftExample& example) const;
  const model::JanusConfig& config_;
  const text::Tokenizer& tokenizer_;
  SftSequenceOptions options_;
};

}  // namespace easel::train
