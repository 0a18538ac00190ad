#include "reward/expert.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "reward/detector_expert.h"
#include "reward/exec_expert.h"
#include "reward/janus_judge_model.h"
#include "reward/judges.h"
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

constexpr const char* kKnown =
    "experts: shapes, shapes:partial, exec:COMMAND, detector:shapes, detector:exec:COMMAND, binary, orm, vqa (each alone or "
    ":janus:DIR), got-sem, got-spa (got-spa:shapes, got-spa:janus:DIR), got-pi, got-ri (got-ri:shapes, got-ri:exec:COMMAND)";

class Factory {
 public:
  explicit Factory(const ExpertOptions& options)
      : options_(options),
        judge_options_{options.root, judge_prompts(options.judge_prompts), parse_layout_view(options.layout_view),
                       static_cast<int>(options.endpoint.picture_size)} {}
  NamedExpert make(const std::string& spec);

 private:
  std::unique_ptr<Expert> expert(const std::string& spec, const std::string& kind, const std::string& args, const std::string& name);
  std::shared_ptr<JudgeModel> judge_model(const std::string& spec, const std::string& kind, const std::string& args);

  const ExpertOptions& options_;
  JudgeOptions judge_options_;
  std::map<std::string, std::shared_ptr<JudgeModel>> models_;  // by arguments
};

std::shared_ptr<JudgeModel> Factory::judge_model(const std::string& spec, const std::string& kind, const std::string& args) {
  auto& model = models_[args];
  if (model) return model;
  constexpr std::string_view kJanus = "janus:";
  if (args.empty()) {
    if (options_.endpoint.client.endpoints.empty()) {
      fail_usage(cat("--expert ", quote(spec), ": a judge needs --endpoint and --judge-model",
                     kind.starts_with("got-") ? "" : ", or a policy's folder: janus:DIR"));
    }
    model = make_endpoint_judge_model(options_.endpoint);
  } else if (args.starts_with(kJanus) && args.size() > kJanus.size() && (kind == "got-spa" || !kind.starts_with("got-"))) {
    model = make_janus_judge_model({args.substr(kJanus.size()), options_.device, options_.dtype, options_.threads,
                                    options_.judge_system});
  } else {
    fail_usage(cat("--expert ", quote(spec), ": unknown arguments ", quote(args)), kKnown);
  }
  return model;
}

std::unique_ptr<Expert> Factory::expert(const std::string& spec, const std::string& kind, const std::string& args,
                                        const std::string& name) {
  if (kind == "shapes") return make_shapes_expert(args, options_);
  if (kind == "exec") return make_exec_expert(args, name);
  const std::string flag = cat("--expert ", quote(spec));
  if (kind == "detector") {
    return make_detector_expert(make_detection_source(args.empty() ? "shapes" : args, options_, flag),
                                {.compat = options_.compat == "t2i-r1"});
  }
  if (kind == "got-ri" && !args.empty()) return make_overlap_expert(make_detection_source(args, options_, flag));
  if (kind == "got-spa" && args == "shapes") return make_layout_expert();
  if (auto judge = make_judge(kind, judge_options_)) return make_judge_expert(std::move(judge), judge_model(spec, kind, args));
  if (kind == "hps" || kind == "clip") {
    fail_usage(cat("--expert ", quote(spec), ": ", kind, " is not built in"),
               cat("--expert ", kind, "=exec:COMMAND takes its values from a program of yours"));
  }
  fail_usage(cat("--expert ", quote(spec), ": unknown expert ", quote(kind)), kKnown);
}

NamedExpert Factory::make(const std::string& spec) {
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
  return {name, expert(spec, kind, args, name)};
}

}  // namespace

std::vector<NamedExpert> make_experts(const std::vector<std::string>& specs,
                                      const ExpertOptions& options) {
  Factory factory(options);
  std::vector<NamedExpert> experts;
  for (const auto& spec : specs) {
    experts.push_back(factory.make(spec));
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
