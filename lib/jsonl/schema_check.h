// What valijson does not survive in a schema, looked for before the schema is given to it.
#pragma once

#include <string>

#include "jsonl/object.h"

namespace easel::jsonl {

// Throws Error, naming the file, for a schema whose references lead back to where they began without a step into the
// record ({"$ref":"#"}), one that is nested too deeply, and one with a pattern that is no regular expression.
void check_schema(const nlohmann::json& schema, const std::string& file);

}  // namespace easel::jsonl
