#include "reward/exec_expert.h"

#include "base/error.h"
#include "record/answer.h"
#include "reward/asked_command.h"

namespace easel::reward {

using base::cat;
using base::quote;

namespace {

class ExecExpert : public Expert {
 public:
  ExecExpert(std::string command, std::string name)
      : command_(std::move(command)), name_(std::move(name)) {}

  Range range() const override { return {}; }  // whatever the program means by its numbers

  std::vector<Score> score(const std::vector<const Item*>& items) override {
    std::vector<Score> scores(items.size(), Score::unscored("the command gave no value"));
    ask_command(command_, cat("expert ", quote(name_)), "expected lines {\"id\":\"...\",\"value\":0.5}", items,
                [&](size_t i, const jsonl::Object& answer) {
                  const auto parsed = record::ExpertAnswer::parse(answer);
                  if (parsed.value) scores[i] = Score::of(*parsed.value);
                });
    return scores;
  }

 private:
  std::string command_, name_;
};

}  // namespace

std::unique_ptr<Expert> make_exec_expert(const std::string& command, const std::string& name) {
  if (base::trim(command).empty()) {
    base::fail_usage("--expert exec: expected exec:COMMAND, got no command");
  }
  return std::make_unique<ExecExpert>(command, name);
}

}  // namespace easel::reward
