#include "reward/scorer.h"

#include <algorithm>
#include <cmath>

#include "base/log.h"

namespace easel::reward {

using base::cat;
using base::quote;

namespace {

std::vector<std::string> names_of(const std::vector<NamedExpert>& experts) {
  std::vector<std::string> names;
  for (const auto& e : experts) names.push_back(e.name);
  return names;
}

// What is wrong with a field names its record's place itself.
std::string about(const Item& item, const std::string& what) {
  const std::string place = item.fields.at().str() + ": ";
  return cat(place, "rollout ", quote(item.rollout.id), ": ", what.starts_with(place) ? what.substr(place.size()) : what);
}

// A value outside the range that the expert promised is a defect of the expert: training on it
// would weigh this record wrongly.
void check_range(const std::string& name, const Range& range, Score& score) {
  if (!score.value || range.contains(*score.value)) return;
  score = Score::bad(cat("expert ", quote(name), " gave ", *score.value, "; expected ", range.low,
                         " to ", range.high));
}

}  // namespace

std::string Tally::line() const {
  std::string text = cat(name, ": ", scored, " scored");
  if (scored > 0) text += cat(", mean ", base::format_fixed(sum / static_cast<double>(scored), 4));
  if (malformed > 0) text += cat(", ", malformed, " of them malformed");
  return text + cat(", ", unscored, " unscored, ", base::format_fixed(seconds, 2), " s");
}

namespace {
// What judges answered, by expert, beside what others answered before.
void write_answers(const std::vector<NamedExpert>& experts, const std::vector<std::vector<Score>>& scores, size_t item,
                   jsonl::Object& fields) {
  jsonl::Object answers = fields.raw("judge").starts_with('{') ? fields.object("judge") : jsonl::Object();
  bool any = false;
  for (size_t e = 0; e < experts.size(); ++e) {
    const std::string& said = scores[e][item].said;
    if (said.empty()) continue;
    answers.set(experts[e].name, said);
    any = true;
  }
  if (any) fields.set("judge", answers);
}
}  // namespace

Scorer::Scorer(std::vector<NamedExpert> experts, const std::string& combine)
    : experts_(std::move(experts)), combine_(named_total(combine), names_of(experts_)) {
  for (const auto& e : experts_) tallies_.push_back({.name = e.name});
}

std::vector<std::string> Scorer::summaries() const {
  std::vector<std::string> all;
  for (const auto& e : experts_) {
    const std::string text = e.expert->summary();
    if (!text.empty() && std::find(all.begin(), all.end(), text) == all.end()) all.push_back(text);
  }
  return all;
}

std::vector<Scorer::Result> Scorer::score(std::vector<Item>& items) {
  std::vector<const Item*> pointers;
  for (const auto& item : items) pointers.push_back(&item);
  std::vector<std::vector<Score>> scores;  // [expert][item]
  for (size_t e = 0; e < experts_.size(); ++e) {
    const base::Stopwatch watch;
    scores.push_back(experts_[e].expert->score(pointers));
    tallies_[e].seconds += watch.seconds();
    for (auto& score : scores.back()) {
      check_range(experts_[e].name, experts_[e].expert->range(), score);
      tallies_[e].scored += score.value.has_value();
      tallies_[e].unscored += !score.value;
      tallies_[e].malformed += score.value && !score.problem.empty();
      tallies_[e].sum += score.value.value_or(0);
    }
  }
  std::vector<Result> results(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    std::vector<std::optional<double>> values;
    auto rewards = items[i].rollout.rewards;
    for (size_t e = 0; e < experts_.size(); ++e) {
      const Score& score = scores[e][i];
      values.push_back(score.value);
      const double written = score.value.value_or(NAN);  // written as null
      const auto known = std::find_if(rewards.begin(), rewards.end(),
                                      [&](const auto& r) { return r.first == experts_[e].name; });
      if (known == rewards.end()) {
        rewards.emplace_back(experts_[e].name, written);
      } else {
        known->second = written;
      }
      if (score.bad_record) results[i] = {Outcome::kBad, about(items[i], score.problem)};
    }
    if (results[i].outcome == Outcome::kBad) continue;
    std::string problem;
    const auto reward = combine_.evaluate(values, &problem);
    if (!problem.empty()) {
      results[i] = {Outcome::kBad, about(items[i], cat("no reward: ", problem))};
      continue;
    }
    record::write_rewards(items[i].fields, rewards, reward);
    try {
      write_answers(experts_, scores, i, items[i].fields);
    } catch (const base::RecordError& e) {  // what it says that judges answered before
      results[i] = {Outcome::kBad, about(items[i], e.what())};
      continue;
    }
    if (reward) continue;
    std::string why;
    for (size_t e = 0; e < experts_.size() && why.empty(); ++e) {
      if (combine_.needed()[e] && !values[e])
        why = cat(experts_[e].name, ": ", scores[e][i].problem);
    }
    results[i] = {Outcome::kUnscored, about(items[i], cat("unscored: ", why))};
  }
  return results;
}

}  // namespace easel::reward
