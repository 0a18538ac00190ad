#include "base/signals.h"

#include <csignal>
#include <cstring>

#include "base/error.h"

namespace easel::base {

namespace {
volatile std::sig_atomic_t stop_signal = 0;

void on_stop(int signal) {
  // A second one ends the program at once: the first may be waiting on something slow.
  if (stop_signal != 0) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  stop_signal = signal;
}
}  // namespace

void install_stop_signals() {
  struct sigaction action {};
  action.sa_handler = on_stop;
  sigemptyset(&action.sa_mask);
  action.sa_flags = 0;  // no SA_RESTART: a blocked read returns and the loop sees the flag
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool stop_requested() { return stop_signal != 0; }

void throw_if_stopped() {
  if (stop_signal != 0) throw Interrupted(stop_signal);
}

int stop_exit_code(int signal) { return 128 + signal; }

}  // namespace easel::base
