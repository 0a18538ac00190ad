// Another program as a filter: lines in, lines out, both at once.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace easel::base {

// Runs `command` with /bin/sh -c. next_input appends some input to the string and returns true, or
// returns false when there is no more; it is called as the command reads. on_line gets each line
// that the command writes, without its newline, as it comes. Reading and writing take turns by
// poll(), so neither side can block the other. Standard error is shared.
//
// A command that stops reading early is no error in itself. Throws Error when it cannot be started,
// exits with another code than 0, or dies of a signal; when a callback throws, or a stop is asked
// for, the command is stopped first.
void run_filter(const std::string& command, const std::function<bool(std::string&)>& next_input,
                const std::function<void(std::string_view)>& on_line);

// A word for /bin/sh that stands for exactly this text.
std::string shell_quote(std::string_view text);
// The program of that name beside the one that runs, whatever PATH says; throws Error when there is none.
std::string sibling_program(const std::string& name);

}  // namespace easel::base
