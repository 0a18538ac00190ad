// How a prompt is worded and wrapped before it is encoded (RECIPES, sections 0 to 3).
#pragma once

#include <string>
#include <string_view>

namespace easel::text {

// kJanus: Janus-Pro's own roles. kT2iR1: the roles that T2I-R1 and GoT-R1 trained with.
enum class ChatFormat { kJanus, kT2iR1, kNone };

ChatFormat parse_chat_format(std::string_view name);  // "janus", "t2i-r1", "none"; UsageError
std::string chat_format_name(ChatFormat format);

// kJanus: "<|User|>: TEXT\n\n<|Assistant|>:". kT2iR1: "User: TEXT\n\nAssistant:". kNone: TEXT.
// A system prompt goes first, with a blank line behind it; an empty one adds nothing. BOS is the
// tokenizer's to add.
std::string wrap_chat(ChatFormat format, std::string_view text, std::string_view system = "");

// A template by its name, or a literal that holds one "{}":
//   plain            {}
//   reasongen-r1     {}. Output a richly detailed prompt:
//   reasongen-r1-rl  A photo of {}. Output a richly detailed prompt:
//   got-r1           Follow the caption to generate an image through a chain of thought process: {}
//   t2i-r1           asks for a visualization of {} in at most 50 words (the first of two passes)
// (the two of ReasonGen-R1 end with a space). Throws UsageError for anything else.
std::string resolve_template(std::string_view name_or_literal);
// The name of the one for images alone, for chain and image in two passes, or for both in one sequence.
std::string default_template(bool direct, bool two_pass);

// What goes before the first of two passes (RECIPES, section 3): what the assistant is for.
extern const char* const kVisualizationSystem;

// What the second pass is asked: the prompt, and the description that the first pass gave.
std::string second_prompt(std::string_view prompt, std::string_view chain);

// The prompt in the place of "{}". Where text follows that place, one trailing period of the
// prompt is removed first. Throws base::Error unless the template holds exactly one "{}".
std::string apply_template(std::string_view prompt_template, std::string_view prompt);

}  // namespace easel::text
