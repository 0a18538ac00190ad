#include "text/picture_question.h"

#include <algorithm>

#include "base/error.h"

namespace easel::text {

using base::cat;

const char* const kVisionSystem =
    "You are a helpful language and vision assistant. You are able to understand the visual content that the user "
    "provides, and assist the user with a variety of tasks using natural language.";

void require_picture_tokens(const Tokenizer& tokenizer) {
  const SpecialIds& s = tokenizer.special();
  for (const auto& [id, what] : {std::pair(s.eos, "EOS"), std::pair(s.begin_of_image, "<begin_of_image>"),
                                 std::pair(s.end_of_image, "<end_of_image>"),
                                 std::pair(s.image_placeholder, "<image_placeholder>")}) {
    if (id < 0) base::fail(cat("tokenizer.json: it has no ", what, " token, which a question about a picture needs"));
  }
}

PictureQuestionIds picture_question_ids(const Tokenizer& tokenizer, ChatFormat chat, const std::string& system,
                                        const std::string& question, int64_t patches) {
  const SpecialIds& s = tokenizer.special();
  const std::string placeholder = tokenizer.token(s.image_placeholder);
  const std::string words = patches > 0 ? cat(placeholder, "\n", question) : question;
  auto ids = tokenizer.encode(wrap_chat(chat, words, system));
  if (std::count(ids.begin(), ids.end(), s.image_placeholder) != (patches > 0 ? 1 : 0)) {
    base::fail(cat("a question may not hold ", placeholder, ", which stands for the picture"));
  }
  if (patches == 0) return {.ids = std::move(ids)};
  const auto at = std::find(ids.begin(), ids.end(), s.image_placeholder);
  PictureQuestionIds out;
  out.ids.assign(ids.begin(), at);
  out.ids.push_back(s.begin_of_image);
  out.picture = static_cast<int64_t>(out.ids.size());
  out.ids.insert(out.ids.end(), static_cast<size_t>(patches), s.image_placeholder);
  out.ids.push_back(s.end_of_image);
  out.ids.insert(out.ids.end(), at + 1, ids.end());
  return out;
}

}  // namespace easel::text
