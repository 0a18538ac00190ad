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
  bool has_nouns = false;  // the field is there, be it an empty list
  // What is asked of the picture: as task_type says, which is color, texture, ... for kObjects, whatever other fields are
  // there (some `complex` rows have spatial_info); without one, as the fields say.
  enum class Kind { kSpatial, kNumeracy, kObjects } kind = Kind::kObjects;
  struct Spatial {
    std::string first, second, locality;  // obj1 is `locality` obj2: "left of"
  };
  std::optional<Spatial> spatial;
  std::vector<std::pair<std::string, int64_t>> numeracy;  // name, how many

  // Throws RecordError for a field of another form.
  static T2iAnnotations parse(const jsonl::Object& record);
};

}  // namespace easel::record
