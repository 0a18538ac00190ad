#include "world/judge.h"

#include <algorithm>

namespace easel::world {

using record::Detection;

namespace {

// Whether every pair of the two groups stands in the relation.
bool relation_holds(const std::vector<const Detection*>& group,
                    const std::vector<const Detection*>& target, const std::string& relation,
                    double position_threshold) {
  if (group.empty() || target.empty()) return false;
  for (const auto* a : group) {
    for (const auto* b : target) {
      const auto holds = relative_position(a->box, b->box, position_threshold);
      if (std::find(holds.begin(), holds.end(), relation) == holds.end()) return false;
    }
  }
  return true;
}

}  // namespace

Judgement judge(const record::Detections& detections, const record::GenevalMetadata& metadata,
                const GenevalOptions& options) {
  const GenevalVerdict verdict = geneval_judge(detections, metadata, options);
  const auto selected = geneval_select(detections, metadata.tag, options);
  int clauses = 0, satisfied = 0;
  const auto clause = [&](bool holds) {
    ++clauses;
    satisfied += holds;
  };
  // The best `count` of a clause's class, as GenEval takes them.
  const auto group_of = [&](const record::ObjectClause& want) {
    auto group = of_class(selected, want.class_name);
    const auto count = static_cast<size_t>(std::max<int64_t>(0, want.count));
    if (group.size() > count) group.resize(count);
    return group;
  };
  for (const auto& want : metadata.include) {
    const auto group = group_of(want);
    const bool enough = static_cast<int64_t>(group.size()) >= want.count;
    clause(!group.empty() || want.count <= 0);
    if (want.count > 1) {
      const auto all = static_cast<int64_t>(of_class(selected, want.class_name).size());
      const bool too_many =
          std::any_of(metadata.exclude.begin(), metadata.exclude.end(), [&](const auto& unwanted) {
            return unwanted.class_name == want.class_name && all >= unwanted.count;
          });
      clause(enough && !too_many);
    }
    if (want.color) {
      clause(enough && std::all_of(group.begin(), group.end(),
                                   [&](const Detection* d) { return d->color == *want.color; }));
    }
    if (want.position) {
      const auto target = static_cast<size_t>(want.position->second);
      clause(target < metadata.include.size() &&
             relation_holds(group, group_of(metadata.include[target]), want.position->first,
                            options.position_threshold));
    }
  }
  // What no clause above stands for: an unwanted class.
  for (const auto& unwanted : metadata.exclude) {
    const bool counted = std::any_of(
        metadata.include.begin(), metadata.include.end(),
        [&](const auto& want) { return want.class_name == unwanted.class_name && want.count > 1; });
    if (counted) continue;
    clause(static_cast<int64_t>(of_class(selected, unwanted.class_name).size()) < unwanted.count);
  }
  Judgement out;
  out.correct = verdict.correct;
  out.reason = verdict.reason;
  if (!out.correct && satisfied == clauses) --satisfied;  // clauses that contradict each other
  out.partial =
      out.correct ? 1 : std::max(0, satisfied) / static_cast<double>(std::max(1, clauses));
  return out;
}

}  // namespace easel::world
