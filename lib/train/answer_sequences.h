// The sequences of fine-tuning on questions about pictures (visual instruction tuning): system, picture and question, then
// the answer and EOS, which alone are learnt.
#pragma once

#include <string>
#include <vector>

#include "model/config.h"
#include "text/picture_question.h"
#include "train/sft_trainer.h"

namespace easel::train {

struct AnswerExample {
  std::string id, image;  // image: a path; empty: the question is about none
  std::string question, answer;
};

struct AnswerSequenceOptions {
  text::ChatFormat chat = text::ChatFormat::kJanus;
  std::string system = text::kVisionSystem;
  int64_t max_length = 1280;
};

class AnswerSequences {
 public:
  // Config and tokenizer must outlive it. Throws Error when the tokenizer lacks a token that a picture needs.
  AnswerSequences(const model::JanusConfig& config, const text::Tokenizer& tokenizer, const AnswerSequenceOptions& options);

  // Throws Error when a visit would be longer than max_length, when there is no answer, or no picture that can be read.
  // Returns its visit's length in tokens.
  int64_t require_usable(const AnswerExample& example) const;
  SftVisit visit(const AnswerExample& example) const;

 private:
  SftVisit without_picture(const AnswerExample& example) const;
  torch::Tensor pixels(const AnswerExample& example) const;
  const model::JanusConfig& config_;
  const text::Tokenizer& tokenizer_;
  AnswerSequenceOptions options_;
};

}  // namespace easel::train
