#include "reward/judge_text.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "http/json_in_text.h"

namespace easel::reward {

using jsonl::Json;
using record::PlannedObject;

std::optional<std::string> boxed(std::string_view text) {
  constexpr std::string_view kOpening = "\\boxed{";
  for (size_t at = text.rfind(kOpening); at != std::string_view::npos;) {
    const size_t begin = at + kOpening.size();
    int depth = 1;
    for (size_t i = begin; i < text.size(); ++i) {
      depth += (text[i] == '{') - (text[i] == '}');
      if (depth == 0) return std::string(base::trim(text.substr(begin, i - begin)));
    }
    if (at == 0) break;
    at = text.rfind(kOpening, at - 1);  // that one was cut off
  }
  return std::nullopt;
}

namespace {

// The number that a text begins with, and where it ends; white space before it is passed over.
std::optional<double> leading_number(std::string_view text, size_t* end) {
  size_t at = text.find_first_not_of(" \t\n\r*_:\"'=");
  if (at == std::string_view::npos) return std::nullopt;
  size_t stop = at;
  if (stop < text.size() && (text[stop] == '-' || text[stop] == '+')) ++stop;
  while (stop < text.size() && ((text[stop] >= '0' && text[stop] <= '9') || text[stop] == '.')) ++stop;
  if (stop > at && text[stop - 1] == '.') --stop;  // the end of a sentence
  if (stop < text.size() && std::isalpha(static_cast<unsigned char>(text[stop]))) return std::nullopt;  // "1e400", "3D"
  if (end != nullptr) *end = stop;
  return base::parse_double(text.substr(at, stop - at));
}

// "7", "7/10".
std::optional<double> whole_grade(std::string_view text) {
  size_t end = 0;
  text = base::trim(text);
  const auto number = leading_number(text, &end);
  return number && (end == text.size() || text[end] == '/') ? number : std::nullopt;
}

std::optional<double> number_of(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return whole_grade(value.get_ref<const std::string&>());
  return std::nullopt;
}

std::optional<double> written_grade(std::string_view text) {
  if (const auto json = http::json_in_text(text); json && json->is_object()) {
    for (const char* key : {"score", "grade"}) {
      if (json->contains(key)) return number_of((*json)[key]);
    }
  }
  if (const auto box = boxed(text)) return whole_grade(*box);
  const std::string lower = base::to_lower(text);
  for (const std::string_view word : {"score", "grade"}) {
    const size_t at = lower.rfind(word);
    if (at == std::string::npos) continue;
    std::string_view rest = text.substr(at + word.size());
    for (const std::string_view filler : {" is", " of", ":"}) {
      if (rest.starts_with(filler)) rest.remove_prefix(filler.size());
    }
    if (const auto number = leading_number(rest, nullptr)) return number;
  }
  return whole_grade(text);
}

}  // namespace

std::optional<double> grade(std::string_view text, double low, double high) {
  const auto value = written_grade(text);
  if (!value || !std::isfinite(*value) || *value < low || *value > high) return std::nullopt;
  return value;
}

namespace {

const Json* member_of(const Json& object, std::initializer_list<const char*> keys) {
  if (!object.is_object()) return nullptr;
  for (const char* key : keys) {
    const auto found = object.find(key);
    if (found != object.end()) return &*found;
  }
  return nullptr;
}

std::optional<PlannedObject> located_box(const Json& item, int width, int height) {
  const Json* box = member_of(item, {"bbox_2d", "bbox", "box"});
  const Json* label = member_of(item, {"label", "name", "object"});
  if (box == nullptr || !box->is_array() || box->size() != 4 || label == nullptr || !label->is_string()) return std::nullopt;
  int64_t corner[4];
  for (size_t i = 0; i < 4; ++i) {
    const auto value = number_of((*box)[i]);
    if (!value || !std::isfinite(*value)) return std::nullopt;
    const double side = i % 2 == 0 ? width : height;
    corner[i] = std::llround(std::clamp(*value / side, 0.0, 1.0) * static_cast<double>(record::kGotSide));
  }
  if (corner[0] >= corner[2] || corner[1] >= corner[3]) return std::nullopt;
  return PlannedObject{std::string(base::trim(label->get_ref<const std::string&>())), corner[0], corner[1], corner[2], corner[3]};
}

}  // namespace

std::optional<std::vector<PlannedObject>> located_boxes(std::string_view text, int width, int height) {
  const auto json = http::json_in_text(text);
  if (!json) return std::nullopt;
  const Json* list = json->is_array() ? &*json : nullptr;
  if (json->is_object()) {
    for (const Json& value : *json) {
      if (!value.is_array() || (!value.empty() && !value[0].is_object())) continue;
      if (list != nullptr) return std::nullopt;  // which of them?
      list = &value;
    }
    if (list == nullptr && member_of(*json, {"bbox_2d", "bbox", "box"}) != nullptr) {  // one object, without a list
      const auto box = located_box(*json, width, height);
      return box ? std::vector{*box} : std::vector<PlannedObject>();
    }
  }
  if (list == nullptr) return std::nullopt;
  std::vector<PlannedObject> boxes;
  for (const Json& item : *list) {
    if (auto box = located_box(item, width, height)) boxes.push_back(std::move(*box));
  }
  return boxes;
}

namespace {
// "The red circle" as "red circle".
std::string plain_name(const std::string& name) {
  std::string text = base::to_lower(base::trim(name));
  for (const std::string_view article : {"a ", "an ", "the "}) {
    if (text.starts_with(article)) return std::string(base::trim(text.substr(article.size())));
  }
  return text;
}
}  // namespace

double mean_overlap(const std::vector<PlannedObject>& planned, const std::vector<PlannedObject>& found) {
  if (planned.empty()) return 0;
  struct Pair {
    double overlap;
    size_t planned, found;
  };
  std::vector<Pair> pairs;
  for (size_t i = 0; i < planned.size(); ++i) {
    for (size_t j = 0; j < found.size(); ++j) {
      if (plain_name(planned[i].name) != plain_name(found[j].name)) continue;
      pairs.push_back({record::intersection_over_union(planned[i], found[j]), i, j});
    }
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.overlap > b.overlap; });
  std::vector<bool> has(planned.size()), used(found.size());
  double sum = 0;
  for (const Pair& pair : pairs) {
    if (has[pair.planned] || used[pair.found]) continue;
    has[pair.planned] = used[pair.found] = true;
    sum += pair.overlap;
  }
  return sum / static_cast<double>(planned.size());
}

}  // namespace easel::reward
