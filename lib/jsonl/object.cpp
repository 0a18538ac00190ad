#include "jsonl/object.h"

#include <simdjson.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "jsonl/whole_number.h"

namespace easel::jsonl {

using base::cat;

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Why a text is not JSON, or nullptr. simdjson refuses numbers beyond 64 bits, which JSON allows, so
// those get a second opinion. `padded` has room for simdjson to read past its end.
const char* why_invalid(const std::string& padded) {
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element root;
  const auto error = parser.parse(padded.data(), padded.size(), false).get(root);
  if (error == simdjson::NUMBER_ERROR && Json::accept(padded)) return nullptr;
  if (error == simdjson::EMPTY) return "an empty line";
  return error ? "not valid JSON" : nullptr;
}

// Places of an object's members in text that is known to be valid JSON and to hold an object.
class MemberScanner {
 public:
  explicit MemberScanner(std::string_view text) : text_(text.data()), end_(text.size()) {}
  void moved(const char* text) { text_ = text; }
  bool next(size_t* key, size_t* key_end, size_t* value, size_t* value_end) {
    skip_space();
    if (text_[at_] == '}') return false;
    ++at_;  // past '{' or ','
    skip_space();
    if (text_[at_] == '}') return false;
    *key = at_;
    skip_string();
    *key_end = at_;
    skip_space();
    ++at_;  // ':'
    skip_space();
    *value = at_;
    skip_value();
    *value_end = at_;
    return true;
  }

 private:
  void skip_space() {
    while (is_space(text_[at_])) ++at_;
  }
  void skip_string() {
    const size_t begin = at_ + 1;
    at_ = begin;
    while (true) {
      const auto* quote = static_cast<const char*>(std::memchr(text_ + at_, '"', end_ - at_));
      at_ = static_cast<size_t>(quote - text_);
      size_t backslashes = 0;
      while (at_ - backslashes > begin && text_[at_ - backslashes - 1] == '\\') ++backslashes;
      ++at_;
      if (backslashes % 2 == 0) return;
    }
  }
  void skip_value() {
    if (text_[at_] == '"') return skip_string();
    if (text_[at_] != '{' && text_[at_] != '[') {
      while (!is_space(text_[at_]) && text_[at_] != ',' && text_[at_] != '}') ++at_;
      return;
    }
    int depth = 0;
    do {
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
    } while (depth > 0);
  }
  const char* text_;
  size_t end_, at_ = 0;
};

template <class Word>
uint64_t load(const char* bytes) {
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// Length and ends of a key in one word, so that a search compares words: a record has a dozen fields, and
// a program asks for as many.
uint64_t mark_of(std::string_view key) {
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
  const size_t n = key.size();
  const char* const c = key.data();
  if (n >= 8) return (load<uint64_t>(c) ^ load<uint64_t>(c + n - 8) * kOdd) + n;
  if (n >= 4) return (load<uint32_t>(c) | load<uint32_t>(c + n - 4) << 32) + n * kOdd;
  if (n == 0) return 0;
  return (load<uint8_t>(c) | load<uint8_t>(c + n / 2) << 8 | load<uint8_t>(c + n - 1) << 16) + n * kOdd;
}

std::string decode_string(std::string_view literal) {
  if (literal.find('\\') == std::string_view::npos) {
    return std::string(literal.substr(1, literal.size() - 2));
  }
  return Json::parse(literal).get<std::string>();
}

}  // namespace

Object Object::parse(std::string_view line, const base::Location& at) {
  Object out;
  out.read(line, at);
  return out;
}

void Object::read(std::string_view line, const base::Location& at) {
  at_ = at;
  fields_.clear();
  text_.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  text_.assign(line);
  const char* const problem = why_invalid(text_);
  if (problem != nullptr) {
    fail(cat(problem, "; expected one JSON object a line, got ", base::quote(line, 60)));
  }
  const size_t begin = line.find_first_not_of(" \t\n\r");
  if (line[begin] != '{') fail(cat("expected a JSON object, got ", base::quote(line, 60)));
  scan(line.size());
}

void Object::scan(size_t size) {
  fields_.reserve(16);
  MemberScanner members(std::string_view(text_).substr(0, size));
  size_t key = 0, key_end = 0, value = 0, value_end = 0;
  while (members.next(&key, &key_end, &value, &value_end)) {
    Field field{{key, key_end - key}, {key + 1, key_end - key - 2}, {value, value_end - value}, 0};
    if (view(field.key).find('\\') != std::string_view::npos) {
      // The scanner's text may move with this; its characters stay where they are counted.
      field.key = append(decode_string(view(field.literal)));
      members.moved(text_.data());
    }
    field.mark = mark_of(view(field.key));
    fields_.push_back(field);
  }
  constexpr size_t kFew = 32;
  if (fields_.size() <= kFew) {
    for (size_t i = 1; i < fields_.size(); ++i) {
      const Field& field = fields_[i];
      for (size_t j = 0; j < i; ++j) {
        if (is(fields_[j], view(field.key), field.mark)) refuse_twice(view(field.key));
      }
    }
    return;
  }
  std::unordered_set<std::string_view> seen;
  for (const Field& field : fields_) {
    if (!seen.insert(view(field.key)).second) refuse_twice(view(field.key));
  }
}

void Object::refuse_twice(std::string_view key) const {
  fail(cat("field ", base::quote(key), " appears twice"));
}

Object::Span Object::append(std::string_view text) {
  const Span span{text_.size(), text.size()};
  text_ += text;
  return span;
}

const Object::Field* Object::find(std::string_view key) const {
  const uint64_t mark = mark_of(key);
  for (const auto& field : fields_) {
    if (is(field, key, mark)) return &field;
  }
  return nullptr;
}

const Object::Field* Object::find_value(std::string_view key) const {
  const Field* field = find(key);
  return field == nullptr || view(field->value) == "null" ? nullptr : field;
}

const Object::Field& Object::need(std::string_view key) const {
  const Field* field = find(key);
  if (field == nullptr) fail(cat("field ", base::quote(key), " is missing"));
  return *field;
}

void Object::wrong_type(const Field& field, std::string_view expected) const {
  std::string got(view(field.value));
  if (got.size() > 60) got = got.substr(0, 60) + "...";
  fail(cat("field ", base::quote(view(field.key)), ": expected ", expected, ", got ",
           base::repair_utf8(got)));
}

bool Object::is_null(std::string_view key) const { return find_value(key) == nullptr; }

std::vector<std::string> Object::keys() const {
  std::vector<std::string> keys;
  for (const auto& field : fields_) keys.emplace_back(view(field.key));
  return keys;
}

std::string_view Object::raw(std::string_view key) const {
  const Field* field = find(key);
  return field == nullptr ? std::string_view() : view(field->value);
}

Json Object::json(std::string_view key) const {
  const Field* field = find(key);
  return field == nullptr ? Json() : Json::parse(view(field->value));
}

std::string Object::string_of(const Field& field) const {
  if (view(field.value)[0] != '"') wrong_type(field, "a string");
  return decode_string(view(field.value));
}

int64_t Object::integer_of(const Field& field) const {
  if (const auto value = base::parse_int(view(field.value))) return *value;
  const auto number = base::parse_double(view(field.value));
  const auto value = number ? whole_number(*number) : std::nullopt;
  if (!value) wrong_type(field, "an integer");
  return *value;
}

double Object::number_of(const Field& field) const {
  const auto value = base::parse_double(view(field.value));
  if (!value || !std::isfinite(*value)) wrong_type(field, "a number");
  return *value;
}

std::string Object::string(std::string_view key) const { return string_of(need(key)); }
int64_t Object::integer(std::string_view key) const { return integer_of(need(key)); }
double Object::number(std::string_view key) const { return number_of(need(key)); }

bool Object::boolean(std::string_view key) const {
  const Field& field = need(key);
  const std::string_view value = view(field.value);
  if (value != "true" && value != "false") wrong_type(field, "true or false");
  return value == "true";
}

Object Object::object(std::string_view key) const {
  const Field& field = need(key);
  if (view(field.value)[0] != '{') wrong_type(field, "an object");
  Object out;  // a part of valid JSON is valid
  out.at_ = at_;
  out.text_.assign(view(field.value));
  out.scan(field.value.size);
  return out;
}

std::optional<std::string> Object::optional_string(std::string_view key) const {
  const Field* field = find_value(key);
  return field == nullptr ? std::nullopt : std::optional(string_of(*field));
}

std::optional<int64_t> Object::optional_integer(std::string_view key) const {
  const Field* field = find_value(key);
  return field == nullptr ? std::nullopt : std::optional(integer_of(*field));
}

std::optional<double> Object::optional_number(std::string_view key) const {
  const Field* field = find_value(key);
  return field == nullptr ? std::nullopt : std::optional(number_of(*field));
}

std::vector<std::string> Object::strings(std::string_view key) const {
  std::vector<std::string> out;
  const Field* field = find_value(key);
  if (field == nullptr) return out;
  const Json array = Json::parse(view(field->value));
  if (!array.is_array()) wrong_type(*field, "an array of strings");
  for (const auto& item : array) {
    if (!item.is_string()) wrong_type(*field, "an array of strings");
    out.push_back(item.get<std::string>());
  }
  return out;
}

void Object::set_raw(std::string_view key, std::string json_text) {
  const Span value = append(json_text);
  const uint64_t mark = mark_of(key);
  for (auto& field : fields_) {
    if (is(field, key, mark)) {
      field.value = value;
      return;
    }
  }
  const Span literal = append(escape(key));
  const bool plain = view(literal).find('\\') == std::string_view::npos;
  fields_.push_back({literal, plain ? Span{literal.at + 1, literal.size - 2} : append(key), value, mark});
}

void Object::set(std::string_view key, std::string_view text) { set_raw(key, escape(text)); }
void Object::set(std::string_view key, int64_t value) { set_raw(key, std::to_string(value)); }

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
  const uint64_t mark = mark_of(key);
  std::erase_if(fields_, [&](const Field& field) { return is(field, key, mark); });
}

std::string Object::str() const {
  std::string out;
  out.reserve(text_.size() + 1);
  out += '{';
  for (const auto& field : fields_) {
    if (out.size() > 1) out += ',';
    out += view(field.literal);
    out += ':';
    out += view(field.value);
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
