#include "cli/run_tool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>

#include "base/error.h"
#include "base/log.h"
#include "base/signals.h"

namespace easel::cli {

namespace {

std::vector<std::string> command_line_;
std::vector<GivenOption> given_;

bool is_secret(const std::string& flag) {
  const std::string lower = base::to_lower(flag);
  if (!lower.starts_with("--") || lower.ends_with("-var")) return false;
  if (lower == "--add-token") return false;  // of a tokenizer
  return lower.ends_with("key") || lower.ends_with("token") || lower.ends_with("password") || lower.ends_with("secret");
}

void record_command_line(int argc, char** argv) {
  bool hide_next = false;
  for (int i = 0; i < argc; ++i) {
    std::string argument = argv[i];
    const bool secret = is_secret(argument.substr(0, argument.find('=')));
    if (hide_next) {
      argument = "[removed]";
    } else if (secret && argument.find('=') != std::string::npos) {
      argument = argument.substr(0, argument.find('=') + 1) + "[removed]";
    }
    hide_next = !hide_next && secret && argument.find('=') == std::string::npos;
    command_line_.push_back(argument);
  }
}

void report(const std::string& message, const std::string& hint = "") {
  // One line: whatever came from outside is already quoted; this catches libraries' own texts.
  base::warn(message.substr(0, message.find('\n')));
  if (!hint.empty()) std::fprintf(stderr, "hint: %s\n", hint.c_str());
}

int finish_stdout(int code) {
  const bool failed_before = std::ferror(stdout) != 0;  // and nobody knows why any more
  errno = 0;
  const bool failed = std::fflush(stdout) != 0 || failed_before;
  if (failed && code == 0) {
    report(base::cat("cannot write standard output", errno != 0 ? base::cat(": ", std::strerror(errno)) : ""));
    return 1;
  }
  return code;
}

// A stream that was closed when we started must not become the first file that is opened: records would go into it. In
// its place stands what cannot be read, or written.
void reserve_streams() {
  for (const int fd : {0, 1, 2}) {
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
  }
}

}  // namespace

const std::vector<std::string>& command_line() { return command_line_; }

std::vector<std::string> settings(const std::vector<std::string>& without) {
  std::vector<std::string> kept;
  for (const GivenOption& option : given_) {
    if (std::find(without.begin(), without.end(), option.flag) != without.end()) continue;
    kept.push_back(option.flag);
    kept.insert(kept.end(), option.values.begin(), option.values.end());
  }
  return kept;
}

int run(int argc, char** argv, const std::string& program,
        const std::function<void(OptionTable&)>& declare, const std::function<void()>& body) {
  reserve_streams();
  base::set_program_name(program);
  record_command_line(argc, argv);
  bool quiet = false, progress = false;
  try {
    OptionTable table(program);
    declare(table);
    table.begin_common();
    table.toggle("--quiet", quiet, "say nothing on stderr but warnings and errors");
    table.toggle("--progress", progress, "show progress even where stderr is no terminal");
    table.end_common();
    if (!table.parse(argc, argv)) return finish_stdout(0);
    given_ = table.given();
    base::set_quiet(quiet);
    if (progress) base::set_progress(base::ProgressMode::kAlways);
    base::install_stop_signals();
    body();
    return finish_stdout(0);
  } catch (const base::UsageError& e) {
    report(e.what(), e.hint().empty() ? base::cat("see ", program, " --help") : e.hint());
    return finish_stdout(2);
  } catch (const base::Interrupted& e) {
    report(e.what(), e.hint());
    finish_stdout(1);
    return base::stop_exit_code(e.signal());
  } catch (const base::Error& e) {
    report(e.what(), e.hint());
    return finish_stdout(1);
  } catch (const std::bad_alloc&) {
    report("out of memory");
    return finish_stdout(1);
  } catch (const std::exception& e) {
    report(e.what());
    return finish_stdout(1);
  }
}

}  // namespace easel::cli
