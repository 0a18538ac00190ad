#include "text/json_node.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"

namespace easel::text {

using base::cat;

std::string describe_json(simdjson::dom::element value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "an array";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::STRING:
      return base::quote(std::string_view(value));
    default:  // numbers, true, false, null
      return simdjson::minify(value);
  }
}

std::string JsonNode::where() const { return cat(*file_, ": ", path_); }

void JsonNode::fail(const std::string& message, const std::string& part) const {
  const std::string path = path_ + part;
  base::fail(cat(*file_, ": ", path, path.empty() ? "" : ": ", message));
}

void JsonNode::wrong_type(std::string_view expected) const {
  fail(cat("expected ", expected, ", got ", describe_json(value_)));
}

std::optional<JsonNode> JsonNode::find(std::string_view key) const {
  simdjson::dom::element member;
  if (object().at_key(key).get(member) || member.is_null()) return std::nullopt;
  const bool plain = key.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
  return JsonNode(
      member, file_,
      cat(path_, path_.empty() ? "" : ".", plain ? std::string(key) : base::quote(key)));
}

JsonNode JsonNode::at(std::string_view key) const {
  std::optional<JsonNode> member = find(key);
  if (!member) fail(cat("has no ", base::quote(key)));
  return *member;
}

std::vector<JsonNode> JsonNode::items() const {
  std::vector<JsonNode> out;
  for (const simdjson::dom::element item : array()) {
    out.emplace_back(item, file_, cat(path_, "[", out.size(), "]"));
  }
  return out;
}

simdjson::dom::object JsonNode::object() const {
  if (!value_.is_object()) wrong_type("an object");
  return simdjson::dom::object(value_);
}

simdjson::dom::array JsonNode::array() const {
  if (!value_.is_array()) wrong_type("an array");
  return simdjson::dom::array(value_);
}

std::string_view JsonNode::string() const {
  if (!value_.is_string()) wrong_type("a string");
  return std::string_view(value_);
}

bool JsonNode::boolean() const {
  if (!value_.is_bool()) wrong_type("true or false");
  return bool(value_);
}

int64_t JsonNode::integer(int64_t low, int64_t high) const {
  int64_t n = 0;
  if (value_.get(n) || n < low || n > high) {
    wrong_type(cat("an integer from ", low, " to ", high));
  }
  return n;
}

bool JsonNode::flag(std::string_view key, bool fallback) const {
  const std::optional<JsonNode> member = find(key);
  return member ? member->boolean() : fallback;
}

void JsonNode::only(std::initializer_list<std::string_view> known) const {
  for (const simdjson::dom::key_value_pair member : object()) {
    if (member.value.is_null() || member.key == "type") continue;
    if (std::find(known.begin(), known.end(), member.key) == known.end()) {
      fail(cat("option ", base::quote(member.key), " is not supported"));
    }
  }
}

namespace {

// simdjson reads no integer of more than 64 bits, and transformers writes 10^30 where a length has no limit: each becomes a
// floating-point number.
std::string without_huge_integers(std::string_view text) {
  constexpr size_t kMostDigits = 18;
  constexpr std::string_view kNumber = "+-.0123456789Ee";
  std::string out;
  bool in_string = false;
  for (size_t at = 0; at < text.size();) {
    size_t end = at + 1;
    if (in_string && text[at] == '\\') {
      end = std::min(at + 2, text.size());
    } else if (text[at] == '"') {
      in_string = !in_string;
    } else if (!in_string && kNumber.find(text[at]) != std::string_view::npos) {
      end = std::min(text.find_first_not_of(kNumber, at), text.size());
    }
    const std::string_view piece = text.substr(at, end - at);
    out += piece;
    if (piece.size() > kMostDigits && piece.find_first_of(".eE") == std::string_view::npos) out += ".0";
    at = end;
  }
  return out;
}

}  // namespace

JsonDocument::JsonDocument(std::string_view text, std::string file)
    : file_(std::make_shared<std::string>(std::move(file))) {
  auto error = parser_.parse(simdjson::padded_string(text)).get(root_);
  if (error == simdjson::NUMBER_ERROR) {
    error = parser_.parse(simdjson::padded_string(without_huge_integers(text))).get(root_);
  }
  if (error) base::fail(cat(*file_, ": not valid JSON: ", simdjson::error_message(error)));
}

JsonNode JsonDocument::root() const { return {root_, file_, ""}; }

}  // namespace easel::text
