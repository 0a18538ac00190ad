#include "reward/detector_expert.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/strings.h"
#include "reward/judge_text.h"

namespace easel::reward {

using record::Box;
using record::Detection;

namespace {

double overlap(const Box& a, const Box& b) {
  const double width = std::max(0.0, std::min(a.x2, b.x2) - std::max(a.x1, b.x1));
  const double height = std::max(0.0, std::min(a.y2, b.y2) - std::max(a.y1, b.y1));
  const double both = width * height, either = a.width() * a.height() + b.width() * b.height() - both;
  return either <= 0 ? 0 : both / either;
}

// Detectors answer in the lower case that they are asked in; annotations have capitals.
std::string folded(const std::string& name) { return base::to_lower(base::trim(name)); }

// Detections of a name, most certain first, without those that overlap a more certain one.
std::vector<Box> boxes_of(const std::string& name, const Seen& seen, const DetectorOptions& o) {
  const std::string wanted = folded(name);
  std::vector<const Detection*> found;
  for (const auto& d : seen.detections.items) {
    if (folded(d.class_name) == wanted && d.score > o.threshold) found.push_back(&d);
  }
  std::stable_sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->score > b->score; });
  std::vector<Box> kept;
  for (const auto* d : found) {
    const bool again = std::any_of(kept.begin(), kept.end(), [&](const Box& k) { return overlap(k, d->box) > o.overlap; });
    if (!again) kept.push_back(d->box);
  }
  return kept;
}

enum class Relation { kNear, kRight, kLeft, kBelow, kAbove };

std::optional<Relation> relation_of(const std::string& locality) {
  static constexpr std::pair<const char*, Relation> kWords[] = {
      {"on side of", Relation::kNear},          {"next to", Relation::kNear},         {"near", Relation::kNear},
      {"on the left of", Relation::kLeft},      {"left of", Relation::kLeft},         {"on the right of", Relation::kRight},
      {"right of", Relation::kRight},           {"on the bottom of", Relation::kBelow}, {"below", Relation::kBelow},
      {"on the top of", Relation::kAbove},      {"on top of", Relation::kAbove},      {"above", Relation::kAbove}};
  for (const auto& [word, relation] : kWords) {
    if (locality == word) return relation;
  }
  return std::nullopt;
}

constexpr double kNear = 150, kLittleOverlap = 0.1;

// The paper's rule: .4 for objects that are there, .6 for the relation, which is one of a picture of 384 pixels.
double spatial_score(const record::T2iAnnotations::Spatial& asked, const std::vector<Box>& first, const std::vector<Box>& second,
                     const Seen& seen) {
  const double there = static_cast<double>(!first.empty()) + static_cast<double>(!second.empty());
  if (there < 2) return 0.2 * there;
  const double scale = 384.0 / std::max({1, seen.width, seen.height});
  const auto scaled = [&](const Box& b) { return Box{b.x1 * scale, b.y1 * scale, b.x2 * scale, b.y2 * scale}; };
  return 0.4 + 0.6 * relation_score(asked.locality, scaled(first[0]), scaled(second[0])).value();
}

// The released code's: .2 an object, half for the relation, in the picture's own pixels; objects side by side are near
// wherever they are, and of "above" and "on top of" it knows nothing.
double spatial_score_as_released(const record::T2iAnnotations::Spatial& asked, const std::vector<Box>& first,
                                 const std::vector<Box>& second) {
  const double there = static_cast<double>(!first.empty()) + static_cast<double>(!second.empty());
  if (there < 2 || asked.locality == "above" || asked.locality == "on top of") return 0.2 * there;
  const bool near = relation_of(asked.locality) == Relation::kNear;
  return 0.4 + (near ? 1 : relation_score(asked.locality, first[0], second[0]).value_or(0)) / 2;
}

class DetectorExpert : public Expert {
 public:
  DetectorExpert(std::unique_ptr<DetectionSource> source, const DetectorOptions& options)
      : source_(std::move(source)), options_(options) {}

  Range range() const override { return {0, 1}; }

  std::vector<Score> score(const std::vector<const Item*>& items) override {
    const auto seen = source_->see(items);
    std::vector<Score> scores(items.size());
    for (size_t i = 0; i < items.size(); ++i) {
      if (!seen[i].problem.empty()) {
        scores[i] = seen[i].bad_record ? Score::bad(seen[i].problem) : Score::unscored(seen[i].problem);
        continue;
      }
      try {
        scores[i] = Score::of(detector_score(record::T2iAnnotations::parse(items[i]->fields), seen[i], options_));
      } catch (const base::Error& e) {
        scores[i] = Score::bad(e.what());
      }
    }
    return scores;
  }

 private:
  std::unique_ptr<DetectionSource> source_;
  DetectorOptions options_;
};

class OverlapExpert : public Expert {
 public:
  explicit OverlapExpert(std::unique_ptr<DetectionSource> source) : source_(std::move(source)) {}

  Range range() const override { return {0, 1}; }

  std::vector<Score> score(const std::vector<const Item*>& items) override {
    const auto seen = source_->see(items);
    std::vector<Score> scores(items.size());
    for (size_t i = 0; i < items.size(); ++i) {
      const auto chain = record::parse_got_chain(items[i]->rollout.cot);
      if (!seen[i].problem.empty()) {
        scores[i] = seen[i].bad_record ? Score::bad(seen[i].problem) : Score::unscored(seen[i].problem);
      } else if (!chain.problem.empty()) {
        scores[i] = Score::malformed(chain.problem);
      } else {
        scores[i] = Score::of(mean_overlap(chain.objects, in_thousandths(seen[i])));
      }
    }
    return scores;
  }

 private:
  static std::vector<record::PlannedObject> in_thousandths(const Seen& seen) {
    std::vector<record::PlannedObject> out;
    const auto part = [](double at, int side) {
      return record::got_place(at, std::max(1, side));
    };
    for (const auto& d : seen.detections.items) {
      if (d.score <= DetectorOptions().threshold) continue;
      out.push_back({d.class_name, part(d.box.x1, seen.width), part(d.box.y1, seen.height), part(d.box.x2, seen.width),
                     part(d.box.y2, seen.height)});
    }
    return out;
  }

  std::unique_ptr<DetectionSource> source_;
};

}  // namespace

std::optional<double> relation_score(const std::string& locality, const Box& a, const Box& b) {
  const auto relation = relation_of(locality);
  if (!relation) return std::nullopt;
  const double dx = (b.x1 + b.x2 - a.x1 - a.x2) / 2, dy = (b.y1 + b.y2 - a.y1 - a.y2) / 2;
  if (*relation == Relation::kNear) {
    if (std::fabs(dx) < kNear || std::fabs(dy) < kNear) return 1;
    return kNear / std::max(std::fabs(dx), std::fabs(dy));
  }
  const bool sideways = *relation == Relation::kLeft || *relation == Relation::kRight;
  const double along = sideways ? dx : dy, across = sideways ? dy : dx;
  const bool positive = *relation == Relation::kLeft || *relation == Relation::kAbove;
  if ((positive ? along <= 0 : along >= 0) || std::fabs(along) <= std::fabs(across)) return 0;
  const double shared = overlap(a, b);
  return shared < kLittleOverlap ? 1 : kLittleOverlap / shared;
}

double detector_score(const record::T2iAnnotations& a, const Seen& seen, const DetectorOptions& o) {
  using Kind = record::T2iAnnotations::Kind;
  // T2I-R1's code looks at the nouns before all else.
  if (a.has_nouns && a.nouns.empty() && (o.compat || a.kind == Kind::kObjects)) return 1;  // nothing to look for
  if (a.kind == Kind::kSpatial) {
    if (!a.spatial) base::fail("field \"spatial_info\" is missing or empty, where \"task_type\" is spatial");
    if (!o.compat && !relation_of(a.spatial->locality)) {
      base::fail(base::cat("field \"spatial_info\": expected a relation like \"left of\", got ", base::quote(a.spatial->locality)));
    }
    const auto first = boxes_of(a.spatial->first, seen, o), second = boxes_of(a.spatial->second, seen, o);
    return o.compat ? spatial_score_as_released(*a.spatial, first, second) : spatial_score(*a.spatial, first, second, seen);
  }
  if (a.kind == Kind::kNumeracy) {
    if (a.numeracy.empty()) base::fail("field \"numeracy_info\" is missing or empty, where \"task_type\" is numeracy");
    double sum = 0;
    for (const auto& [name, count] : a.numeracy) {
      const auto boxes = boxes_of(name, seen, o);
      sum += static_cast<int64_t>(boxes.size()) == count ? 1 : boxes.empty() ? 0 : 0.2;
    }
    return sum / static_cast<double>(a.numeracy.size());
  }
  if (!a.has_nouns) base::fail("fields \"nouns\", \"spatial_info\" and \"numeracy_info\" are missing: there is nothing to look for");
  double there = 0;
  for (const auto& noun : a.nouns) there += !boxes_of(noun, seen, o).empty();
  return there / static_cast<double>(a.nouns.size());
}

std::unique_ptr<Expert> make_detector_expert(std::unique_ptr<DetectionSource> source, const DetectorOptions& options) {
  return std::make_unique<DetectorExpert>(std::move(source), options);
}

std::unique_ptr<Expert> make_overlap_expert(std::unique_ptr<DetectionSource> source) {
  return std::make_unique<OverlapExpert>(std::move(source));
}

}  // namespace easel::reward
