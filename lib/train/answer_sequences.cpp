#include "train/answer_sequences.h"

#include "base/error.h"
#include "image/bicubic.h"
#include "image/image.h"
#include "model/pixels.h"

namespace easel::train {

using base::cat;

AnswerSequences::AnswerSequences(const model::JanusConfig& config, const text::Tokenizer& tokenizer,
                                 const AnswerSequenceOptions& options)
    : config_(config), tokenizer_(tokenizer), options_(options) {
  text::require_picture_tokens(tokenizer);
}

torch::Tensor AnswerSequences::pixels(const AnswerExample& example) const {
  const image::Image square =
      image::vision_square(image::read(example.image), static_cast<int>(config_.vision.image_size));
  return model::to_pixels(model::planes_of(square.rgb.data(), square.width, square.height));
}

SftVisit AnswerSequences::without_picture(const AnswerExample& example) const {
  auto question =
      text::picture_question_ids(tokenizer_, options_.chat, options_.system, example.question,
                                 example.image.empty() ? 0 : config_.image_tokens());
  SftVisit v;
  model::Sequence& s = v.sequence;
  s.text = std::move(question.ids);
  s.pixels_at = question.picture;
  s.first_target = static_cast<int64_t>(s.text.size());
  const auto answer = tokenizer_.encode(" " + example.answer, false);
  s.text.insert(s.text.end(), answer.begin(), answer.end());
  s.tail.push_back(static_cast<int32_t>(config_.ids.eos));
  v.text_weights.assign(static_cast<size_t>(s.text_targets()), 1);
  return v;
}

int64_t AnswerSequences::require_usable(const AnswerExample& example) const {
  if (example.answer.empty()) base::fail("field \"answer\" is empty");
  const int64_t tokens = without_picture(example).sequence.length() + 1;
  if (tokens > options_.max_length) {
    base::fail(cat(tokens, " tokens; expected at most ", options_.max_length, " (--max-length)"));
  }
  if (!example.image.empty()) pixels(example);
  return tokens;
}

SftVisit AnswerSequences::visit(const AnswerExample& example) const {
  SftVisit v = without_picture(example);
  if (!example.image.empty()) v.sequence.pixels = pixels(example);
  return v;
}

}  // namespace easel::train
