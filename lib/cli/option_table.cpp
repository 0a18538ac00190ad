#include "cli/option_table.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <sstream>
#include <stdexcept>

#include "base/error.h"
#include "base/log.h"

namespace easel::cli {

using base::cat;
using base::fail_usage;
using base::quote;

namespace {

int64_t to_int(const std::string& flag, const std::string& text) {
  const auto value = base::parse_int(text);
  if (!value) fail_usage(cat(flag, ": expected a whole number, got ", quote(text)));
  return *value;
}

double to_double(const std::string& flag, const std::string& text) {
  const auto value = base::parse_double(text);
  if (!value || !std::isfinite(*value)) {
    fail_usage(cat(flag, ": expected a number, got ", quote(text)));
  }
  return *value;
}

}  // namespace

OptionHandle& OptionHandle::choices(std::vector<std::string> allowed) {
  entry_->choices = allowed;
  auto set = entry_->set;
  const std::string flag = entry_->flag;
  entry_->set = [=](const std::vector<std::string>& values) {
    for (const auto& value : values) {
      if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
        fail_usage(cat(flag, ": expected ", base::join(allowed, " or "), ", got ", quote(value)));
      }
    }
    set(values);
  };
  return *this;
}

OptionHandle& OptionHandle::required() {
  entry_->required = true;
  return *this;
}

OptionHandle& OptionHandle::range(double low, double high) {
  auto set = entry_->set;
  const std::string flag = entry_->flag;
  entry_->set = [=](const std::vector<std::string>& values) {
    for (const auto& text : values) {
      const double value = to_double(flag, text);
      if (value < low || value > high) {
        const std::string expected =
            std::isinf(high) ? cat("at least ", low) : cat("a number from ", low, " to ", high);
        fail_usage(cat(flag, ": expected ", expected, ", got ", text));
      }
    }
    set(values);
  };
  return *this;
}

OptionHandle& OptionHandle::default_text(std::string text) {
  entry_->default_text = std::move(text);
  return *this;
}

OptionHandle OptionTable::add(const std::string& flag, const std::string& metavar,
                              const std::string& help, const std::string& default_text,
                              std::function<void(const std::vector<std::string>&)> set) {
  auto entry = std::make_shared<OptionEntry>();
  entry->flag = flag;
  entry->metavar = metavar;
  entry->help = help;
  entry->default_text = default_text;
  entry->common = common_;
  entry->set = std::move(set);
  entries_.push_back(entry);
  return OptionHandle(entry);
}

OptionHandle OptionTable::option(const std::string& flag, std::string& value,
                                 const std::string& metavar, const std::string& help) {
  return add(flag, metavar, help, value, [&value](const auto& v) { value = v.back(); });
}

OptionHandle OptionTable::option(const std::string& flag, int64_t& value,
                                 const std::string& metavar, const std::string& help) {
  return add(flag, metavar, help, cat(value),
             [&value, flag](const auto& v) { value = to_int(flag, v.back()); });
}

OptionHandle OptionTable::option(const std::string& flag, double& value,
                                 const std::string& metavar, const std::string& help) {
  return add(flag, metavar, help, base::format_double(value),
             [&value, flag](const auto& v) { value = to_double(flag, v.back()); });
}

OptionHandle OptionTable::option(const std::string& flag, std::optional<int64_t>& value,
                                 const std::string& metavar, const std::string& help) {
  return add(flag, metavar, help, value ? cat(*value) : "",
             [&value, flag](const auto& v) { value = to_int(flag, v.back()); });
}

OptionHandle OptionTable::option(const std::string& flag, std::optional<std::string>& value,
                                 const std::string& metavar, const std::string& help) {
  return add(flag, metavar, help, value.value_or(""), [&value](const auto& v) { value = v.back(); });
}

OptionHandle OptionTable::option(const std::string& flag, std::optional<double>& value,
                                 const std::string& metavar, const std::string& help) {
  return add(flag, metavar, help, value ? base::format_double(*value) : "",
             [&value, flag](const auto& v) { value = to_double(flag, v.back()); });
}

OptionHandle OptionTable::option(const std::string& flag, std::vector<std::string>& values,
                                 const std::string& metavar, const std::string& help) {
  OptionHandle handle = add(flag, metavar, help, base::join(values, " "),
                            [&values](const auto& v) { values = v; });
  entries_.back()->repeated = true;
  return handle;
}

OptionHandle OptionTable::toggle(const std::string& flag, bool& value, const std::string& help) {
  return add(flag, "", help, "", [&value](const auto& v) { value = v.back() == "true"; });
}

OptionHandle OptionTable::positional(std::vector<std::string>& values, const std::string& metavar,
                                     const std::string& help) {
  OptionHandle handle = add(metavar, metavar, help, "", [&values](const auto& v) { values = v; });
  entries_.back()->repeated = entries_.back()->positional = true;
  return handle;
}

OptionTable& OptionTable::command(const std::string& name, std::string* chosen,
                                  const std::string& purpose) {
  commands_.push_back(std::make_unique<OptionTable>(program_));
  OptionTable& table = *commands_.back();
  table.name_ = name;
  table.purpose_ = purpose;
  table.chosen_ = chosen;
  return table;
}

namespace {

// What is wrong with a switch's value; CLI11 itself throws what std::stoll does.
std::string switch_problem(const std::string& value) {
  try {
    CLI::detail::to_flag_value(value);
    return "";
  } catch (const std::logic_error&) {
    return cat("expected true or false, got ", quote(value));
  }
}

// Where a line's comment begins: at the first '#' that is not within quotes, which open before a value or a part of it.
size_t comment_begin(const std::string& line) {
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '#') return i;
    const bool opens = i == 0 || std::string_view(" \t=,[").find(line[i - 1]) != std::string_view::npos;
    if (!opens || std::string_view("\"'`").find(line[i]) == std::string_view::npos) continue;
    size_t end = line.find(line[i], i + 1);
    while (end != std::string::npos && line[end - 1] == '\\') end = line.find(line[i], end + 1);
    if (end != std::string::npos) i = end;
  }
  return line.size();
}

// CLI11 takes a '#' within quotes for the beginning of a comment.
class QuotingConfig : public CLI::ConfigTOML {
 public:
  QuotingConfig() { comment('\x01'); }  // none that a file has: comments are gone before
  std::vector<CLI::ConfigItem> from_config(std::istream& file) const override {
    std::stringstream without_comments;
    for (std::string line; std::getline(file, line);) without_comments << line.substr(0, comment_begin(line)) << '\n';
    return CLI::ConfigTOML::from_config(without_comments);
  }
};

}  // namespace

// Binds a table to CLI11.
class OptionParser {
 public:
  static void bind(CLI::App& app, const OptionTable& table, std::vector<GivenOption>& given) {
    for (const auto& entry : table.entries_) {
      CLI::callback_t set = [entry, &given](const CLI::results_t& values) {
        entry->set(values);
        given.push_back({entry->flag, values});
        return true;
      };
      CLI::Option* option = nullptr;
      if (entry->positional) {
        option = app.add_option(entry->flag, set, entry->help)
                     ->expected(1, CLI::detail::expected_max_vector_size)
                     ->allow_extra_args(true);
      } else if (entry->metavar.empty()) {
        // --flag, --flag=false, and flag = true or false in a --config file.
        option = app.add_flag_function(
            entry->flag, [set](int64_t count) { set({count > 0 ? "true" : "false"}); }, entry->help);
        option->check(switch_problem);
      } else {
        option = app.add_option(entry->flag, set, entry->help);
        if (entry->repeated) {
          option->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args(false);
        }
      }
      if (entry->required) option->required();
    }
    for (const auto& command : table.commands_) {
      CLI::App* sub = app.add_subcommand(command->name_, command->purpose_);
      sub->fallthrough();
      const OptionTable* chosen = command.get();
      sub->callback([chosen] { *chosen->chosen_ = chosen->name_; });
      bind(*sub, *command, given);
    }
    if (!table.commands_.empty()) app.require_subcommand(1);
  }
};

bool OptionTable::parse(int argc, char** argv) {
  CLI::App app(purpose_, program_);
  app.set_help_flag();
  bool help = false, version = false, man = false, completion = false;
  app.add_flag("--help,-h", help);
  app.add_flag("--version", version);
  app.add_flag("--man", man);
  app.add_flag("--bash-completion", completion);
  app.set_config("--config")->check(CLI::ExistingFile);
  app.config_formatter(std::make_shared<QuotingConfig>());
  app.allow_config_extras(CLI::config_extras_mode::error);
  // An answer to --help must not depend on the other arguments being complete.
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--") break;
    std::string answer;
    if (argument == "--help" || argument == "-h") answer = help_text();
    if (argument == "--version") answer = cat(program_, " (easel) ", EASEL_VERSION, "\n");
    if (argument == "--man") answer = man_page();
    if (argument == "--bash-completion") answer = bash_completion();
    if (!answer.empty()) {
      if (std::fwrite(answer.data(), 1, answer.size(), stdout) < answer.size() || std::fflush(stdout) != 0) {
        base::fail_errno("cannot write standard output", errno);
      }
      return false;
    }
  }
  given_.clear();
  OptionParser::bind(app, *this, given_);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    fail_usage(base::replace_all(e.what(), "\n", " "));
  }
  return true;
}

// Help, man page and completion.
class HelpWriter {
 public:
  static std::string wrap(const std::string& text, size_t indent, size_t first_column) {
    constexpr size_t kWidth = 96;
    std::string out;
    size_t column = first_column;
    bool first = true;
    for (const auto& word : base::split_words(text)) {
      if (!first && column + 1 + word.size() > kWidth) {
        out += "\n" + std::string(indent, ' ');
        column = indent;
      } else if (!first) {
        out += " ";
        ++column;
      }
      out += word;
      column += word.size();
      first = false;
    }
    return out;
  }

  static std::string paragraphs(const std::string& text) {
    std::string out;
    size_t begin = 0;
    while (begin < text.size()) {
      size_t end = text.find("\n\n", begin);
      if (end == std::string::npos) end = text.size();
      out += wrap(text.substr(begin, end - begin), 0, 0) + "\n\n";
      begin = end + 2;
    }
    return out;
  }

  static std::string left(const OptionEntry& e) {
    return e.positional || e.metavar.empty() ? e.flag : cat(e.flag, " ", e.metavar);
  }

  static std::string full_help(const OptionEntry& e) {
    std::string help = e.help;
    if (!e.choices.empty()) help += cat(": ", base::join(e.choices, ", "));
    if (e.repeated && !e.positional) help += "; may be repeated";
    if (e.required) help += " (required)";
    if (!e.default_text.empty()) help += cat(" (default: ", e.default_text, ")");
    return help;
  }

  static void add_options(std::string& out, const std::vector<std::shared_ptr<OptionEntry>>& es,
                          bool common) {
    constexpr size_t kIndent = 28;
    for (const auto& e : es) {
      if (e->common != common) continue;
      std::string line = "  " + left(*e);
      if (line.size() + 2 > kIndent) {
        out += line + "\n";
        line.clear();
      }
      line.resize(kIndent, ' ');
      out += line + wrap(full_help(*e), kIndent, kIndent) + "\n";
    }
  }

  static const std::vector<std::shared_ptr<OptionEntry>>& always() {
    static const auto* entries = [] {
      auto* list = new std::vector<std::shared_ptr<OptionEntry>>;
      const auto add = [&](const char* flag, const char* metavar, const char* help) {
        auto e = std::make_shared<OptionEntry>();
        e->flag = flag;
        e->metavar = metavar;
        e->help = help;
        e->common = true;
        list->push_back(e);
      };
      add("--config", "FILE", "read options from a TOML or INI file");
      add("--help", "", "print this and exit");
      add("--version", "", "print the version and exit");
      return list;
    }();
    return *entries;
  }
};

std::string OptionTable::help_text() const {
  std::string out = cat(program_, ": ", purpose_, "\n\n");
  for (size_t i = 0; i < usages_.size(); ++i) {
    out += cat(i == 0 ? "Usage: " : "       ", program_, " ", usages_[i], "\n");
  }
  out += "\n" + HelpWriter::paragraphs(description_);
  if (!examples_.empty()) {
    out += examples_.size() == 1 ? "Example:\n" : "Examples:\n";
    for (const auto& e : examples_) out += cat("  ", e, "\n");
    out += "\n";
  }
  for (const auto& command : commands_) {
    out += cat(program_, " ", command->name_, ": ", command->purpose_, "\n");
    HelpWriter::add_options(out, command->entries_, false);
    out += "\n";
  }
  std::string own, common;
  HelpWriter::add_options(own, entries_, false);
  if (!own.empty()) out += cat("Options:\n", own, "\n");
  HelpWriter::add_options(common, entries_, true);
  HelpWriter::add_options(common, HelpWriter::always(), true);
  out += cat("Common options:\n", common);
  if (!see_also_.empty()) out += cat("\nSee also: ", base::join(see_also_, ", "), "\n");
  return out;
}

namespace {
std::string troff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  if (!out.empty() && (out[0] == '.' || out[0] == '\'')) out = "\\&" + out;
  return out;
}
}  // namespace

std::string OptionTable::man_page() const {
  std::string upper = program_;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string out = cat(".TH ", upper, " 1 \"\" \"easel ", EASEL_VERSION, "\" \"Easel\"\n");
  out += cat(".SH NAME\n", troff(program_), " \\- ", troff(purpose_), "\n.SH SYNOPSIS\n");
  for (const auto& usage : usages_) {
    out += cat(".B ", troff(program_), "\n", troff(usage), "\n.br\n");
  }
  out += ".SH DESCRIPTION\n";
  for (const auto& paragraph : base::split(base::replace_all(description_, "\n\n", "\x01"), '\x01')) {
    out += cat(".PP\n", troff(base::join(base::split_words(paragraph), " ")), "\n");
  }
  const auto options = [&](const std::vector<std::shared_ptr<OptionEntry>>& entries, bool common) {
    for (const auto& e : entries) {
      if (e->common != common) continue;
      out += cat(".TP\n.B ", troff(e->flag));
      if (!e->positional && !e->metavar.empty()) out += cat(" \\fI", troff(e->metavar), "\\fR");
      out += cat("\n", troff(HelpWriter::full_help(*e)), "\n");
    }
  };
  for (const auto& command : commands_) {
    out += cat(".SH COMMAND ", troff(command->name_), "\n", troff(command->purpose_), "\n");
    options(command->entries_, false);
  }
  out += ".SH OPTIONS\n";
  options(entries_, false);
  out += ".SS Common options\n";
  options(entries_, true);
  options(HelpWriter::always(), true);
  if (!examples_.empty()) {
    out += ".SH EXAMPLES\n";
    for (const auto& e : examples_) out += cat(".nf\n", troff(e), "\n.fi\n");
  }
  out += ".SH EXIT STATUS\n0 success; 1 bad data, failed input or output, failed numerics; 2 a wrong "
         "command line; 128 + N stopped by signal N.\n";
  if (!see_also_.empty()) {
    out += ".SH SEE ALSO\n";
    for (size_t i = 0; i < see_also_.size(); ++i) {
      const bool format = see_also_[i].starts_with("easel-");
      out += cat(".BR ", troff(see_also_[i]), format ? " (5)" : " (1)",
                 i + 1 < see_also_.size() ? ",\n" : "\n");
    }
  }
  return out;
}

std::string OptionTable::bash_completion() const {
  std::vector<std::string> words = {"--config", "--help", "--version"};
  std::string cases;
  const auto collect = [&](const OptionTable& table) {
    for (const auto& e : table.entries_) {
      if (e->positional) continue;
      words.push_back(e->flag);
      if (!e->choices.empty()) {
        cases += cat("    ", e->flag, ") COMPREPLY=($(compgen -W '", base::join(e->choices, " "),
                     "' -- \"$cur\")); return;;\n");
      } else if (!e->metavar.empty()) {
        cases += cat("    ", e->flag, ") COMPREPLY=($(compgen -f -- \"$cur\")); return;;\n");
      }
    }
  };
  collect(*this);
  for (const auto& command : commands_) {
    words.push_back(command->name_);
    collect(*command);
  }
  std::string function = "_easel_" + base::replace_all(program_, "-", "_");
  return cat(function, "() {\n  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n",
             "  case $prev in\n", cases, "  esac\n  if [[ $cur == -* ]]; then\n",
             "    COMPREPLY=($(compgen -W '", base::join(words, " "), "' -- \"$cur\"))\n  else\n",
             "    COMPREPLY=($(compgen -f -- \"$cur\"))\n  fi\n}\ncomplete -o filenames -F ",
             function, " ", program_, "\n");
}

}  // namespace easel::cli
