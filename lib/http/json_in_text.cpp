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

// Hands every whole object or array to `take`, until that wants no more. False: the text ends in the middle of one, or
// has too many beginnings that lead nowhere, and nobody knows what else it would say.
bool each_json(std::string_view text, const std::function<bool(Json&)>& take) {
  size_t at = 0, tries = 0;
  while (tries < kTries) {
    at = text.find_first_of("{[", at);
    if (at == std::string_view::npos) return true;
    const size_t end = closed_at(text, at);
    const bool meant = is_meant(text, at);
    if (end > text.size()) {
      if (end != std::string_view::npos && meant) return false;
      ++at;
      ++tries;
      continue;
    }
    const std::string_view part = text.substr(at, end - at);
    Json value = Json::parse(part.begin(), part.end(), nullptr, false);
    const bool is_json = !value.is_discarded();
    if (is_json && !take(value)) return true;
    if (!is_json && !meant) ++tries;
    at = is_json || meant ? end : at + 1;
  }
  return false;
}

}  // namespace

std::optional<Json> json_in_text(std::string_view text, const std::function<bool(const Json&)>& wanted) {
  std::optional<Json> found;
  each_json(text, [&](Json& value) {
    if (wanted && !wanted(value)) return true;
    found = std::move(value);
    return false;
  });
  return found;
}

std::vector<Json> every_json_in_text(std::string_view text, const std::function<bool(const Json&)>& wanted) {
  std::vector<Json> found;
  const bool whole = each_json(text, [&](Json& value) {
    if (!wanted || wanted(value)) found.push_back(std::move(value));
    return true;
  });
  if (!whole) found.clear();
  return found;
}

bool begins_json(std::string_view text) {
  for (size_t at = text.find_first_of("{["); at != std::string_view::npos; at = text.find_first_of("{[", at + 1)) {
    if (is_meant(text, at)) return true;
  }
  return false;
}

}  // namespace easel::http
