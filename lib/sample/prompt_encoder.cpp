#include "sample/prompt_encoder.h"

#include "base/error.h"
#include "model/token_ids.h"

namespace easel::sample {

using base::cat;

Mode parse_mode(const std::string& name) {
  if (name == "single") return Mode::kSingle;
  if (name == "direct") return Mode::kDirect;
  if (name == "two-pass") return Mode::kTwoPass;
  base::fail_usage(cat("--mode: expected single, direct or two-pass, got ", base::quote(name)));
}

namespace {

// Nothing can be drawn without some of them.
model::SpecialIds special_ids(const text::Tokenizer& tokenizer) {
  model::SpecialIds ids;
  model::adopt_token_ids(ids, tokenizer);
  const auto need = [](int64_t id, const char* what) {
    if (id < 0) base::fail(cat("tokenizer.json: it has no ", what, " token"));
  };
  need(ids.bos, "BOS");
  need(ids.eos, "EOS");
  need(ids.begin_of_image, "<begin_of_image>");
  return ids;
}

}  // namespace

PromptEncoder::PromptEncoder(const text::Tokenizer& tokenizer, const PromptOptions& o)
    : tokenizer_(tokenizer),
      mode_(o.mode),
      template_(text::resolve_template(o.template_name.value_or(text::default_template(o.mode == Mode::kDirect, o.mode == Mode::kTwoPass)))),
      system_(o.system.value_or(o.mode == Mode::kTwoPass ? text::kVisualizationSystem : "")),
      chat_(text::parse_chat_format(o.chat)),
      max_tokens_(o.max_tokens),
      ids_(special_ids(tokenizer)) {}

std::vector<int32_t> PromptEncoder::encode(const std::string& prompt) const {
  auto ids = tokenizer_.encode(text::wrap_chat(chat_, text::apply_template(template_, prompt), system_));
  if (mode_ == Mode::kDirect) ids.push_back(static_cast<int32_t>(ids_.begin_of_image));
  return ids;
}

std::vector<int32_t> PromptEncoder::encode_second(const std::string& prompt, const std::string& chain, int64_t most) const {
  auto ids = tokenizer_.encode(text::wrap_chat(chat_, text::second_prompt(prompt, chain)));
  if (static_cast<int64_t>(ids.size()) >= most) ids.resize(static_cast<size_t>(most - 1));
  ids.push_back(static_cast<int32_t>(ids_.begin_of_image));
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
