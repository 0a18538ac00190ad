// A clean stop: SIGINT and SIGTERM set a flag that long loops look at between units of work.
// SIGPIPE keeps its default action.
#pragma once

namespace easel::base {

void install_stop_signals();
bool stop_requested();
// Throws Interrupted if a stop was asked for. Call where everything finished is on disk.
void throw_if_stopped();
// The signal's exit code: 128 + number.
int stop_exit_code(int signal);

}  // namespace easel::base
