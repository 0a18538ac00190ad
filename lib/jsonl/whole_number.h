// Integers as JSON Schema has them: 1.0 is one too, for some writers know no other numbers.
#pragma once

#include <cstdint>
#include <optional>

#include "jsonl/object.h"

namespace easel::jsonl {

// nullopt for a value with a fraction, not finite, or so large (2^53) that a double no longer tells it from its neighbors.
std::optional<int64_t> whole_number(double value);
// nullopt also for what is no number, or an integer beyond 64 bits.
std::optional<int64_t> whole_number(const Json& value);

}  // namespace easel::jsonl
