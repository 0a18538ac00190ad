#include "sample/answerer.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "base/error.h"
#include "image/bicubic.h"
#include "model/pixels.h"

namespace easel::sample {

using base::cat;
using torch::Tensor;

Answerer::Answerer(const model::Janus& model, const text::Tokenizer& tokenizer, const AnswerOptions& options)
    : model_(model),
      tokenizer_(tokenizer),
      options_(options),
      text_(model, model.config.answer_ends.empty() ? std::vector<int64_t>{tokenizer.special().eos} : model.config.answer_ends,
            options.batch, options.max_tokens) {
  text::require_picture_tokens(tokenizer);
}

Tensor Answerer::look(const std::vector<image::Image>& pictures) const {
  torch::NoGradGuard no_grad;
  const int64_t side = model_.config.vision.image_size;
  std::vector<Tensor> fitted;
  for (const image::Image& picture : pictures) {
    const image::Image square = image::vision_square(picture, static_cast<int>(side));
    fitted.push_back(model::planes_of(square.rgb.data(), square.width, square.height));
  }
  const Tensor& weight = model_.vision.patch_embedding.weight;
  return model_.embed_pixels(model::to_pixels(torch::stack(fitted)).to(weight.device(), weight.scalar_type()));
}

std::vector<std::vector<int64_t>> Answerer::spellings(const std::vector<std::string>& words) const {
  std::vector<std::vector<int64_t>> out;
  for (const auto& word : words) {
    std::string capitalised = word;
    if (!capitalised.empty()) {
      capitalised[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(capitalised[0])));
    }
    std::set<int64_t> single, first;
    for (const auto& spelling : {word, " " + word, capitalised, " " + capitalised}) {
      const auto ids = tokenizer_.encode(spelling, false);
      if (ids.empty()) base::fail(cat("the word ", base::quote(word), " has no token"));
      (ids.size() == 1 ? single : first).insert(ids[0]);
    }
    // A beginning may belong to other words: it counts only where no spelling is a token of its own.
    const auto& chosen = single.empty() ? first : single;
    out.emplace_back(chosen.begin(), chosen.end());
    for (size_t other = 0; other + 1 < out.size(); ++other) {
      for (const int64_t id : out[other]) {
        if (chosen.count(id) == 0) continue;
        base::fail(cat("answers that begin with ", base::quote(words[other]), " and with ", base::quote(word),
                       " begin with the same token of this tokenizer: their probabilities cannot be told apart"),
                   "janus-convert --add-token ' yes' --add-token ' no' makes them tokens, for answer-sft to teach");
      }
    }
  }
  return out;
}

std::vector<Answer> Answerer::answer(const Tensor& seen_BPH, const std::vector<Question>& questions,
                                     const std::vector<std::string>& words) {
  torch::NoGradGuard no_grad;
  const auto ids = spellings(words);
  std::vector<Answer> answers(questions.size());
  const auto batch = static_cast<size_t>(options_.batch);
  for (size_t begin = 0; begin < questions.size(); begin += batch) {
    answer_batch(seen_BPH, questions.data() + begin, std::min(batch, questions.size() - begin), ids, &answers[begin]);
  }
  return answers;
}

void Answerer::answer_batch(const Tensor& seen, const Question* questions, size_t count,
                            const std::vector<std::vector<int64_t>>& words, Answer* answers) {
  const auto chat = text::parse_chat_format(options_.chat);
  const int64_t patches = model_.config.image_tokens();
  const torch::Device device = model_.lm.embed_tokens.device();
  const auto on_device = [&](const std::vector<int64_t>& v) { return torch::tensor(v, torch::kInt64).to(device); };
  // Every question's ids one after another, the pictures in the places of theirs.
  std::vector<int64_t> ids, lengths, places, rows;
  for (size_t n = 0; n < count; ++n) {
    const bool looks = questions[n].picture >= 0;
    const auto encoded =
        text::picture_question_ids(tokenizer_, chat, options_.system, questions[n].text, looks ? patches : 0);
    const auto begin = static_cast<int64_t>(ids.size());
    for (int64_t i = 0; looks && i < patches; ++i) places.push_back(begin + encoded.picture + i);
    ids.insert(ids.end(), encoded.ids.begin(), encoded.ids.end());
    lengths.push_back(static_cast<int64_t>(encoded.ids.size()));
    if (looks) rows.push_back(questions[n].picture);
  }
  Tensor inputs = model_.lm.embed(on_device(ids));
  if (!rows.empty()) inputs.index_copy_(0, on_device(places), seen.index_select(0, on_device(rows)).flatten(0, 1).to(inputs.dtype()));
  Tensor first;
  const auto drawn = text_.draw(inputs, lengths, words.empty() ? nullptr : &first);
  if (!words.empty()) first = torch::softmax(first, 1);
  for (size_t n = 0; n < count; ++n) {
    Answer& a = answers[n];
    a.ids = drawn[n].ids;
    a.text = base::trim(tokenizer_.decode(a.ids));
    a.finish = drawn[n].ended ? "stop" : "length";
    for (const auto& spellings : words) {
      double sum = 0;
      for (const int64_t id : spellings) sum += first[static_cast<int64_t>(n)][id].item<double>();
      a.word_probabilities.push_back(sum);
    }
  }
}

}  // namespace easel::sample
