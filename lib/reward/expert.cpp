#include "reward/expert.h"

#include <algorithm>

#include "base/error.h"
#include "reward/exec_expert.h"
#include "reward/shapes_expert.h"

namespace easel::reward {

using base::cat;
using base::fail_usage;
using base::quote;

namespace {

bool is_name(const std::string& text) {
  const auto ok = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !text.empty() && std::isalpha(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), ok);
}

}  // namespace

NamedExpert make_expert(const std::string& spec, const ExpertOptions& options) {
  // A '=' before the first ':' renames; one after it belongs to the arguments.
  const size_t colon = spec.find(':');
  const size_t equals = spec.substr(0, colon).find('=');
  const size_t begin = equals == std::string::npos ? 0 : equals + 1;
  const std::string kind = spec.substr(begin, colon == std::string::npos ? colon : colon - begin);
  const std::string args = colon == std::string::npos ? "" : spec.substr(colon + 1);
  const std::string name = equals == std::string::npos ? kind : spec.substr(0, equals);
  if (!is_name(name)) {
    fail_usage(cat("--expert ", quote(spec), ": expected a name of letters, digits, '-' and '_' ",
                   "that begins with a letter, got ", quote(name)));
  }
  if (kind == "shapes") return {name, make_shapes_expert(args, options)};
  if (kind == "exec") return {name, make_exec_expert(args, name)};
  fail_usage(cat("--expert ", quote(spec), ": unknown expert ", quote(kind)),
             "experts: shapes, shapes:partial, exec:COMMAND");
}

std::vector<NamedExpert> make_experts(const std::vector<std::string>& specs,
                                      const ExpertOptions& options) {
  std::vector<NamedExpert> experts;
  for (const auto& spec : specs) {
    experts.push_back(make_expert(spec, options));
    for (size_t i = 0; i + 1 < experts.size(); ++i) {
      if (experts[i].name == experts.back().name) {
        fail_usage(
            cat("--expert ", quote(spec), ": the name ", quote(experts[i].name), " is taken"),
            "rename one: --expert NAME=EXPERT:ARGS");
      }
    }
  }
  return experts;
}

}  // namespace easel::reward
