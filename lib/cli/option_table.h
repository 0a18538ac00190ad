// One table of options per program feeds parsing, --help, the man page and bash completion.
//
//   void declare(cli::OptionTable& t, Options& o) {
//     t.purpose("add rewards to rollouts");
//     t.usage("--expert NAME[:ARGS]... [--combine EXPR] < rollouts > scored");
//     t.example("score-reward --expert shapes < rollouts.jsonl > scored.jsonl");
//     t.option("--combine", o.combine, "EXPR", "how experts combine into one reward");
//   }
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace easel::cli {

struct OptionEntry {
  std::string flag;     // "--seed"; positional arguments have no dashes: "FILE"
  std::string metavar;  // empty for a switch
  std::string help;
  std::string default_text;  // as shown; empty: none
  std::vector<std::string> choices;
  bool repeated = false, required = false, positional = false, common = false;
  std::function<void(const std::vector<std::string>&)> set;  // throws UsageError
};

// An option that was given, on the command line or by --config, and its values.
struct GivenOption {
  std::string flag;
  std::vector<std::string> values;
};

// What option() returns, for the few options that need more.
class OptionHandle {
 public:
  explicit OptionHandle(std::shared_ptr<OptionEntry> entry) : entry_(std::move(entry)) {}
  OptionHandle& choices(std::vector<std::string> allowed);  // of a string option
  OptionHandle& required();
  OptionHandle& range(double low, double high);  // of a number, both ends included
  OptionHandle& default_text(std::string text);

 private:
  std::shared_ptr<OptionEntry> entry_;
};

class OptionTable {
 public:
  explicit OptionTable(std::string program) : program_(std::move(program)) {}

  void purpose(std::string line) { purpose_ = std::move(line); }
  // Paragraphs for help and the man page, separated by "\n\n"; lines are re-wrapped.
  void description(std::string text) { description_ = std::move(text); }
  void usage(std::string arguments) { usages_.push_back(std::move(arguments)); }
  void example(std::string command) { examples_.push_back(std::move(command)); }
  void see_also(std::vector<std::string> pages) { see_also_ = std::move(pages); }

  // Flags take one value each and may come once; a vector option may be repeated.
  OptionHandle option(const std::string& flag, std::string& value, const std::string& metavar,
                      const std::string& help);
  OptionHandle option(const std::string& flag, int64_t& value, const std::string& metavar,
                      const std::string& help);
  OptionHandle option(const std::string& flag, double& value, const std::string& metavar,
                      const std::string& help);
  OptionHandle option(const std::string& flag, std::optional<int64_t>& value,
                      const std::string& metavar, const std::string& help);
  OptionHandle option(const std::string& flag, std::optional<std::string>& value,
                      const std::string& metavar, const std::string& help);
  OptionHandle option(const std::string& flag, std::optional<double>& value,
                      const std::string& metavar, const std::string& help);
  OptionHandle option(const std::string& flag, std::vector<std::string>& values,
                      const std::string& metavar, const std::string& help);
  OptionHandle toggle(const std::string& flag, bool& value, const std::string& help);
  OptionHandle positional(std::vector<std::string>& values, const std::string& metavar,
                          const std::string& help);

  // A subcommand with its own options; the chosen one's name is written to *chosen.
  OptionTable& command(const std::string& name, std::string* chosen, const std::string& purpose);

  // Everything declared until end_common() goes under "Common options".
  void begin_common() { common_ = true; }
  void end_common() { common_ = false; }

  // Throws UsageError. Returns false if help, version or another answer was printed instead.
  bool parse(int argc, char** argv);
  // What parse() found, in the order of declaration.
  const std::vector<GivenOption>& given() const { return given_; }

  std::string help_text() const;
  std::string man_page() const;
  std::string bash_completion() const;

 private:
  OptionHandle add(const std::string& flag, const std::string& metavar, const std::string& help,
                   const std::string& default_text,
                   std::function<void(const std::vector<std::string>&)> set);
  std::string program_, name_, purpose_, description_;
  std::string* chosen_ = nullptr;
  std::vector<std::string> usages_, examples_, see_also_;
  std::vector<std::shared_ptr<OptionEntry>> entries_;
  std::vector<std::unique_ptr<OptionTable>> commands_;
  std::vector<GivenOption> given_;
  bool common_ = false;
  friend class OptionParser;
  friend class HelpWriter;
};

}  // namespace easel::cli
