#include "record/annotation.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

namespace easel::record {

using jsonl::Json;
using jsonl::Object;

namespace {
// What Python's escape at the text's beginning, behind its backslash, stands for, as UTF-8; `length`: of the escape. What is no
// letter of a caption is a space.
std::string unescaped(std::string_view text, size_t* length) {
  const size_t digits = text[0] == 'x' ? 2 : text[0] == 'u' ? 4 : text[0] == 'U' ? 8 : 0;
  *length = 1 + digits;
  if (digits == 0) return text[0] == 'n' || text[0] == 't' || text[0] == 'r' ? " " : std::string(1, text[0]);
  const std::string hex = std::string(4, '0') + std::string(text.substr(1, digits));
  if (digits == 8 || hex.size() != 4 + digits) return " ";
  const Json letter = Json::parse("\"\\u" + hex.substr(hex.size() - 4) + "\"", nullptr, false);
  return letter.is_string() ? letter.get<std::string>() : " ";
}

// A list of strings as JSON or Python write it; nullopt: the text is none.
std::optional<std::vector<std::string>> quoted_list(std::string_view text) {
  if (!text.starts_with('[')) return std::nullopt;
  const Json json = Json::parse(text, nullptr, false);
  const auto is_string = [](const Json& item) { return item.is_string(); };
  if (json.is_array() && std::all_of(json.begin(), json.end(), is_string)) return json.get<std::vector<std::string>>();
  std::vector<std::string> out;  // Python's: quotes of either kind
  size_t i = 1;
  const auto skip = [&] {
    while (i < text.size() && std::isspace(static_cast<unsigned char>(text[i]))) ++i;
  };
  for (skip(); i < text.size() && text[i] != ']'; skip()) {
    const char quote = text[i++];
    if (quote != '"' && quote != '\'') return std::nullopt;
    std::string item;
    for (size_t length = 1; i < text.size() && text[i] != quote; i += length) {
      if (text[i] == '\\' && i + 1 < text.size()) {
        item += unescaped(text.substr(++i), &length);
      } else {
        item += text[i];
        length = 1;
      }
    }
    if (i++ >= text.size()) return std::nullopt;
    out.push_back(std::move(item));
    skip();
    if (i < text.size() && text[i] == ',') ++i;
  }
  return i + 1 == text.size() ? std::optional(out) : std::nullopt;
}

// Published rows hold a list, or a text; which may be a list as JSON or Python write it. nullopt: a text that is none.
std::optional<std::vector<std::string>> list_of(const Object& from, std::string_view key) {
  if (from.raw(key)[0] != '"') return from.strings(key);
  return quoted_list(base::trim(from.string(key)));
}

// A list, or one string with commas.
std::vector<std::string> words_or_list(const Object& from, std::string_view key) {
  if (from.is_null(key)) return {};
  if (auto list = list_of(from, key)) return *list;
  std::vector<std::string> parts;
  for (const auto& part : base::split(from.string(key), ',')) parts.emplace_back(base::trim(part));
  return parts;
}

// A list of wordings, or one.
std::vector<std::string> wordings(const Object& from, std::string_view key) {
  if (from.is_null(key)) return {};
  if (auto list = list_of(from, key)) return *list;
  return {std::string(base::trim(from.string(key)))};
}

[[noreturn]] void fail_without_caption(const Object& record) {
  record.fail("no caption: expected \"brief_caption\" or \"augmented_prompts\"");
}
}  // namespace

Annotation Annotation::parse(const Object& record) {
  Annotation a;
  a.id = record.string("id");
  a.image = record.optional_string("image").value_or("");
  a.brief_caption = record.optional_string("brief_caption").value_or("");
  a.detailed_caption = record.optional_string("detailed_caption").value_or("");
  if (!record.is_null("augmented_prompts")) {
    const Object styles = record.object("augmented_prompts");
    a.short_caption = styles.optional_string("short_caption").value_or("");
    a.paraphrases = wordings(styles, "paraphrases");
    a.tags = words_or_list(styles, "tags");
    a.varied_captions = wordings(styles, "varied_captions");
    a.object_prompts = wordings(styles, "object_prompts");
  }
  a.got = record.optional_string("got").value_or("");
  a.tokens = TokensRef::parse(record);
  a.annotator = record.optional_string("annotator").value_or("");
  if (a.prompt_styles().empty()) fail_without_caption(record);
  return a;
}

std::string Annotation::chain(const Object& record, const std::string& name) {
  if (name == "detailed_caption" || name == "got") return record.optional_string(name).value_or("");
  if (record.is_null("augmented_cots")) return "";
  const Object cots = record.object("augmented_cots");
  const std::string field = name == "cot_tags" ? "tags" : name;  // of prompts there are tags as well
  if (cots.is_null(field)) return "";
  const auto texts = list_of(cots, field);
  return texts ? base::join(*texts, field == "tags" ? ", " : " ") : cots.string(field);
}

void Annotation::write(Object& record) const {
  record.set("id", id);
  record.set("image", image);
  record.set("brief_caption", brief_caption);
  record.set("detailed_caption", detailed_caption);
  const Json styles = {{"short_caption", short_caption},
                       {"paraphrases", paraphrases},
                       {"tags", base::join(tags, ", ")},
                       {"varied_captions", varied_captions},
                       {"object_prompts", object_prompts}};
  record.set_json("augmented_prompts", styles);
  if (!got.empty()) record.set("got", got);
  if (tokens) tokens->write(record);
  if (!annotator.empty()) record.set("annotator", annotator);
}

bool Annotation::writes(std::string_view field) {
  static constexpr std::string_view kFields[] = {
      "id", "image", "brief_caption", "detailed_caption", "augmented_prompts", "augmented_cots", "got", "annotator",
      "answer_finish"};  // the last is janus-answer's
  return std::find(std::begin(kFields), std::end(kFields), field) != std::end(kFields);
}

std::vector<PromptStyle> Annotation::prompt_styles() const {
  std::vector<PromptStyle> styles;
  const auto add = [&](const std::vector<std::string>& texts) {
    PromptStyle style;
    for (const auto& text : texts) {
      if (!text.empty()) style.push_back(text);
    }
    if (!style.empty()) styles.push_back(std::move(style));
  };
  add({brief_caption});
  add({short_caption});
  add(paraphrases);
  add({base::join(tags, ", ")});
  add(varied_captions);
  // The first object, the first two, ...: each is a wording.
  std::vector<std::string> named;
  for (size_t n = 1; n <= object_prompts.size(); ++n) {
    named.push_back(base::join({object_prompts.begin(), object_prompts.begin() + static_cast<std::ptrdiff_t>(n)}, " and "));
  }
  add(named);
  return styles;
}

AnnotationStamp AnnotationStamp::parse(const Object& record) {
  if (record.is_null("brief_caption") && record.is_null("augmented_prompts")) fail_without_caption(record);
  return {record.string("id"), record.optional_string("annotator").value_or("")};
}

}  // namespace easel::record
