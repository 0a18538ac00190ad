#include "reward/judge_text.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>
#include <tuple>

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

constexpr const char* kGradeKeys[] = {"score", "grade", "rating"};

const Json* graded_member(const Json& object) {
  for (const char* key : kGradeKeys) {
    if (object.is_object() && object.contains(key)) return &object[key];
  }
  return nullptr;
}

// What stands between "score" and its number.
std::string_view without_fillers(std::string_view text) {
  for (bool found = true; found;) {
    found = false;
    text.remove_prefix(std::min(text.find_first_not_of(" \t*_"), text.size()));
    for (const std::string_view filler : {"is ", "of ", "(0-10)", "(0 to 10)", "(out of 10)"}) {
      if (!text.starts_with(filler)) continue;
      text.remove_prefix(filler.size());
      found = true;
    }
  }
  return text;
}

// The number after the last "score", "grade" or "rating" that has one.
std::optional<double> named_grade(std::string_view text, const std::string& lower) {
  std::optional<double> number;
  size_t best = 0;
  for (const std::string_view word : kGradeKeys) {
    for (size_t at = lower.rfind(word); at != std::string::npos; at = at == 0 ? std::string::npos : lower.rfind(word, at - 1)) {
      const auto found = leading_number(without_fillers(text.substr(at + word.size())), nullptr);
      if (!found) continue;
      if (!number || at > best) std::tie(number, best) = std::pair(found, at);
      break;
    }
  }
  return number;
}

// The number before the last "out of 10" or "/10".
std::optional<double> grade_out_of_ten(const std::string& lower) {
  for (const std::string_view tail : {" out of 10", "/10", " / 10"}) {
    const size_t at = lower.rfind(tail);
    if (at == std::string::npos || (at + tail.size() < lower.size() && std::isdigit(static_cast<unsigned char>(lower[at + tail.size()])))) continue;
    const size_t before = lower.find_last_not_of("0123456789.", at == 0 ? 0 : at - 1);
    const size_t begin = before == std::string::npos ? 0 : before + 1;
    if (begin < at) return base::parse_double(std::string_view(lower).substr(begin, at - begin));
  }
  return std::nullopt;
}

std::optional<double> written_grade(std::string_view text) {
  if (const auto json = http::json_in_text(text, [](const Json& j) { return graded_member(j) != nullptr; })) {
    return number_of(*graded_member(*json));
  }
  if (http::begins_json(text)) return std::nullopt;  // cut off, or of another form: its words are no grade
  if (const auto box = boxed(text)) return whole_grade(*box);
  const std::string lower = base::to_lower(text);
  if (const auto number = named_grade(text, lower)) return number;
  if (const auto number = grade_out_of_ten(lower)) return number;
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

const Json* box_of(const Json& item) { return member_of(item, {"bbox_2d", "bbox", "box"}); }

std::optional<PlannedObject> located_box(const Json& item, int width, int height) {
  const Json* box = box_of(item);
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

bool is_list_of_objects(const Json& value) { return value.is_array() && (value.empty() || value[0].is_object()); }

// The list of boxes that a value is or holds; nullptr: none, or nobody knows which.
const Json* box_list(const Json& value) {
  if (is_list_of_objects(value)) return &value;
  if (!value.is_object()) return nullptr;
  const Json* list = nullptr;
  for (const Json& member : value) {
    if (!is_list_of_objects(member)) continue;
    if (list != nullptr) return nullptr;
    list = &member;
  }
  return list;
}

}  // namespace

std::optional<std::vector<PlannedObject>> located_boxes(std::string_view text, int width, int height) {
  const auto json = http::json_in_text(text, [](const Json& j) { return box_of(j) != nullptr || box_list(j) != nullptr; });
  if (!json) return std::nullopt;
  std::vector<PlannedObject> boxes;
  const auto take = [&](const Json& item) {
    if (auto box = located_box(item, width, height)) boxes.push_back(std::move(*box));
  };
  if (box_of(*json) != nullptr) {  // one object, without a list
    take(*json);
  } else {
    for (const Json& item : *box_list(*json)) take(item);
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
