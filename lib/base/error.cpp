#include "base/error.h"

#include <cstring>

namespace easel::base {

void fail(const std::string& message, const std::string& hint) { throw Error(message, hint); }

void fail_usage(const std::string& message, const std::string& hint) {
  throw UsageError(message, hint);
}

void fail_errno(const std::string& message, int error_number) {
  throw Error(cat(message, ": ", std::strerror(error_number)));
}

std::string Location::str() const {
  std::string name = file == "-" || file.empty() ? "<stdin>" : file;
  return line > 0 ? cat(name, ":", line) : name;
}

void fail_at(const Location& at, const std::string& message, const std::string& hint) {
  throw RecordError(cat(at.str(), ": ", message), hint);
}

}  // namespace easel::base
