// Errors that a user sees. Everything throws; cli::run_tool alone prints and picks the exit code.
//
// A message reads "file:line: what is wrong; expected X, got Y" (the program's name is put before
// it), and a hint, if any, goes on a line of its own.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/strings.h"

namespace easel::base {

// Bad data, failed I/O, failed numerics: exit 1.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, std::string hint = "")
      : std::runtime_error(message), hint_(std::move(hint)) {}
  const std::string& hint() const { return hint_; }

 private:
  std::string hint_;
};

// One record of a stream is bad: --max-bad may allow going on without it.
class RecordError : public Error {
 public:
  using Error::Error;
};

// A command line that cannot be meant: exit 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

// The user stopped the program (SIGINT, SIGTERM): exit 128 + signal, after a clean stop.
class Interrupted : public Error {
 public:
  explicit Interrupted(int signal)
      : Error(cat("stopped by signal ", signal, "; what was finished is kept")), signal_(signal) {}
  int signal() const { return signal_; }

 private:
  int signal_;
};

[[noreturn]] void fail(const std::string& message, const std::string& hint = "");
[[noreturn]] void fail_usage(const std::string& message, const std::string& hint = "");
// Adds the reason errno gives: "cannot open x: No such file or directory".
[[noreturn]] void fail_errno(const std::string& message, int error_number);

// Where a piece of input stands. line 0: the file as a whole.
struct Location {
  std::string file;
  int64_t line = 0;
  std::string str() const;  // "file:line", "file", or "<stdin>:line" for "-"
};

// Throws RecordError.
[[noreturn]] void fail_at(const Location& at, const std::string& message,
                          const std::string& hint = "");

}  // namespace easel::base
