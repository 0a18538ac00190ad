#include "record/annotation.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

namespace easel::record {

using jsonl::Json;
using jsonl::Object;

namespace {
// Published rows hold a list, or one string with commas; both are read.
std::vector<std::string> words_or_list(const Object& from, std::string_view key) {
  if (from.is_null(key)) return {};
  if (from.raw(key)[0] == '"') {
    std::vector<std::string> parts;
    for (const auto& part : base::split(from.string(key), ',')) {
      parts.emplace_back(base::trim(part));
    }
    return parts;
  }
  return from.strings(key);
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
    a.paraphrases = styles.strings("paraphrases");
    a.tags = words_or_list(styles, "tags");
    a.varied_captions = styles.strings("varied_captions");
    if (!styles.is_null("object_prompts")) {
      a.object_prompts = styles.raw("object_prompts")[0] == '"'
                             ? std::vector<std::string>{styles.string("object_prompts")}
                             : styles.strings("object_prompts");
    }
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
  // Published rows hold a text, or a list of them.
  return cots.raw(field)[0] == '[' ? base::join(cots.strings(field), field == "tags" ? ", " : " ") : cots.string(field);
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
