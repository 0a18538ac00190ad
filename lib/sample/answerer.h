// Understanding: a policy's answers to questions about pictures.
#pragma once

#include <string>
#include <vector>

#include "image/image.h"
#include "model/janus.h"
#include "sample/greedy_text.h"
#include "text/picture_question.h"

namespace easel::sample {

struct AnswerOptions {
  int64_t max_tokens = 512;            // of an answer
  int64_t batch = 8;                   // questions at once
  std::string chat = "janus";          // roles: text/templates.h
  std::string system = text::kVisionSystem;  // before the question
};

struct Question {
  int64_t picture;  // row of what look() returned; -1: it is about none
  std::string text;
};

struct Answer {
  std::vector<int32_t> ids;  // EOS not among them
  std::string text;          // without the spaces around it
  std::string finish;        // stop: the model drew EOS; length: it was cut
  // Of each word that was asked for: its probability at the answer's first position, in all its spellings.
  std::vector<double> word_probabilities;
};

class Answerer {
 public:
  // Model and tokenizer must outlive it. Throws Error when the tokenizer lacks a token that a picture needs.
  Answerer(const model::Janus& model, const text::Tokenizer& tokenizer, const AnswerOptions& options);

  // Pictures as the decoder reads them, [B, patches, H]: each fitted into the vision tower's square
  // (image/bicubic.h), grey around it.
  torch::Tensor look(const std::vector<image::Image>& pictures) const;

  // Greedy answers, one a question (seen_BPH: undefined when none is about a picture): the most probable token each time, until EOS or max_tokens. `words` are
  // looked up as they are and capitalised, with and without a space before them.
  std::vector<Answer> answer(const torch::Tensor& seen_BPH, const std::vector<Question>& questions,
                             const std::vector<std::string>& words = {});

 private:
  // Token ids that stand for each word at the beginning of an answer.
  std::vector<std::vector<int64_t>> spellings(const std::vector<std::string>& words) const;
  void answer_batch(const torch::Tensor& seen, const Question* questions, size_t count,
                    const std::vector<std::vector<int64_t>>& words, Answer* answers);

  const model::Janus& model_;
  const text::Tokenizer& tokenizer_;
  AnswerOptions options_;
  GreedyText text_;
};

}  // namespace easel::sample
