#include "reward/exec_expert.h"

#include <unordered_map>

#include "base/error.h"
#include "base/subprocess.h"
#include "record/answer.h"

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
    // Answers are told apart by id, so rollouts of one id (the same prompt, drawn again by a later
    // policy) go to separate runs of the command.
    for (size_t begin = 0; begin < items.size();) {
      Places places;
      size_t end = begin;
      while (end < items.size() && places.emplace(items[end]->rollout.id, end).second) ++end;
      ask(items, begin, end, places, scores);
      begin = end;
    }
    return scores;
  }

 private:
  using Places = std::unordered_map<std::string, size_t>;

  void ask(const std::vector<const Item*>& items, size_t begin, size_t end, const Places& places,
           std::vector<Score>& scores) const {
    std::vector<bool> answered(items.size(), false);
    size_t next = begin;
    int64_t line_number = 0;
    const auto input = [&](std::string& out) {
      if (next == end) return false;
      out += items[next++]->fields.str();
      out += '\n';
      return true;
    };
    const auto take = [&](std::string_view line) {
      ++line_number;
      if (base::trim(line).empty()) return;
      const base::Location at{cat("answers of expert ", quote(name_)), line_number};
      const auto answer = parse(line, at);
      const auto place = places.find(answer.id);
      if (place == places.end()) base::fail(cat(at.str(), ": unknown id ", quote(answer.id)));
      if (answered[place->second]) {
        base::fail(cat(at.str(), ": rollout ", quote(answer.id), " is answered twice"));
      }
      answered[place->second] = true;
      if (answer.value) scores[place->second] = Score::of(*answer.value);
    };
    base::run_filter(command_, input, take);
  }

  // A line that is no answer means that the program is no expert, not that one rollout is bad.
  static record::ExpertAnswer parse(std::string_view line, const base::Location& at) {
    try {
      return record::ExpertAnswer::parse(jsonl::Object::parse(line, at));
    } catch (const base::RecordError& e) {
      throw base::Error(e.what(), "expected lines {\"id\":\"...\",\"value\":0.5}");
    }
  }

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
