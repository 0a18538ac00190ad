// Prompts, with GenEval's fields where they are present (schemas/prompt.v1.schema.json).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "jsonl/stream.h"

namespace easel::record {

// One clause of GenEval's `include` or `exclude`.
struct ObjectClause {
  std::string class_name;
  int64_t count = 1;
  std::optional<std::string> color;
  // "left of" and the index in `include` of the object it is left of.
  std::optional<std::pair<std::string, int64_t>> position;
};

// What GenEval checks in an image.
struct GenevalMetadata {
  std::string tag;
  std::vector<ObjectClause> include, exclude;
  static bool present(const jsonl::Object& record);
  static GenevalMetadata parse(const jsonl::Object& record);
  void write(jsonl::Object& record) const;  // tag, include, exclude (if any)
};

struct Prompt {
  std::string id;
  std::string prompt;
  jsonl::Object fields;  // the whole record as it was read, id included

  static Prompt parse(jsonl::Object record, int64_t index);
};

// "00042": the id of a prompt that brings none, its place in the input.
std::string default_id(int64_t index);

// Reads prompt records, or plain lines when text is true, until `body` returns false. Ids must be distinct.
// Returns the number of bad records passed over.
int64_t for_each_prompt(jsonl::LineReader& reader, bool text, int64_t max_bad,
                        const std::function<bool(Prompt&)>& body);

}  // namespace easel::record
