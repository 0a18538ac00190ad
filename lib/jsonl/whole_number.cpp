#include "jsonl/whole_number.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace easel::jsonl {

std::optional<int64_t> whole_number(double value) {
  constexpr double kFirstInexact = 0x1p53;
  if (!(std::fabs(value) < kFirstInexact) || value != std::trunc(value)) return std::nullopt;
  return static_cast<int64_t>(value);
}

std::optional<int64_t> whole_number(const Json& value) {
  if (value.is_number_float()) return whole_number(value.get<double>());
  if (!value.is_number_integer()) return std::nullopt;
  constexpr auto kLargest = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (value.is_number_unsigned() && value.get<uint64_t>() > kLargest) return std::nullopt;
  return value.get<int64_t>();
}

}  // namespace easel::jsonl
