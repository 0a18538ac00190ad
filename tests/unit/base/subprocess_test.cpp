// A command as a filter: no dead lock, every failure an error.
#include "base/subprocess.h"

#include <gtest/gtest.h>

#include <csignal>

#include "base/error.h"
#include "base/log.h"

namespace easel::base {
namespace {

// Runs the command over n numbered lines; returns its output lines.
std::vector<std::string> filter(const std::string& command, int n) {
  std::vector<std::string> out;
  int i = 0;
  run_filter(
      command,
      [&](std::string& input) {
        if (i >= n) return false;
        input += cat("line ", i++, " ", std::string(100, 'x'), "\n");
        return true;
      },
      [&](std::string_view line) { out.emplace_back(line); });
  return out;
}

std::string error_of(const std::string& command, int n = 3) {
  try {
    filter(command, n);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

TEST(RunFilter, PassesEverythingThrough) {
  const auto lines = filter("cat", 20000);  // 2 MB: more than any pipe holds
  ASSERT_EQ(lines.size(), 20000U);
  EXPECT_EQ(lines[19999].substr(0, 11), "line 19999 ");
  EXPECT_TRUE(filter("cat", 0).empty());
}

TEST(RunFilter, OutputMayExceedInput) {
  EXPECT_EQ(filter("tr x '\\n' | tr -d ' '", 2000).size(), 2000U * 101);
}

TEST(RunFilter, LastLineNeedsNoNewline) {
  EXPECT_EQ(filter("cat > /dev/null; printf 'a\\nb'", 5), (std::vector<std::string>{"a", "b"}));
}

TEST(RunFilter, CommandMayReadNothing) {
  EXPECT_EQ(filter("echo done", 100000), std::vector<std::string>{"done"});
  EXPECT_EQ(filter("head -n 1 | cut -c 1-6", 100000), std::vector<std::string>{"line 0"});
}

TEST(RunFilter, FailureIsNamed) {
  EXPECT_EQ(error_of("cat; exit 3"), "command \"cat; exit 3\" failed with exit code 3");
  EXPECT_EQ(error_of("kill -9 $$"), "command \"kill -9 $$\" was stopped by signal 9");
  EXPECT_NE(error_of("exec /no/such/program 2> /dev/null").find("failed with exit code 127"),
            std::string::npos);
}

TEST(RunFilter, ThrowingCallbackStopsTheCommand) {
  const Stopwatch watch;
  EXPECT_THROW(run_filter(
                   "echo x; exec sleep 100", [](std::string&) { return false; },
                   [](std::string_view) { fail("enough"); }),
               Error);
  EXPECT_THROW(
      run_filter(
          "sleep 100 | cat", [](std::string&) -> bool { fail("enough"); }, [](std::string_view) {}),
      Error);
  EXPECT_LT(watch.seconds(), 20);
}

TEST(RunFilter, SigpipeIsAsItWasBefore) {
  filter("true", 100000);
  sigset_t now;
  pthread_sigmask(SIG_BLOCK, nullptr, &now);
  EXPECT_FALSE(sigismember(&now, SIGPIPE));
  struct sigaction action {};
  sigaction(SIGPIPE, nullptr, &action);
  EXPECT_EQ(action.sa_handler, SIG_DFL);
}

}  // namespace
}  // namespace easel::base
