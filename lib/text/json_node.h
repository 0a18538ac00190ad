// A JSON value that knows where it stands, so that a complaint names the file and the part:
//   tokenizer.json: added_tokens[3].id: expected an integer from 0 to 4194303, got "x"
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace easel::text {

class JsonNode {
 public:
  JsonNode(simdjson::dom::element value, std::shared_ptr<const std::string> file, std::string path)
      : value_(value), file_(std::move(file)), path_(std::move(path)) {}

  // Throws base::Error "FILE: PATH: message". `part` continues the path: ".id", "[3]".
  [[noreturn]] void fail(const std::string& message, const std::string& part = "") const;
  std::string where() const;  // of a member: "file: path"
  [[noreturn]] void wrong_type(std::string_view expected) const;

  std::optional<JsonNode> find(std::string_view key) const;  // nullopt: absent or null
  JsonNode at(std::string_view key) const;                   // throws when absent or null
  std::vector<JsonNode> items() const;
  simdjson::dom::object object() const;
  simdjson::dom::array array() const;
  std::string_view string() const;  // lives as long as the document
  bool boolean() const;
  int64_t integer(int64_t low, int64_t high) const;
  bool is_string() const { return value_.is_string(); }
  bool is_object() const { return value_.is_object(); }
  simdjson::dom::element value() const { return value_; }

  // A boolean member; the default where it is absent or null.
  bool flag(std::string_view key, bool fallback) const;
  std::string type() const { return std::string(at("type").string()); }
  // Throws unless the object's only members are these: an option that is not known could change
  // what the tokenizer does.
  void only(std::initializer_list<std::string_view> known) const;

 private:
  simdjson::dom::element value_;
  std::shared_ptr<const std::string> file_;
  std::string path_;
};

// What a value is, for a message: the value itself, or "an array", "an object".
std::string describe_json(simdjson::dom::element value);

// A parsed document. Nodes of it live as long as it does.
class JsonDocument {
 public:
  JsonDocument(std::string_view text, std::string file);
  JsonNode root() const;

 private:
  std::shared_ptr<const std::string> file_;
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

}  // namespace easel::text
