#include "base/log.h"

#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "base/strings.h"

namespace easel::base {

namespace {
std::string name_ = "easel";
bool quiet_ = false;
ProgressMode progress_ = ProgressMode::kAuto;

void line(const std::string& message) {
  const std::string text = cat(name_, ": ", message, "\n");
  std::fwrite(text.data(), 1, text.size(), stderr);
}
}  // namespace

void set_program_name(const std::string& name) { name_ = name; }
const std::string& program_name() { return name_; }
void set_quiet(bool quiet) { quiet_ = quiet; }

void note(const std::string& message) {
  if (!quiet_) line(message);
}
void note_block(const std::string& lines) {
  if (!quiet_) std::fwrite(lines.data(), 1, lines.size(), stderr);
}
void warn(const std::string& message) { line(message); }

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

void set_progress(ProgressMode mode) { progress_ = mode; }

Progress::Progress(std::string what, int64_t total) : what_(std::move(what)), total_(total) {
  in_place_ = isatty(2) != 0;
  active_ = !quiet_ && (progress_ == ProgressMode::kAlways ||
                        (progress_ == ProgressMode::kAuto && in_place_));
}

Progress::~Progress() {
  if (active_ && shown_ >= 0) show(true);
}

void Progress::add(int64_t n, const std::string& detail) {
  done_ += n;
  if (!active_) return;
  detail_ = detail;
  const double now = watch_.seconds();
  if (shown_ < 0 || now - shown_ > (in_place_ ? 0.1 : 5.0)) {
    shown_ = now;
    show(false);
  }
}

void Progress::show(bool last) {
  const double seconds = watch_.seconds();
  const double rate = seconds > 0 ? static_cast<double>(done_) / seconds : 0;
  std::string text = cat(name_, ": ", what_, " ", done_);
  if (total_ > 0) text += cat("/", total_);
  text += cat(", ", format_fixed(rate, rate < 10 ? 2 : 0), "/s");
  if (total_ > done_ && rate > 0) {
    text += cat(", ", format_duration(static_cast<double>(total_ - done_) / rate), " left");
  } else {
    text += cat(", ", format_duration(seconds));
  }
  if (!detail_.empty()) text += cat(", ", detail_);
  if (in_place_) text = cat("\r", text, "\x1b[K");
  if (last || !in_place_) text += "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace easel::base
