// What the kernel says of this process's memory.
#pragma once

#include <cstdlib>
#include <fstream>
#include <string>

namespace easel::bench {

// A line of /proc/self/status in MiB: "VmRSS" now, "VmHWM" at its highest, "RssAnon" without files.
inline double resident_mib(const std::string& name) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(name + ":")) return std::atof(line.c_str() + name.size() + 1) / 1024;
  }
  return 0;
}

}  // namespace easel::bench
