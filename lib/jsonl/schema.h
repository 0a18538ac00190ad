// Records checked against a JSON Schema (draft-07), as schemas/ has them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "jsonl/object.h"

namespace easel::jsonl {

class Schema {
 public:
  // A file, or the name of one of Easel's own: "rollout", "rollout.v1". Throws Error when there is
  // no such schema or it is damaged.
  explicit Schema(const std::string& name_or_file);
  ~Schema();

  // What is wrong with a JSON text, a line each; empty when it conforms:
  //   "/finish: Failed to match against any enum values"
  std::vector<std::string> violations(std::string_view json_text) const;

  // Names of Easel's own schemas, with version, sorted; empty where their folder is not found.
  static std::vector<std::string> names();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace easel::jsonl
