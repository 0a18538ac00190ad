// JSON text as two Python writers print it, for files that are compared with theirs byte for byte:
// json.dumps (", " and ": " between parts, ASCII only) and pandas' DataFrame.to_json
// (no spaces, ASCII only, '/' escaped).
#pragma once

#include <string>
#include <string_view>

#include "jsonl/object.h"

namespace easel::jsonl {

// repr(float): the shortest digits that read back as the same value; "1.0", "1e-05", "1e+16".
std::string python_float(double value);

// json.dumps(value), members in their order.
std::string python_dumps(const Json& value);

// A string literal, quotes included, as pandas writes it. Ill-formed UTF-8 becomes U+FFFD.
std::string pandas_string(std::string_view text);

}  // namespace easel::jsonl
