#include "jsonl/object.h"

#include <simdjson.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace easel::jsonl {

using base::cat;

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Why a line is no JSON object, or empty. simdjson refuses numbers beyond 64 bits, which JSON
// allows, so those get a second opinion.
std::string why_invalid(std::string_view line) {
  thread_local simdjson::dom::parser parser;
  thread_local std::string padded;
  padded.assign(line);
  padded.reserve(padded.size() + simdjson::SIMDJSON_PADDING);
  simdjson::dom::element root;
  const auto error = parser.parse(padded.data(), padded.size(), false).get(root);
  if (error == simdjson::NUMBER_ERROR && Json::accept(line)) return "";
  if (error == simdjson::EMPTY) return "an empty line";
  if (error) return "not valid JSON";
  return "";
}

// Spans of an object's members in text that is known to be valid JSON.
class MemberScanner {
 public:
  explicit MemberScanner(std::string_view text) : text_(text) { skip_space(); }
  bool at_object() const { return at_ < text_.size() && text_[at_] == '{'; }
  bool next(std::string_view* key, std::string_view* value) {
    ++at_;  // past '{' or ','
    skip_space();
    if (text_[at_] == '}') return false;
    *key = take_string();
    skip_space();
    ++at_;  // ':'
    skip_space();
    *value = take_value();
    skip_space();
    return true;
  }
  bool done() const { return text_[at_] == '}'; }

 private:
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  std::string_view take_string() {
    const size_t begin = at_++;
    while (true) {
      at_ = text_.find_first_of("\"\\", at_);
      if (text_[at_] == '"') break;
      at_ += 2;
    }
    ++at_;
    return text_.substr(begin, at_ - begin);
  }
  std::string_view take_value() {
    const size_t begin = at_;
    if (text_[at_] == '"') return take_string();
    if (text_[at_] == '{' || text_[at_] == '[') {
      int depth = 0;
      do {
        at_ = text_.find_first_of("\"{}[]", at_);
        const char c = text_[at_];
        if (c == '"') {
          take_string();
          continue;
        }
        depth += c == '{' || c == '[' ? 1 : -1;
        ++at_;
      } while (depth > 0);
    } else {
      while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != ',' && text_[at_] != '}') {
        ++at_;
      }
    }
    return text_.substr(begin, at_ - begin);
  }
  std::string_view text_;
  size_t at_ = 0;
};

std::string decode_string(std::string_view literal) {
  if (literal.find('\\') == std::string_view::npos) {
    return std::string(literal.substr(1, literal.size() - 2));
  }
  return Json::parse(literal).get<std::string>();
}

}  // namespace

Object Object::parse(std::string_view line, base::Location at) {
  Object out;
  out.at_ = std::move(at);
  const std::string problem = why_invalid(line);
  if (!problem.empty()) {
    base::fail_at(out.at_, cat(problem, "; expected one JSON object a line, got ",
                               base::quote(line, 60)));
  }
  MemberScanner members(line);
  if (!members.at_object()) {
    base::fail_at(out.at_, cat("expected a JSON object, got ", base::quote(line, 60)));
  }
  std::string_view key, value;
  while (members.next(&key, &value)) {
    Field field{decode_string(key), std::string(value)};
    if (out.find(field.key) != nullptr) {
      base::fail_at(out.at_, cat("field ", base::quote(field.key), " appears twice"));
    }
    out.fields_.push_back(std::move(field));
    if (members.done()) break;
  }
  return out;
}

const Object::Field* Object::find(std::string_view key) const {
  for (const auto& field : fields_) {
    if (field.key == key) return &field;
  }
  return nullptr;
}

const Object::Field& Object::need(std::string_view key) const {
  const Field* field = find(key);
  if (field == nullptr) fail(cat("field ", base::quote(key), " is missing"));
  return *field;
}

void Object::wrong_type(const Field& field, std::string_view expected) const {
  std::string got = field.value;
  if (got.size() > 60) got = got.substr(0, 60) + "...";
  fail(cat("field ", base::quote(field.key), ": expected ", expected, ", got ",
           base::repair_utf8(got)));
}

bool Object::is_null(std::string_view key) const {
  const Field* field = find(key);
  return field == nullptr || field->value == "null";
}

std::vector<std::string> Object::keys() const {
  std::vector<std::string> keys;
  for (const auto& field : fields_) keys.push_back(field.key);
  return keys;
}

std::string_view Object::raw(std::string_view key) const {
  const Field* field = find(key);
  return field == nullptr ? std::string_view() : std::string_view(field->value);
}

Json Object::json(std::string_view key) const {
  const Field* field = find(key);
  return field == nullptr ? Json() : Json::parse(field->value);
}

std::string Object::string(std::string_view key) const {
  const Field& field = need(key);
  if (field.value[0] != '"') wrong_type(field, "a string");
  return decode_string(field.value);
}

int64_t Object::integer(std::string_view key) const {
  const Field& field = need(key);
  const auto value = base::parse_int(field.value);
  if (!value) wrong_type(field, "an integer");
  return *value;
}

double Object::number(std::string_view key) const {
  const Field& field = need(key);
  const auto value = base::parse_double(field.value);
  if (!value || !std::isfinite(*value)) wrong_type(field, "a number");
  return *value;
}

bool Object::boolean(std::string_view key) const {
  const Field& field = need(key);
  if (field.value != "true" && field.value != "false") wrong_type(field, "true or false");
  return field.value == "true";
}

Object Object::object(std::string_view key) const {
  const Field& field = need(key);
  if (field.value[0] != '{') wrong_type(field, "an object");
  return parse(field.value, at_);
}

std::optional<std::string> Object::optional_string(std::string_view key) const {
  if (is_null(key)) return std::nullopt;
  return string(key);
}

std::optional<int64_t> Object::optional_integer(std::string_view key) const {
  if (is_null(key)) return std::nullopt;
  return integer(key);
}

std::optional<double> Object::optional_number(std::string_view key) const {
  if (is_null(key)) return std::nullopt;
  return number(key);
}

std::vector<std::string> Object::strings(std::string_view key) const {
  std::vector<std::string> out;
  if (is_null(key)) return out;
  const Field& field = need(key);
  const Json array = Json::parse(field.value);
  if (!array.is_array()) wrong_type(field, "an array of strings");
  for (const auto& item : array) {
    if (!item.is_string()) wrong_type(field, "an array of strings");
    out.push_back(item.get<std::string>());
  }
  return out;
}

void Object::set_raw(std::string_view key, std::string json_text) {
  for (auto& field : fields_) {
    if (field.key == key) {
      field.value = std::move(json_text);
      return;
    }
  }
  fields_.push_back({std::string(key), std::move(json_text)});
}

void Object::set(std::string_view key, std::string_view text) { set_raw(key, escape(text)); }
void Object::set(std::string_view key, int64_t value) { set_raw(key, cat(value)); }

void Object::set(std::string_view key, double value) {
  if (!std::isfinite(value)) base::fail(cat("field ", base::quote(key), " would be ", value));
  set_raw(key, base::format_double(value));
}

void Object::set(std::string_view key, float value) {
  if (!std::isfinite(value)) base::fail(cat("field ", base::quote(key), " would be ", value));
  set_raw(key, base::format_float(value));
}

void Object::set(std::string_view key, bool value) { set_raw(key, value ? "true" : "false"); }
void Object::set(std::string_view key, const Object& value) { set_raw(key, value.str()); }
void Object::set_json(std::string_view key, const Json& value) {
  set_raw(key, value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void Object::erase(std::string_view key) {
  std::erase_if(fields_, [&](const Field& field) { return field.key == key; });
}

std::string Object::str() const {
  std::string out = "{";
  for (const auto& field : fields_) {
    if (out.size() > 1) out += ',';
    out += escape(field.key);
    out += ':';
    out += field.value;
  }
  out += '}';
  return out;
}

std::string escape(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  if (!base::is_valid_utf8(text)) return escape(base::repair_utf8(text));
  std::string out = "\"";
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (u < 0x20) {
      out += "\\u00";
      out += kHex[u >> 4];
      out += kHex[u & 15];
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

}  // namespace easel::jsonl
