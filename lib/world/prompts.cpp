#include "world/prompts.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/random.h"
#include "world/scene.h"

namespace easel::world {

using base::cat;

namespace {

const std::vector<std::string>& leads() {
  static const std::vector<std::string> all = {"a photo of ",
                                               "a picture of ",
                                               "an image of ",
                                               "a drawing of ",
                                               "a painting of ",
                                               "a sketch of ",
                                               "a print of ",
                                               "a snapshot of ",
                                               "an illustration of ",
                                               "a poster of ",
                                               "a rendering of ",
                                               "a view of ",
                                               ""};
  return all;
}

const std::vector<std::string>& endings() {
  static const std::vector<std::string> all = {"", " on a plain background", " on grey",
                                               " and nothing else"};
  return all;
}

const std::vector<std::string>& relations() {
  static const std::vector<std::string> all = {"left of", "right of", "above", "below"};
  return all;
}

// By value; 0 and 1 are never spoken.
const std::vector<std::string>& numbers() {
  static const std::vector<std::string> all = {"zero", "one", "two",   "three", "four",
                                               "five", "six", "seven", "eight", "nine"};
  return all;
}

std::string plural(const std::string& noun) { return noun + (noun.back() == 's' ? "es" : "s"); }

std::string article(const std::string& word) {
  return std::string_view("aeiou").find(word[0]) != std::string_view::npos ? "an" : "a";
}

const std::string& shape_name(int shape) { return shape_names().at(static_cast<size_t>(shape)); }
const std::string& color_name(int color) { return color_names().at(static_cast<size_t>(color)); }

// "a red circle", "two circles".
std::optional<Term> parse_term(std::string_view text) {
  const auto words = base::split_words(text);
  if (words.size() < 2 || words.size() > 3) return std::nullopt;
  Term term;
  if (words[0] != "a" && words[0] != "an") {
    const auto found = std::find(numbers().begin() + 2, numbers().end(), words[0]);
    if (found == numbers().end()) return std::nullopt;
    term.count = static_cast<int>(found - numbers().begin());
  }
  if (words.size() == 3) {
    term.color = color_index(words[1]);
    if (term.color < 0) return std::nullopt;
  }
  term.shape = -1;
  for (int s = 0; s < kShapes; ++s) {
    if (words.back() == (term.count > 1 ? plural(shape_name(s)) : shape_name(s))) term.shape = s;
  }
  if (term.shape < 0) return std::nullopt;
  return phrase(term) == base::join(words, " ") ? std::optional(term) : std::nullopt;
}

std::optional<Content> parse_body(const std::string& body) {
  Content content;
  for (const auto& relation : relations()) {
    const std::string mark = cat(" ", relation, " ");
    const size_t at = body.find(mark);
    if (at == std::string::npos) continue;
    const auto a = parse_term(body.substr(0, at)), b = parse_term(body.substr(at + mark.size()));
    if (!a || !b) return std::nullopt;
    return Content{{*a, *b}, relation};
  }
  const size_t last = body.rfind(" and ");
  const std::string head = body.substr(0, last);
  size_t begin = 0;
  while (true) {
    const size_t comma = last == std::string::npos ? std::string::npos : head.find(", ", begin);
    const auto term = parse_term(head.substr(begin, comma - begin));
    if (!term) return std::nullopt;
    content.terms.push_back(*term);
    if (comma == std::string::npos) break;
    begin = comma + 2;
  }
  if (last != std::string::npos) {
    const auto term = parse_term(body.substr(last + 5));
    if (!term) return std::nullopt;
    content.terms.push_back(*term);
  }
  return content;
}

// A pair of different indices below n from one below n * (n - 1).
std::pair<int, int> ordered_pair(int64_t index, int n) {
  const int first = static_cast<int>(index / (n - 1)), second = static_cast<int>(index % (n - 1));
  return {first, second < first ? second : second + 1};
}

// One of GenEval's tasks: its contents, numbered.
struct Task {
  std::string tag;
  int64_t contents;
};

const std::vector<Task>& tasks() {
  constexpr int64_t kPairs = kShapes * (kShapes - 1);
  static const std::vector<Task> all = {
      {"single_object", kShapes}, {"two_object", kPairs},
      {"counting", kShapes * 3},  {"colors", kShapes * kColors},
      {"position", kPairs * 4},   {"color_attr", kPairs * kColors * (kColors - 1)}};
  return all;
}

Content task_content(const std::string& tag, int64_t index) {
  const auto shape = [](int64_t i) { return static_cast<int>(i % kShapes); };
  if (tag == "single_object") return {{{shape(index)}}, ""};
  if (tag == "counting") return {{{shape(index), static_cast<int>(2 + index / kShapes)}}, ""};
  if (tag == "colors") return {{{shape(index), 1, static_cast<int>(index / kShapes)}}, ""};
  constexpr int64_t kPairs = kShapes * (kShapes - 1);
  const auto [a, b] = ordered_pair(index % kPairs, kShapes);
  const int64_t rest = index / kPairs;
  if (tag == "two_object") return {{{a}, {b}}, ""};
  if (tag == "position") return {{{a}, {b}}, relations()[static_cast<size_t>(rest)]};
  const auto [c, d] = ordered_pair(rest, kColors);
  return {{{a, 1, c}, {b, 1, d}}, ""};
}

// A random order of 0 .. size-1 without keeping it: a four-round Feistel network over the next
// power of four, walked until it falls below size.
class Permutation {
 public:
  Permutation(uint64_t size, int64_t seed, const std::string& name)
      : size_(size), rng_(static_cast<uint64_t>(seed), "prompt-order", name) {
    while ((uint64_t{1} << (2 * half_bits_)) < size) ++half_bits_;
  }
  uint64_t size() const { return size_; }
  uint64_t at(uint64_t index) const {
    do {
      index = shuffle(index);
    } while (index >= size_);
    return index;
  }

 private:
  uint64_t shuffle(uint64_t value) const {
    const uint64_t mask = (uint64_t{1} << half_bits_) - 1;
    uint64_t left = value >> half_bits_, right = value & mask;
    for (uint64_t round = 0; round < 4; ++round) {
      const uint64_t next = left ^ (rng_.bits(right, round) & mask);
      left = right;
      right = next;
    }
    return left << half_bits_ | right;
  }
  uint64_t size_;
  int half_bits_ = 1;
  base::CounterRng rng_;
};

// One task's prompts of one split in the seed's order.
class TaskStream {
 public:
  TaskStream(const Task& task, bool test, int64_t seed)
      : task_(task),
        test_(test),
        order_(static_cast<uint64_t>(task.contents * wording_count()), seed, task.tag) {}

  bool next(WorldPrompt* out) {
    while (position_ < order_.size()) {
      const auto index = static_cast<int64_t>(order_.at(position_++));
      const Content content = task_content(task_.tag, index / wording_count());
      out->prompt = worded(content, static_cast<int>(index % wording_count()));
      if (is_test_prompt(out->prompt) != test_) continue;
      out->metadata = metadata_of(content);
      return true;
    }
    return false;
  }

 private:
  const Task& task_;
  bool test_;
  Permutation order_;
  uint64_t position_ = 0;
};

}  // namespace

std::string phrase(const Term& term) {
  const std::string& shape = shape_name(term.shape);
  const std::string said = term.color < 0 ? "" : color_name(term.color) + " ";
  if (term.count == 1) {
    const std::string rest = said + shape;
    return cat(article(rest), " ", rest);
  }
  if (term.count < 1 || term.count > kMaxSpokenCount) {
    base::fail(cat("cannot say a count of ", term.count, "; expected 1 to ", kMaxSpokenCount));
  }
  return cat(numbers()[static_cast<size_t>(term.count)], " ", said, plural(shape));
}

std::string phrase(const Content& content) {
  std::string out;
  for (size_t i = 0; i < content.terms.size(); ++i) {
    if (i > 0 && !content.relation.empty()) {
      out += cat(" ", content.relation, " ");
    } else if (i > 0) {
      out += i + 1 == content.terms.size() ? " and " : ", ";
    }
    out += phrase(content.terms[i]);
  }
  return out;
}

int wording_count() { return static_cast<int>(leads().size() * endings().size()); }

std::string worded(const Content& content, int wording) {
  const auto w = static_cast<size_t>(wording);
  return leads().at(w / endings().size()) + phrase(content) + endings()[w % endings().size()];
}

record::GenevalMetadata metadata_of(const Content& content) {
  record::GenevalMetadata m;
  bool counted = false, colored = true;
  for (const Term& term : content.terms) {
    record::ObjectClause clause;
    clause.class_name = shape_name(term.shape);
    clause.count = term.count;
    if (term.color >= 0) clause.color = color_name(term.color);
    counted = counted || term.count > 1;
    colored = colored && term.color >= 0;
    m.include.push_back(clause);
    if (term.count == 1) continue;
    clause.color.reset();
    clause.count = term.count + 1;
    m.exclude.push_back(clause);
  }
  if (!content.relation.empty()) {
    m.tag = "position";
    std::reverse(m.include.begin(), m.include.end());
    m.include.back().position = {content.relation, 0};
  } else if (counted) {
    m.tag = "counting";
  } else if (content.terms.size() > 1) {
    m.tag = colored ? "color_attr" : "two_object";
  } else {
    m.tag = colored ? "colors" : "single_object";
  }
  return m;
}

std::optional<Content> parse_content(std::string_view prompt) {
  std::string text = base::to_lower(base::trim(prompt));
  if (text.ends_with('.')) text.pop_back();
  for (const auto& ending : endings()) {
    if (!ending.empty() && text.ends_with(ending)) {
      text.resize(text.size() - ending.size());
      break;
    }
  }
  for (const auto& lead : leads()) {
    if (!lead.empty() && text.starts_with(lead)) {
      text.erase(0, lead.size());
      break;
    }
  }
  return parse_body(text);
}

std::optional<record::GenevalMetadata> parse_prompt(std::string_view prompt) {
  const auto content = parse_content(prompt);
  if (!content) return std::nullopt;
  return metadata_of(*content);
}

bool is_test_prompt(std::string_view prompt) {
  return base::CounterRng(0, "world-split", prompt).uniform(0) < 0.2;
}

const std::vector<std::string>& task_tags() {
  static const auto* tags = [] {
    auto* list = new std::vector<std::string>;
    for (const Task& task : tasks()) list->push_back(task.tag);
    return list;
  }();
  return *tags;
}

std::vector<WorldPrompt> draw_prompts(const std::string& split, int64_t count, int64_t seed,
                                      std::vector<std::string> tags) {
  if (split != "train" && split != "test") {
    base::fail_usage(cat("split: expected train or test, got ", base::quote(split)));
  }
  if (tags.empty()) tags = task_tags();
  std::map<std::string, TaskStream> streams;
  std::vector<TaskStream*> turns;
  for (const auto& tag : tags) {
    const auto task =
        std::find_if(tasks().begin(), tasks().end(), [&](const Task& t) { return t.tag == tag; });
    if (task == tasks().end()) {
      base::fail_usage(cat("no task ", base::quote(tag)),
                       cat("the tasks are ", base::join(task_tags(), ", ")));
    }
    turns.push_back(&streams.try_emplace(tag, *task, split == "test", seed).first->second);
  }
  std::vector<WorldPrompt> out;
  while (static_cast<int64_t>(out.size()) < count) {
    const size_t before = out.size();
    for (TaskStream* stream : turns) {
      WorldPrompt next;
      if (static_cast<int64_t>(out.size()) >= count || !stream->next(&next)) continue;
      next.id = cat(split, "-", record::default_id(static_cast<int64_t>(out.size())));
      out.push_back(std::move(next));
    }
    if (out.size() == before) {
      base::fail_usage(cat("only ", before, " distinct ", split, " prompts of ",
                           base::join(tags, ", "), " exist; ", count, " were asked for"));
    }
  }
  return out;
}

const std::vector<std::string>& vocabulary() {
  static const auto* words = [] {
    std::set<std::string> all = {".", ",", "a", "an", "and", "at", "the"};
    const auto add = [&](const std::vector<std::string>& texts) {
      for (const auto& text : texts) {
        for (auto& word : base::split_words(text)) all.insert(std::move(word));
      }
    };
    add(leads());
    add(endings());
    add(relations());
    add({numbers().begin() + 2, numbers().end()});
    add(cell_names());
    add(color_names());
    add(shape_names());
    for (const auto& name : shape_names()) all.insert(plural(name));
    return new std::vector<std::string>(all.begin(), all.end());
  }();
  return *words;
}

}  // namespace easel::world
