#include "record/cot_summary.h"

#include <nlohmann/json.hpp>

namespace easel::record {

using jsonl::Object;

namespace {

Object length_object(const LengthSummary& l) {
  Object fields;
  fields.set("mean", l.mean);
  fields.set("sd", l.sd);
  fields.set("min", l.min);
  fields.set("median", l.median);
  fields.set("max", l.max);
  return fields;
}

double share(int64_t part, int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

}  // namespace

void CotSummary::write(Object& record) const {
  record.set("rollouts", rollouts);
  record.set("groups", groups);
  record.set("chains", chains);
  record.set("distinct_chains", distinct_chains);
  record.set("words", length_object(words));
  record.set("sentences", length_object(sentences));
  record.set("total_words", total_words);
  record.set("distinct_words", distinct_words);
  Object reasons;
  for (const auto& [reason, count] : finish) reasons.set(reason, share(count, rollouts));
  record.set("finish", reasons);
  jsonl::Json list = jsonl::Json::array();
  for (const auto& w : top_words) {
    list.push_back({{"word", w.word},
                    {"count", w.count},
                    {"share", share(w.count, total_words)},
                    {"chains", share(w.chains, chains)}});
  }
  record.set_json("top_words", list);
}

}  // namespace easel::record
