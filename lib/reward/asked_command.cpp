#include "reward/asked_command.h"

#include <unordered_map>

#include "base/error.h"
#include "base/subprocess.h"

namespace easel::reward {

using base::cat;
using base::quote;

namespace {

using Places = std::unordered_map<std::string, size_t>;

struct Run {
  const std::vector<const Item*>& items;
  size_t begin, end;
  Places places;
};

void ask(const Run& run, const std::string& command, const std::string& name, const std::string& expected,
         const std::function<void(size_t, const jsonl::Object&)>& take) {
  std::vector<bool> answered(run.items.size(), false);
  size_t next = run.begin;
  int64_t line_number = 0;
  const auto input = [&](std::string& out) {
    if (next == run.end) return false;
    out += run.items[next++]->fields.str();
    out += '\n';
    return true;
  };
  base::run_filter(command, input, [&](std::string_view line) {
    ++line_number;
    if (base::trim(line).empty()) return;
    const base::Location at{cat("answers of ", name), line_number};
    // A line that is no answer means that the program is no expert, not that one rollout is bad.
    try {
      const auto answer = jsonl::Object::parse(line, at);
      const std::string id = answer.string("id");
      const auto place = run.places.find(id);
      if (place == run.places.end()) answer.fail(cat("unknown id ", quote(id)), " ");
      if (answered[place->second]) answer.fail(cat("rollout ", quote(id), " is answered twice"), " ");
      answered[place->second] = true;
      take(place->second, answer);
    } catch (const base::RecordError& e) {
      throw base::Error(e.what(), e.hint() == " " ? "" : expected);
    }
  });
}

}  // namespace

void ask_command(const std::string& command, const std::string& name, const std::string& expected,
                 const std::vector<const Item*>& items,
                 const std::function<void(size_t, const jsonl::Object&)>& take) {
  for (size_t begin = 0; begin < items.size();) {
    Run run{items, begin, begin, {}};
    while (run.end < items.size() && run.places.emplace(items[run.end]->rollout.id, run.end).second) ++run.end;
    ask(run, command, name, expected, take);
    begin = run.end;
  }
}

}  // namespace easel::reward
