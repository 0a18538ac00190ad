#include "sample/prompt_encoder.h"

#include "base/error.h"

namespace easel::sample {

using base::cat;

model::SpecialIds special_ids(const text::Tokenizer& tokenizer) {
  const text::SpecialIds& s = tokenizer.special();
  const auto need = [](int32_t id, const char* what) {
    if (id < 0) base::fail(cat("tokenizer.json: it has no ", what, " token"));
  };
  need(s.bos, "BOS");
  need(s.eos, "EOS");
  need(s.begin_of_image, "<begin_of_image>");
  return {.bos = s.bos, .eos = s.eos, .pad = s.pad, .begin_of_image = s.begin_of_image,
          .end_of_image = s.end_of_image, .image_placeholder = s.image_placeholder};
}

PromptEncoder::PromptEncoder(const text::Tokenizer& tokenizer, bool direct,
                             const std::string& template_name, const std::string& chat,
                             int64_t max_tokens)
    : tokenizer_(tokenizer),
      direct_(direct),
      template_(text::resolve_template(
          !template_name.empty() ? template_name : direct ? "plain" : "reasongen-r1")),
      chat_(text::parse_chat_format(chat)),
      max_tokens_(max_tokens),
      ids_(special_ids(tokenizer)) {}

std::vector<int32_t> PromptEncoder::encode(const std::string& prompt) const {
  auto ids = tokenizer_.encode(text::wrap_chat(chat_, text::apply_template(template_, prompt)));
  if (direct_) ids.push_back(static_cast<int32_t>(ids_.begin_of_image));
  return ids;
}

std::vector<int32_t> PromptEncoder::encode(const record::Prompt& prompt) const {
  auto ids = encode(prompt.prompt);
  if (static_cast<int64_t>(ids.size()) > max_tokens_) {
    prompt.fields.fail(cat("the prompt has ", ids.size(), " tokens; expected at most ", max_tokens_,
                           " (--max-prompt)"));
  }
  return ids;
}

}  // namespace easel::sample
