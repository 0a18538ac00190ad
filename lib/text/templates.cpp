#include "text/templates.h"

#include <array>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/strings.h"

namespace easel::text {

using base::cat;

namespace {

constexpr std::string_view kSlot = "{}";

constexpr std::array<std::pair<std::string_view, ChatFormat>, 3> kChatFormats = {{
    {"janus", ChatFormat::kJanus},
    {"t2i-r1", ChatFormat::kT2iR1},
    {"none", ChatFormat::kNone},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kTemplates = {{
    {"plain", "{}"},
    {"reasongen-r1", "{}. Output a richly detailed prompt: "},
    {"reasongen-r1-rl", "A photo of {}. Output a richly detailed prompt: "},
    {"got-r1", "Follow the caption to generate an image through a chain of thought process: {}"},
    {"t2i-r1",
     "The prompt of an image is: {}. Tell what the finished image shows, in at most 50 words. Name every object of the "
     "prompt with its number, its attributes and its place, and say how the objects stand to one another. Answer with the "
     "description alone."},
}};

template <class Table>
std::string names_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& [name, value] : table) names.emplace_back(name);
  return base::join(names, ", ");
}

// Where the one "{}" stands; npos if there is none or another.
size_t only_slot(std::string_view text) {
  const size_t at = text.find(kSlot);
  return at == text.rfind(kSlot) ? at : std::string_view::npos;
}

}  // namespace

const char* const kVisualizationSystem =
    "You are a helpful assistant. You receive the prompt of an image and visualize it: you describe what is to be seen.";

ChatFormat parse_chat_format(std::string_view name) {
  for (const auto& [known, format] : kChatFormats) {
    if (name == known) return format;
  }
  base::fail_usage(
      cat("no chat format ", base::quote(name), "; expected one of ", names_of(kChatFormats)));
}

std::string chat_format_name(ChatFormat format) {
  for (const auto& [name, known] : kChatFormats) {
    if (format == known) return std::string(name);
  }
  base::fail("a chat format without a name");
}

std::string wrap_chat(ChatFormat format, std::string_view text, std::string_view system) {
  std::string out(system);
  if (!system.empty()) out += "\n\n";
  switch (format) {
    case ChatFormat::kJanus:
      return cat(out, "<|User|>: ", text, "\n\n<|Assistant|>:");
    case ChatFormat::kT2iR1:
      return cat(out, "User: ", text, "\n\nAssistant:");
    case ChatFormat::kNone:
      break;
  }
  return cat(out, text);
}

std::string resolve_template(std::string_view name_or_literal) {
  for (const auto& [name, text] : kTemplates) {
    if (name_or_literal == name) return std::string(text);
  }
  if (only_slot(name_or_literal) == std::string_view::npos) {
    base::fail_usage(cat("no template ", base::quote(name_or_literal),
                         "; expected a text with one {} in it, or one of ", names_of(kTemplates)));
  }
  return std::string(name_or_literal);
}

std::string default_template(bool direct, bool two_pass) { return direct ? "plain" : two_pass ? "t2i-r1" : "reasongen-r1"; }

std::string second_prompt(std::string_view prompt, std::string_view chain) { return cat(prompt, ". ", chain); }

std::string apply_template(std::string_view prompt_template, std::string_view prompt) {
  const size_t at = only_slot(prompt_template);
  if (at == std::string_view::npos) {
    base::fail(cat("the template ", base::quote(prompt_template), " must hold exactly one {}"));
  }
  const std::string_view behind = prompt_template.substr(at + kSlot.size());
  if (!behind.empty() && prompt.ends_with('.')) prompt.remove_suffix(1);
  return cat(prompt_template.substr(0, at), prompt, behind);
}

}  // namespace easel::text
