// Prompts as the policy reads them: template, chat roles, token ids.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/config.h"
#include "record/prompt.h"
#include "text/templates.h"
#include "text/tokenizer.h"

namespace easel::sample {

// What is drawn of a prompt: chain and image in one sequence, the image alone, or the chain, and then the image from a
// prompt of its own (T2I-R1).
enum class Mode { kSingle, kDirect, kTwoPass };
Mode parse_mode(const std::string& name);  // "single", "direct", "two-pass"

struct PromptOptions {
  Mode mode = Mode::kSingle;
  std::optional<std::string> template_name;  // as text::resolve_template; none: default_template
  std::string chat = "janus";
  std::optional<std::string> system;  // before the prompt; without it none, or kVisualizationSystem in two-pass mode
  int64_t max_tokens = 256;
};

class PromptEncoder {
 public:
  // The tokenizer must outlive the encoder. Throws Error when it has no BOS, EOS or <begin_of_image>.
  PromptEncoder(const text::Tokenizer& tokenizer, const PromptOptions& options);
  // BOS, template and roles; <begin_of_image> at the end in direct mode. Throws RecordError when
  // there are more than max_tokens.
  std::vector<int32_t> encode(const record::Prompt& prompt) const;
  std::vector<int32_t> encode(const std::string& prompt) const;
  // The second of two passes: "PROMPT. CHAIN" without a system prompt, and <begin_of_image>. What is longer than `most`
  // tokens loses its end.
  std::vector<int32_t> encode_second(const std::string& prompt, const std::string& chain, int64_t most) const;
  const std::string& template_text() const { return template_; }

 private:
  const text::Tokenizer& tokenizer_;
  Mode mode_;
  std::string template_, system_;
  text::ChatFormat chat_;
  int64_t max_tokens_;
  model::SpecialIds ids_;
};

}  // namespace easel::sample
