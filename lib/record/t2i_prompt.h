// What T2I-R1's prompts say that is in the picture (its data set's own fields).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jsonl/object.h"

namespace easel::record {

struct T2iAnnotations {
  std::vector<std::string> nouns, attr_nouns;
  std::string task_type;  // spatial, numeracy, color, ...; "" when absent
  struct Spatial {
    std::string first, second, locality;  // obj1 is `locality` obj2: "left of"
  };
  std::optional<Spatial> spatial;
  std::vector<std::pair<std::string, int64_t>> numeracy;  // name, how many

  // Throws RecordError for a field of another form.
  static T2iAnnotations parse(const jsonl::Object& record);
};

}  // namespace easel::record
