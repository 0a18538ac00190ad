#include "jsonl/schema_check.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace easel::jsonl {

using base::cat;
using nlohmann::json;

namespace {

constexpr size_t kDeepest = 200;

template <size_t n>
bool is_one_of(const std::string& key, const std::array<std::string_view, n>& keys) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

class SchemaCheck {
 public:
  SchemaCheck(const json& schema, const std::string& file)
      : schema_(schema), file_(file), id_(schema.is_object() ? schema.value("$id", json()) : json()) {}

  void look_through(const json& part, size_t depth = 0) {
    if (depth > kDeepest) wrong("it is nested too deeply");
    if (part.is_array()) {
      for (const json& element : part) look_through(element, depth + 1);
    }
    if (!part.is_object()) return;
    follow(part);
    for (const auto& [key, value] : part.items()) {
      if (is_one_of<4>(key, {"enum", "const", "default", "examples"})) continue;  // values, and no schemas
      if (key == "pattern" && value.is_string()) check_pattern(value.get<std::string>());
      if (value.is_object() && is_one_of<4>(key, {"properties", "patternProperties", "definitions", "dependencies"})) {
        for (const auto& [name, member] : value.items()) {
          if (key == "patternProperties") check_pattern(name);
          look_through(member, depth + 1);
        }
      } else {
        look_through(value, depth + 1);
      }
    }
  }

 private:
  [[noreturn]] void wrong(const std::string& what) const { base::fail(cat(file_, ": not a JSON Schema: ", what)); }

  void check_pattern(const std::string& pattern) const {
    try {
      const std::regex compiled(pattern);
    } catch (const std::regex_error& e) {
      wrong(cat("pattern ", base::quote(pattern), ": ", e.what()));
    }
  }

  // To every schema that is applied to the same value as this one.
  void follow(const json& part) {
    if (!part.is_object() || followed_.count(&part) > 0) return;
    if (!under_way_.insert(&part).second) wrong("it refers to itself without end");
    if (under_way_.size() > kDeepest) wrong("it is nested too deeply");
    for (const json* next : applied_with(part)) follow(*next);
    under_way_.erase(&part);
    followed_.insert(&part);
  }

  std::vector<const json*> applied_with(const json& part) const {
    std::vector<const json*> parts;
    const auto reference = part.find("$ref");
    if (reference != part.end()) {  // draft-07: what stands beside it counts for nothing
      const json* target = reference->is_string() ? find(reference->get<std::string>()) : nullptr;
      if (target != nullptr) parts.push_back(target);
      return parts;
    }
    for (const auto& [key, value] : part.items()) {
      const bool list = is_one_of<3>(key, {"allOf", "anyOf", "oneOf"}) && value.is_array();
      if (list || (key == "dependencies" && value.is_object())) {
        for (const json& member : value) parts.push_back(&member);
      } else if (is_one_of<4>(key, {"not", "if", "then", "else"})) {
        parts.push_back(&value);
      }
    }
    return parts;
  }

  // What a reference names in this document; nullptr for anything else, which the parser has its own words for.
  const json* find(const std::string& reference) const {
    const size_t mark = std::min(reference.find('#'), reference.size());
    const std::string document = reference.substr(0, mark);
    if (!document.empty() && id_ != json(document)) return nullptr;
    std::string pointer = reference.substr(std::min(mark + 1, reference.size()));
    pointer.erase(pointer.find_last_not_of('/') + 1);  // as valijson does
    try {
      return &schema_.at(json::json_pointer(pointer));
    } catch (const json::exception&) {
      return nullptr;
    }
  }

  const json& schema_;
  const std::string& file_;
  const json id_;
  std::set<const json*> under_way_, followed_;
};

}  // namespace

void check_schema(const json& schema, const std::string& file) { SchemaCheck(schema, file).look_through(schema); }

}  // namespace easel::jsonl
