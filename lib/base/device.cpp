#include "base/device.h"

#include "base/error.h"
#include "base/strings.h"

namespace easel::base {

int parse_device(std::string_view device) {
  if (device == "cpu") return kCpu;
  if (device == "cuda") return 0;
  constexpr std::string_view kNumbered = "cuda:";
  const auto number = device.starts_with(kNumbered) ? parse_int(device.substr(kNumbered.size())) : std::nullopt;
  if (!number || *number < 0 || *number > 127) {
    fail_usage(cat("--device: expected cpu, cuda or cuda:N, got ", quote(device)));
  }
  return static_cast<int>(*number);
}

}  // namespace easel::base
