// One JSONL record: a JSON object whose fields keep their order and their exact text.
//
// A filter reads the few fields it knows and sets the ones it adds; everything else goes through
// byte for byte, numbers included. The whole line is validated (RFC 8259, UTF-8) when it is parsed.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace easel::jsonl {

using Json = nlohmann::ordered_json;

class Object {
 public:
  Object() = default;
  // Throws base::RecordError naming `at`.
  static Object parse(std::string_view line, const base::Location& at);
  // The same into this object, in the memory that it has: whatever it held before is gone, even on a throw.
  void read(std::string_view line, const base::Location& at);

  const base::Location& at() const { return at_; }
  bool has(std::string_view key) const { return find(key) != nullptr; }
  bool is_null(std::string_view key) const;  // absent or null
  std::vector<std::string> keys() const;

  // The field's JSON text; empty when absent. Valid until a field is set.
  std::string_view raw(std::string_view key) const;
  Json json(std::string_view key) const;  // null when absent

  // Typed reads. The plain ones throw RecordError when the field is absent or of another type:
  //   file:3: field "prompt" is missing    file:3: field "index": expected an integer, got "x"
  std::string string(std::string_view key) const;
  int64_t integer(std::string_view key) const;
  double number(std::string_view key) const;
  bool boolean(std::string_view key) const;
  Object object(std::string_view key) const;  // its location is this record's
  // The optional ones give nullopt for absent and null, and throw for another type.
  std::optional<std::string> optional_string(std::string_view key) const;
  std::optional<int64_t> optional_integer(std::string_view key) const;
  std::optional<double> optional_number(std::string_view key) const;
  std::vector<std::string> strings(std::string_view key) const;  // an array of strings, or absent

  // Sets or replaces a field in place; new fields go to the end.
  void set_raw(std::string_view key, std::string json_text);
  void set(std::string_view key, std::string_view text);  // as a JSON string
  void set(std::string_view key, const char* text) { set(key, std::string_view(text)); }
  void set(std::string_view key, int64_t value);
  void set(std::string_view key, int value) { set(key, int64_t{value}); }
  void set(std::string_view key, double value);  // throws Error for NaN and infinities
  void set(std::string_view key, float value);
  void set(std::string_view key, bool value);
  void set(std::string_view key, const Object& value);
  void set_json(std::string_view key, const Json& value);
  void erase(std::string_view key);

  bool empty() const { return fields_.empty(); }
  size_t bytes() const { return text_.size(); }  // of memory, about
  std::string str() const;  // one line, no newline

  [[noreturn]] void fail(const std::string& message, const std::string& hint = "") const {
    base::fail_at(at_, message, hint);
  }

 private:
  struct Span {
    size_t at = 0, size = 0;
  };
  struct Field {
    Span literal;       // the key as it was written, quotes included
    Span key;           // decoded
    Span value;         // JSON text
    uint64_t mark = 0;  // of the key: equal keys have equal marks, and nearly all others differ
  };
  std::string_view view(Span span) const { return {text_.data() + span.at, span.size}; }
  bool is(const Field& field, std::string_view key, uint64_t mark) const {
    return field.mark == mark && view(field.key) == key;
  }
  Span append(std::string_view text);
  void scan(size_t size);
  void refuse_twice(std::string_view key) const;
  const Field* find(std::string_view key) const;
  const Field* find_value(std::string_view key) const;  // nullptr for null as well
  std::string string_of(const Field& field) const;
  int64_t integer_of(const Field& field) const;
  double number_of(const Field& field) const;
  const Field& need(std::string_view key) const;
  [[noreturn]] void wrong_type(const Field& field, std::string_view expected) const;

  // One allocation holds the line and, after it, whatever was set since: fields are spans of it.
  std::string text_;
  std::vector<Field> fields_;
  base::Location at_;
};

// A JSON string literal, quotes included. Ill-formed UTF-8 becomes U+FFFD.
std::string escape(std::string_view text);

}  // namespace easel::jsonl
