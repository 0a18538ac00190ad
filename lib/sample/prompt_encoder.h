// Prompts as the policy reads them: template, chat roles, token ids.
#pragma once

#include <string>
#include <vector>

#include "model/config.h"
#include "record/prompt.h"
#include "text/templates.h"
#include "text/tokenizer.h"

namespace easel::sample {

// Special ids of a tokenizer in the model's terms. Throws Error when <begin_of_image>, BOS or EOS
// is missing: nothing can be drawn without them.
model::SpecialIds special_ids(const text::Tokenizer& tokenizer);

class PromptEncoder {
 public:
  // template_name: as text::resolve_template; empty is reasongen-r1, or plain in direct mode.
  // The tokenizer must outlive the encoder.
  PromptEncoder(const text::Tokenizer& tokenizer, bool direct, const std::string& template_name,
                const std::string& chat, int64_t max_tokens);
  // BOS, template and roles; <begin_of_image> at the end in direct mode. Throws RecordError when
  // there are more than max_tokens.
  std::vector<int32_t> encode(const record::Prompt& prompt) const;
  std::vector<int32_t> encode(const std::string& prompt) const;
  const std::string& template_text() const { return template_; }
  const model::SpecialIds& ids() const { return ids_; }

 private:
  const text::Tokenizer& tokenizer_;
  bool direct_;
  std::string template_;
  text::ChatFormat chat_;
  int64_t max_tokens_;
  model::SpecialIds ids_;
};

}  // namespace easel::sample
