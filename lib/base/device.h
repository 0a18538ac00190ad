// The value of --device.
#pragma once

#include <string_view>

namespace easel::base {

inline constexpr int kCpu = -1;

// kCpu for "cpu", 0 for "cuda", N for "cuda:N" (at most 127). Throws UsageError for any other text.
int parse_device(std::string_view device);

}  // namespace easel::base
