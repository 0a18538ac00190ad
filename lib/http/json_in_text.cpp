#include "http/json_in_text.h"

#include <nlohmann/json.hpp>
#include <string>

namespace easel::http {

using jsonl::Json;

namespace {

constexpr size_t kTries = 64, kDeepest = 200;

// The end of the bracketed text that begins at `begin`, brackets in strings aside; npos when brackets do not match, and one
// more than the text's length when it ends before they are closed.
size_t closed_at(std::string_view text, size_t begin) {
  std::string open;
  bool in_string = false;
  for (size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (open.size() == kDeepest) return std::string_view::npos;
      open += c == '{' ? '}' : ']';
    } else if (c == '}' || c == ']') {
      if (open.back() != c) return std::string_view::npos;
      open.pop_back();
      if (open.empty()) return i + 1;
    }
  }
  return text.size() + 1;
}

// Whether the bracket at `at` opens what can be nothing but JSON: {" or [{.
bool is_meant(std::string_view text, size_t at) {
  const size_t next = text.find_first_not_of(" \t\r\n", at + 1);
  return next != std::string_view::npos && text[next] == (text[at] == '{' ? '"' : '{');
}

}  // namespace

std::optional<Json> json_in_text(std::string_view text, const std::function<bool(const Json&)>& wanted) {
  size_t at = 0;
  for (size_t tries = 0; tries < kTries; ++tries) {
    at = text.find_first_of("{[", at);
    if (at == std::string_view::npos) return std::nullopt;
    const size_t end = closed_at(text, at);
    const bool meant = is_meant(text, at);
    if (end <= text.size()) {
      Json value = Json::parse(text.begin() + static_cast<std::ptrdiff_t>(at), text.begin() + static_cast<std::ptrdiff_t>(end),
                               nullptr, false);
      if (!value.is_discarded() && (!wanted || wanted(value))) return value;
      at = value.is_discarded() && !meant ? at + 1 : end;
    } else if (end != std::string_view::npos && meant) {
      return std::nullopt;
    } else {
      ++at;
    }
  }
  return std::nullopt;
}

bool begins_json(std::string_view text) {
  for (size_t at = text.find_first_of("{["); at != std::string_view::npos; at = text.find_first_of("{[", at + 1)) {
    if (is_meant(text, at)) return true;
  }
  return false;
}

}  // namespace easel::http
