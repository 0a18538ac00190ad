#include "world/geneval_rule.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/strings.h"
#include "world/scene.h"

namespace easel::world {

using base::cat;
using record::Box;
using record::Detection;
using record::Detections;

namespace {

// Intersection over union with the official script's one-pixel convention.
double overlap(const Box& a, const Box& b) {
  const auto area = [](double x1, double y1, double x2, double y2) {
    return std::max(x2 - x1 + 1, 0.0) * std::max(y2 - y1 + 1, 0.0);
  };
  const double common =
      area(std::max(a.x1, b.x1), std::max(a.y1, b.y1), std::min(a.x2, b.x2), std::min(a.y2, b.y2));
  const double both = area(a.x1, a.y1, a.x2, a.y2) + area(b.x1, b.y1, b.x2, b.y2) - common;
  return both != 0 ? common / both : 0;
}

// One class's detections that count, best first.
std::vector<Detection> select_class(std::vector<Detection> found, double threshold,
                                    const GenevalOptions& options) {
  std::reverse(found.begin(), found.end());
  std::stable_sort(found.begin(), found.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  std::erase_if(found, [&](const Detection& d) {
    return !(static_cast<float>(d.score) > static_cast<float>(threshold));
  });
  const auto limit = static_cast<size_t>(std::max(0, options.max_objects));
  if (found.size() > limit) found.resize(limit);
  if (options.max_overlap == 1) return found;
  std::vector<Detection> kept;
  for (const auto& d : found) {
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](const Detection& k) {
      return overlap(k.box, d.box) >= options.max_overlap;
    });
    if (!covered) kept.push_back(d);
  }
  return kept;
}

// "1 red, 2 blue": the colours that occur, in GenEval's order.
std::string color_counts(const std::vector<const Detection*>& objects) {
  std::vector<std::string> parts;
  for (const auto& color : color_names()) {
    const auto n = std::count_if(objects.begin(), objects.end(),
                                 [&](const Detection* d) { return d->color == color; });
    if (n > 0) parts.push_back(cat(n, " ", color));
  }
  return base::join(parts, ", ");
}

// An object whose colour nobody has named is of no colour that could be right or wrong.
void require_colors(const std::vector<const Detection*>& objects) {
  for (const Detection* d : objects) {
    if (d->color.empty()) base::fail(cat("detections of ", base::quote(d->class_name), " have no colors, which the prompt asks for"));
  }
}

}  // namespace

Detections geneval_select(const Detections& detections, const std::string& tag,
                          const GenevalOptions& options) {
  const double threshold = tag == "counting" ? options.counting_threshold : options.threshold;
  std::vector<std::pair<std::string, std::vector<Detection>>> classes;
  for (const auto& d : detections.items) {
    auto group = std::find_if(classes.begin(), classes.end(),
                              [&](const auto& c) { return c.first == d.class_name; });
    if (group == classes.end()) group = classes.insert(classes.end(), {d.class_name, {}});
    group->second.push_back(d);
  }
  Detections out;
  for (auto& [name, found] : classes) {
    for (auto& d : select_class(std::move(found), threshold, options)) {
      out.items.push_back(std::move(d));
    }
  }
  return out;
}

std::vector<const Detection*> of_class(const Detections& selected, const std::string& name) {
  std::vector<const Detection*> out;
  for (const auto& d : selected.items) {
    if (d.class_name == name) out.push_back(&d);
  }
  return out;
}

std::vector<std::string> relative_position(const Box& a, const Box& b, double position_threshold) {
  // Single precision throughout, as the official script's arrays have.
  struct Span {
    float centre, size;
  };
  const auto span = [](double low, double high) {
    const auto l = static_cast<float>(low), h = static_cast<float>(high);
    return Span{(l + h) / 2, std::abs(h - l)};
  };
  const auto slack = static_cast<float>(position_threshold);
  const auto axis = [&](Span of_a, Span of_b, float* offset) {
    *offset = of_a.centre - of_b.centre;
    const float beyond = std::max(std::abs(*offset) - slack * (of_a.size + of_b.size), 0.0F);
    return *offset == 0 ? 0 : std::copysign(beyond, *offset);
  };
  float ox = 0, oy = 0;
  float dx = axis(span(a.x1, a.x2), span(b.x1, b.x2), &ox);
  float dy = axis(span(a.y1, a.y2), span(b.y1, b.y2), &oy);
  std::vector<std::string> relations;
  if (std::abs(dx) < 1e-3 && std::abs(dy) < 1e-3) return relations;
  const float norm = std::sqrt(ox * ox + oy * oy);
  dx /= norm;
  dy /= norm;
  if (dx < -0.5F) relations.push_back("left of");
  if (dx > 0.5F) relations.push_back("right of");
  if (dy < -0.5F) relations.push_back("above");
  if (dy > 0.5F) relations.push_back("below");
  return relations;
}

GenevalVerdict geneval_judge(const Detections& detections, const record::GenevalMetadata& metadata,
                             const GenevalOptions& options) {
  const Detections selected = geneval_select(detections, metadata.tag, options);
  std::vector<std::string> reasons;
  using Group = std::vector<const Detection*>;
  std::vector<std::optional<Group>> matched_groups;  // nullopt: that clause failed
  for (const auto& want : metadata.include) {
    Group found = of_class(selected, want.class_name);
    const auto count = static_cast<size_t>(std::max<int64_t>(0, want.count));
    if (found.size() > count) found.resize(count);
    bool matched = true;
    const auto miss = [&](const std::string& reason) {
      matched = false;
      reasons.push_back(reason);
    };
    if (found.size() < count) {
      miss(cat("expected ", want.class_name, ">=", count, ", found ", found.size()));
    } else if (want.color) {
      if (!options.colorless) require_colors(found);
      const auto right = static_cast<size_t>(std::count_if(
          found.begin(), found.end(), [&](const Detection* d) { return d->color == *want.color; }));
      if (right < count) {
        miss(cat("expected ", *want.color, " ", want.class_name, ">=", count, ", found ", right,
                 " ", *want.color, "; and ", color_counts(found)));
      }
    }
    if (matched && want.position) {
      const auto& [relation, target] = *want.position;
      const bool known = target >= 0 && target < static_cast<int64_t>(matched_groups.size());
      const auto* group = known ? &matched_groups[static_cast<size_t>(target)] : nullptr;
      if (group == nullptr || !*group) {
        miss(cat("no target for ", want.class_name, " to be ", relation));
      } else {
        for (size_t i = 0; matched && i < found.size(); ++i) {
          for (size_t k = 0; matched && k < (*group)->size(); ++k) {
            const auto holds =
                relative_position(found[i]->box, (**group)[k]->box, options.position_threshold);
            if (std::find(holds.begin(), holds.end(), relation) != holds.end()) continue;
            miss(cat("expected ", want.class_name, " ", relation, " target, found ",
                     base::join(holds, " and "), " target"));
          }
        }
      }
    }
    matched_groups.push_back(matched ? std::optional(std::move(found)) : std::nullopt);
  }
  for (const auto& unwanted : metadata.exclude) {
    const auto n = static_cast<int64_t>(of_class(selected, unwanted.class_name).size());
    if (n < unwanted.count) continue;
    reasons.push_back(cat("expected ", unwanted.class_name, "<", unwanted.count, ", found ", n));
  }
  return {reasons.empty(), base::join(reasons, "\n")};
}

}  // namespace easel::world
