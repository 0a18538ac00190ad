// The frame around every program: options in, exit code out. Nothing else maps exceptions to
// messages, and nothing else decides an exit code.
#pragma once

#include <functional>
#include <string>

#include "cli/option_table.h"

namespace easel::cli {

int run(int argc, char** argv, const std::string& program,
        const std::function<void(OptionTable&)>& declare, const std::function<void()>& body);

// declare(table, options) fills the table; body(options) does the work.
// Adds --quiet, --progress, --config, --help and --version to every program.
template <class Options>
int run_tool(int argc, char** argv, const std::string& program,
             void (*declare)(OptionTable&, Options&), void (*body)(const Options&)) {
  Options options;
  return run(
      argc, argv, program, [&](OptionTable& table) { declare(table, options); },
      [&] { body(options); });
}

// The command line as it was given, for manifests; values of options whose name says that they are
// secret ("key", "token", "password") are left out.
const std::vector<std::string>& command_line();

// The options that were given, by --config as well, and their values, without those named: what a
// result depends on, for digests that tell runs apart.
std::vector<std::string> settings(const std::vector<std::string>& without);

}  // namespace easel::cli
