#include "record/external_annotator.h"

#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/subprocess.h"
#include "record/annotation.h"

namespace easel::record {

using base::cat;
using jsonl::Object;

void annotate_externally(const std::string& command,
                         const std::function<std::optional<ImageRef>()>& next,
                         const std::function<void(const std::string& id, const Object&)>& accept,
                         const std::function<void(const std::string& id, const base::RecordError&)>& refuse) {
  struct Sent {
    std::string image;
    bool answered = false;
  };
  std::unordered_map<std::string, Sent> sent;
  std::string first_missing;
  auto first = next();
  if (!first) return;  // nothing to do: a command that loads a model is not started
  const auto next_input = [&](std::string& input) {
    const auto ref = first ? std::exchange(first, std::nullopt) : next();
    if (!ref) return false;
    sent.emplace(ref->id, Sent{ref->image});
    Object record;
    ref->write(record);
    input += record.str();
    input += '\n';
    return true;
  };
  int64_t line_number = 0;
  const base::Location output{cat("output of ", base::quote(command))};
  // What the program wrote wrong is an error of the whole run, not of one picture.
  const auto whole = [](const base::RecordError& e) { throw base::Error(e.what(), e.hint()); };
  const auto on_line = [&](std::string_view line) {
    ++line_number;
    if (base::trim(line).empty()) return;
    try {
      Object record = Object::parse(line, {output.file, line_number});
      const std::string id = record.string("id");
      const auto found = sent.find(id);
      if (found == sent.end()) record.fail(cat("id ", base::quote(id), " was not asked for"));
      if (found->second.answered) record.fail(cat("id ", base::quote(id), " comes twice"));
      if (record.is_null("image")) record.set("image", found->second.image);
      found->second.answered = true;
      try {
        Annotation::parse(record);
      } catch (const base::RecordError& e) {
        return refuse(id, base::RecordError(cat(e.what(), " (id ", base::quote(id), ")"), e.hint()));
      }
      accept(id, record);
    } catch (const base::RecordError& e) {
      whole(e);
    }
  };
  base::run_filter(command, next_input, on_line);
  // Pictures that the program did not even read have no record either.
  while (const auto ref = next()) sent.emplace(ref->id, Sent{ref->image});
  size_t missing = 0;
  for (const auto& [id, state] : sent) {
    if (state.answered) continue;
    ++missing;
    if (first_missing.empty() || id < first_missing) first_missing = id;
  }
  if (missing > 0) {
    base::fail(cat(output.file, ": no record for id ", base::quote(first_missing),
                   missing > 1 ? cat(" and ", missing - 1, " more") : ""));
  }
}

}  // namespace easel::record
