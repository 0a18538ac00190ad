// What a program that scores rollouts writes for each: {"id": "p0042-3", "value": 0.75}
// (schemas/answer.v1.schema.json).
#pragma once

#include <optional>
#include <string>

#include "jsonl/object.h"

namespace easel::record {

struct ExpertAnswer {
  std::string id;               // of a rollout
  std::optional<double> value;  // null or absent: unscored

  static ExpertAnswer parse(const jsonl::Object& record) {
    return {record.string("id"), record.optional_number("value")};
  }
};

}  // namespace easel::record
