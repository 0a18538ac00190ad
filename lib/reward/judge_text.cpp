#include "reward/judge_text.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <span>

#include "base/strings.h"
#include "http/json_in_text.h"

namespace easel::reward {

using jsonl::Json;
using record::PlannedObject;

namespace {

struct Box {
  std::string inside;
  size_t end;  // behind its brace
};

std::optional<Box> last_box(std::string_view text) {
  constexpr std::string_view kOpening = "\\boxed{";
  for (size_t at = text.rfind(kOpening); at != std::string_view::npos;) {
    const size_t begin = at + kOpening.size();
    int depth = 1;
    for (size_t i = begin; i < text.size(); ++i) {
      depth += (text[i] == '{') - (text[i] == '}');
      if (depth == 0) return Box{std::string(base::trim(text.substr(begin, i - begin))), i + 1};
    }
    if (at == 0) break;
    at = text.rfind(kOpening, at - 1);  // that one was cut off
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> boxed(std::string_view text) {
  auto box = last_box(text);
  return box ? std::optional(std::move(box->inside)) : std::nullopt;
}

bool ends_boxed(std::string_view text) {
  const auto box = last_box(text);
  return box && std::none_of(text.begin() + static_cast<std::ptrdiff_t>(box->end), text.end(),
                             [](unsigned char c) { return std::isalnum(c) != 0 || c == '\\' || c >= 0x80; });
}

namespace {

constexpr std::string_view kMarks = " \t\n\r*_`\"'";  // stand around words and numbers
constexpr std::string_view kGradeWords[] = {"score", "grade", "rating"};
constexpr std::string_view kLastWords[] = {"overall", "total", "final"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

// "7", ".5".
bool starts_number(std::string_view text, size_t at) {
  if (at < text.size() && text[at] == '.') ++at;
  return at < text.size() && is_digit(text[at]);
}

// Whether a number between these is a part of something else: "8,5", "7-8", "7 to 8", "-3".
bool is_part(std::string_view before, std::string_view after) {
  for (const std::string_view minus : {"-", "\u2212", "\u2013"}) {
    if (before.ends_with(minus)) return true;
  }
  for (const std::string_view join : {",", "-", "\u2013", " to ", " or "}) {
    const size_t n = join.size();
    if (before.ends_with(join) && before.size() > n && is_digit(before[before.size() - n - 1])) return true;
    if (after.starts_with(join) && after.size() > n && is_digit(after[n])) return true;
  }
  return false;
}

// A number in a text, and where it ends. NaN: nobody knows what is meant.
struct Numeral {
  double value = 0;
  size_t end = 0;
};

// The one that starts at `at`; nullopt when it is a part of a word ("3D", "1e400").
std::optional<Numeral> numeral_at(std::string_view text, size_t at) {
  const std::string_view before = text.substr(0, at);
  const char last = before.empty() ? ' ' : before.back();
  if (is_letter(last) || is_digit(last) || last == '.') return std::nullopt;
  size_t end = std::min(text.find_first_not_of("0123456789.", at), text.size());
  while (text[end - 1] == '.') --end;  // the end of a sentence
  const std::string_view after = text.substr(end);
  if (!after.empty() && is_letter(after[0])) return std::nullopt;
  const auto value = base::parse_double(text.substr(at, end - at));
  return Numeral{value && !is_part(before, after) ? *value : NAN, end};
}

// A grade in a text: "7", "4/5", "4 out of 5".
struct Reading {
  double grade = 0;            // of `high`; NaN: nobody knows what is meant
  size_t end = 0;              // in the text
  std::string_view sign = {};  // "/", say; empty: the number stands alone
  double whole = 0;            // behind it
};

// What `number` is divided by, if it is: a share of `high`.
void read_division(std::string_view text, size_t at, double number, double high, Reading& out) {
  for (const std::string_view sign : {"/", "out of ", "of "}) {
    if (!text.substr(at).starts_with(sign)) continue;
    const size_t under = text.find_first_not_of(" \t*_`", at + sign.size());
    const auto whole = starts_number(text, under) ? numeral_at(text, under) : std::nullopt;
    if (!whole && sign != "/") return;  // "7 of the 10"
    out.sign = sign;
    out.whole = whole ? whole->value : NAN;
    out.end = whole ? whole->end : at + sign.size();
    const bool is_share = number >= 0 && number <= out.whole && out.whole > 0;
    const bool is_date = text.substr(out.end).starts_with("/");
    out.grade = is_share && !is_date ? number * high / out.whole : NAN;
    return;
  }
}

std::optional<Reading> reading_at(std::string_view text, size_t at, double high) {
  if (!starts_number(text, at)) return std::nullopt;
  const auto number = numeral_at(text, at);
  if (!number) return std::nullopt;
  Reading out{number->value, number->end};
  const size_t next = std::min(text.find_first_not_of(" \t*_`(", out.end), text.size());
  for (const std::string_view percent : {"%", "\\%", "percent"}) {
    if (text.substr(next).starts_with(percent)) out.grade = NAN;
  }
  read_division(text, next, number->value, high, out);
  return out;
}

// "7", "4/5".
std::optional<double> whole_grade(std::string_view text, double high) {
  text = base::trim(text);
  const auto reading = reading_at(text, text.find_first_not_of("*_:`\"'= "), high);
  if (!reading) return std::nullopt;
  const bool is_all = text.find_first_not_of(".*_`\"'", reading->end) == std::string_view::npos;
  return reading->sign == "/" || (reading->sign.empty() && is_all) ? std::optional(reading->grade) : std::nullopt;
}

std::optional<double> grade_of(const Json& value, double high) {
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return whole_grade(value.get_ref<const std::string&>(), high);
  return std::nullopt;
}

// The member that is named as a grade; nullptr: none is, or nobody knows which.
const Json* named_member(const Json& object) {
  if (!object.is_object()) return nullptr;
  for (const std::string_view word : kGradeWords) {
    const Json* found = nullptr;
    for (auto member = object.begin(); member != object.end(); ++member) {
      if (base::to_lower(member.key()) != word) continue;
      if (found != nullptr) return nullptr;
      found = &*member;
    }
    if (found != nullptr) return found;
  }
  return nullptr;
}

// The same of {"score": 7}, [{"score": 7}] and {"result": {"score": 7}}.
const Json* graded_member(const Json& json) {
  const Json& object = json.is_array() && json.size() == 1 ? json[0] : json;
  if (!object.is_object()) return nullptr;
  if (const Json* own = named_member(object)) return own;
  const Json* inner = nullptr;
  for (const Json& member : object) {
    const Json* found = named_member(member);
    if (found != nullptr && inner != nullptr) return nullptr;
    if (found != nullptr) inner = found;
  }
  return inner;
}

// Another reading beside those before it: where they differ, nobody knows which is meant.
void agree(std::optional<double>& so_far, double grade) { so_far = !so_far || *so_far == grade ? grade : NAN; }

// Whether "(1-10)", say, is about grades of up to `high`.
bool fits_scale(std::string_view scale, double high) {
  constexpr std::string_view kDigits = "0123456789";
  const size_t last = scale.find_last_of(kDigits);
  if (last == std::string_view::npos) return true;
  const size_t before = scale.find_last_not_of("0123456789.", last);
  const size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return base::parse_double(scale.substr(begin, last + 1 - begin)) == high;
}

// A grade behind its name.
struct NamedGrade {
  std::optional<double> grade;
  bool firm = false;  // ':', '=' or "is" stands between
};

// The one that a text begins with which follows a name.
NamedGrade named_grade(std::string_view text, double high) {
  constexpr size_t kLongestScale = 40;
  NamedGrade out;
  bool fits = true;
  for (size_t at = 0; (at = text.find_first_not_of(kMarks, at)) != std::string_view::npos;) {
    const std::string_view rest = text.substr(at);
    if (rest[0] == ':' || rest[0] == '=' || rest.starts_with("is ")) {
      out.firm = true;
      at += rest[0] == 'i' ? 3 : 1;
    } else if (rest.starts_with("of ")) {
      at += 3;
    } else if (rest[0] == '(') {
      const size_t close = rest.substr(0, kLongestScale).find(')');
      if (close == std::string_view::npos) break;
      fits &= fits_scale(rest.substr(1, close - 1), high);
      at += close + 1;
    } else {
      for (const std::string_view minus : {"-", "\u2212"}) at += rest.starts_with(minus) ? minus.size() : 0;
      const auto reading = reading_at(text, at, high);
      if (reading) out.grade = fits || reading->whole > 0 ? reading->grade : NAN;
      break;
    }
  }
  return out;
}

// Grades behind "score", "grade" and "rating".
struct NamedGrades {
  std::optional<double> firm;   // the last of these
  std::optional<double> loose;  // what all of the others agree on
};

NamedGrades named_grades(std::string_view lower, double high) {
  NamedGrades out;
  for (size_t at = 0; at < lower.size(); ++at) {
    if (at > 0 && is_letter(lower[at - 1])) continue;
    for (const std::string_view word : kGradeWords) {
      if (!lower.substr(at).starts_with(word)) continue;
      const NamedGrade found = named_grade(lower.substr(at + word.size()), high);
      if (found.grade && found.firm) out.firm = found.grade;
      if (found.grade && !found.firm) agree(out.loose, *found.grade);
    }
  }
  return out;
}

// Takes one of the words from a text's beginning and says which; "" where none stands there.
std::string_view take_word(std::string_view& text, std::span<const std::string_view> words) {
  for (const std::string_view word : words) {
    if (!text.starts_with(word)) continue;
    text.remove_prefix(word.size());
    return word;
  }
  return "";
}

// The last of the lines like "Overall: 6" and "**Final score:** 7/10", and of those like "Total: 6", which may count
// anything.
struct LastGrades {
  std::optional<double> overall, total;
};

LastGrades last_grades(std::string_view lower, double high) {
  LastGrades out;
  for (const std::string& line : base::split(lower, '\n')) {
    std::string_view rest = line;
    const auto skip = [&](std::string_view marks) {
      rest.remove_prefix(std::min(rest.find_first_not_of(marks), rest.size()));
    };
    skip(" \t#>*_`-.)0123456789");
    const std::string_view last = take_word(rest, kLastWords);
    if (last.empty()) continue;
    skip(kMarks);
    const bool has_word = !take_word(rest, kGradeWords).empty();
    const NamedGrade found = named_grade(rest, high);
    if (found.grade && found.firm) (last == "total" && !has_word ? out.total : out.overall) = found.grade;
  }
  return out;
}

// "8/10" and "8 out of 10", wherever they stand.
void agree_with_tenths(std::string_view lower, double high, std::optional<double>& so_far) {
  for (size_t at = 0; at < lower.size();) {
    const auto reading = reading_at(lower, at, high);
    if (reading && reading->whole == high && reading->sign != "of ") agree(so_far, reading->grade);
    at = reading ? reading->end : at + 1;
  }
}

std::optional<double> grade_in_words(std::string_view text, double high) {
  const std::string lower = base::to_lower(text);
  const LastGrades last = last_grades(lower, high);
  if (last.overall) return last.overall;
  NamedGrades named = named_grades(lower, high);
  if (last.total) agree(named.firm, *last.total);
  if (named.firm) return named.firm;
  agree_with_tenths(lower, high, named.loose);
  return named.loose ? named.loose : whole_grade(lower, high);
}

std::optional<double> written_grade(std::string_view text, double high) {
  const auto found = http::every_json_in_text(text, [](const Json& j) { return graded_member(j) != nullptr; });
  if (!found.empty()) return grade_of(*graded_member(found.back()), high);
  if (http::begins_json(text)) return std::nullopt;  // cut off, or of another form: its words are no grade
  if (const auto box = boxed(text)) return whole_grade(*box, high);
  return grade_in_words(text, high);
}

}  // namespace

std::optional<double> grade(std::string_view text, double low, double high) {
  const auto value = written_grade(text, high);
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

std::optional<double> number_of(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return base::parse_double(base::trim(value.get_ref<const std::string&>()));
  return std::nullopt;
}

const Json* box_of(const Json& item) { return member_of(item, {"bbox_2d", "bbox", "box"}); }

// Adds the box that an item says, if it says one that is in the picture. False when nobody can read what it says.
bool take_box(const Json& item, int width, int height, std::vector<PlannedObject>& boxes) {
  const Json* box = box_of(item);
  const Json* label = member_of(item, {"label", "name", "object"});
  if (box == nullptr || label == nullptr || !label->is_string()) return false;
  if (box->is_null() || (box->is_array() && box->empty())) return true;  // not found
  if (!box->is_array() || box->size() != 4) return false;
  double at[4];
  int64_t corner[4];
  for (size_t i = 0; i < 4; ++i) {
    const auto value = number_of((*box)[i]);
    if (!value || !std::isfinite(*value)) return false;
    at[i] = *value;
    const double side = i % 2 == 0 ? width : height;
    corner[i] = record::got_place(at[i], side);
  }
  if (at[0] > at[2] || at[1] > at[3]) return false;
  if (corner[0] == corner[2] || corner[1] == corner[3]) return true;
  boxes.push_back({std::string(base::trim(label->get_ref<const std::string&>())), corner[0], corner[1], corner[2], corner[3]});
  return true;
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

// "The red circle" as "red circle".
std::string plain_name(const std::string& name) {
  std::string text = base::to_lower(base::trim(name));
  for (const std::string_view article : {"a ", "an ", "the "}) {
    if (text.starts_with(article)) return std::string(base::trim(text.substr(article.size())));
  }
  return text;
}

// The boxes of one value: an object, or a list of them. nullopt when one cannot be read.
std::optional<std::vector<PlannedObject>> boxes_in(const Json& value, int width, int height) {
  std::vector<PlannedObject> boxes;
  const auto readable = [&](const Json& item) { return take_box(item, width, height, boxes); };
  const bool all = box_of(value) != nullptr ? readable(value)
                                            : std::all_of(box_list(value)->begin(), box_list(value)->end(), readable);
  return all ? std::optional(std::move(boxes)) : std::nullopt;
}

bool share_a_name(const std::vector<PlannedObject>& a, const std::vector<PlannedObject>& b) {
  std::set<std::string> names;
  for (const PlannedObject& object : a) names.insert(plain_name(object.name));
  return std::any_of(b.begin(), b.end(), [&](const PlannedObject& o) { return names.contains(plain_name(o.name)); });
}

}  // namespace

std::optional<std::vector<PlannedObject>> located_boxes(std::string_view text, int width, int height) {
  const auto values =
      http::every_json_in_text(text, [](const Json& j) { return box_of(j) != nullptr || box_list(j) != nullptr; });
  if (values.empty()) return std::nullopt;
  std::vector<PlannedObject> boxes;
  for (const Json& value : values) {
    auto more = boxes_in(value, width, height);
    if (!more) return std::nullopt;
    // A list that names again what was found is written anew; objects one by one, or a list for each, may be two stars.
    if (more->size() > 1 && share_a_name(*more, boxes)) boxes.clear();
    boxes.insert(boxes.end(), std::make_move_iterator(more->begin()), std::make_move_iterator(more->end()));
  }
  return boxes;
}

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
