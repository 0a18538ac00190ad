// Messages for the person at the terminal: stderr, one line each, after the program's name.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace easel::base {

void set_program_name(const std::string& name);
const std::string& program_name();
void set_quiet(bool quiet);

void note(const std::string& message);  // silenced by --quiet
void note_block(const std::string& lines);  // a table, say: as it is, without the program's name
void warn(const std::string& message);  // never silenced

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  double lap() {  // seconds since the last lap
    const auto now = std::chrono::steady_clock::now();
    const double s = std::chrono::duration<double>(now - lap_).count();
    lap_ = now;
    return s;
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), lap_ = start_;
};

// "2026-11-22T13:45:00Z"
std::string utc_now();

// Progress on stderr: one line rewritten in place, at most ten times a second, on a terminal; with
// set_progress(true) plain lines every few seconds wherever stderr goes; nothing under --quiet.
enum class ProgressMode { kAuto, kAlways, kNever };
void set_progress(ProgressMode mode);

class Progress {
 public:
  Progress(std::string what, int64_t total);  // total 0: unknown
  ~Progress();
  void add(int64_t n = 1, const std::string& detail = "");

 private:
  void show(bool last);
  std::string what_, detail_;
  int64_t total_, done_ = 0;
  Stopwatch watch_;
  double shown_ = -1;
  bool active_ = false, in_place_ = false;
};

}  // namespace easel::base
