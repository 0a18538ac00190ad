#include "record/annotation_styles.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace easel::record {

using base::cat;
using base::quote;
using jsonl::Json;

namespace {

constexpr const char* kPrompts = "augmented_prompts";
constexpr const char* kCots = "augmented_cots";
constexpr AnnotationStyle kAlways[] = {
    {"brief_caption", "", "brief_caption", false, "one short sentence that names the main objects, as a user would ask for the picture"},
    {"detailed_caption", "", "detailed_caption", false,
     "60 to 120 words: every object, how many, colors, materials, where each stands, background, light and style"},
};

}  // namespace

const std::vector<AnnotationStyle>& annotation_styles() {
  static const auto* styles = new std::vector<AnnotationStyle>{
      {"short_caption", kPrompts, "short_caption", false, "at most eight words"},
      {"paraphrases", kPrompts, "paraphrases", true, "three other wordings of brief_caption"},
      {"tags", kPrompts, "tags", false, "five to ten key words with commas between them"},
      {"varied_captions", kPrompts, "varied_captions", true, "three captions of different length and style"},
      {"object_prompts", kPrompts, "object_prompts", true, "one noun phrase for each main object, the most important first"},
      {"object_centric", kCots, "object_centric", false, "the picture told object by object, each with its attributes"},
      {"region_descriptions", kCots, "region_descriptions", false, "the picture told region by region: top left, center, background"},
      {"step_by_step", kCots, "step_by_step", false, "how to draw the picture, in steps from background to details"},
      {"cot_tags", kCots, "tags", false, "ten to twenty key words with commas between them: objects, attributes, style"},
  };
  return *styles;
}

std::vector<AnnotationStyle> parse_annotation_styles(const std::string& list) {
  if (list == "all") return annotation_styles();
  std::vector<AnnotationStyle> out;
  if (list == "none") return out;
  for (const auto& word : base::split(list, ',')) {
    const auto& known = annotation_styles();
    const auto found = std::find_if(known.begin(), known.end(), [&](const auto& s) { return s.name == std::string(base::trim(word)); });
    if (found == known.end()) {
      std::vector<std::string> names;
      for (const auto& s : known) names.emplace_back(s.name);
      base::fail_usage(cat("--styles: expected all, none or some of ", base::join(names, ","), ", got ", quote(word)));
    }
    out.push_back(*found);
  }
  return out;
}

namespace {

// Calls body(style) for the two fields of every annotation, then for the chosen ones.
template <class Body>
void for_each_wanted(const std::vector<AnnotationStyle>& styles, const Body& body) {
  for (const auto& style : kAlways) body(style);
  for (const auto& style : styles) body(style);
}

bool has_part(const AnnotationStyle& style) { return *style.part != '\0'; }

bool is_text(const Json& value) {
  return value.is_string() && !base::trim(value.get_ref<const std::string&>()).empty();
}

// What a list of one holds, as models answer that take "JSON" for a list of records; anything else as it is.
const Json& the_one_in(const Json& value) { return value.is_array() && value.size() == 1 ? value.front() : value; }

// The field in its own form: models give one text for a list, and a list for a text. null: it is neither.
Json in_form(const Json& value, const AnnotationStyle& style) {
  const bool is_list = value.is_array() && !value.empty() && std::all_of(value.begin(), value.end(), is_text);
  if (!is_list && !is_text(value)) return nullptr;
  if (style.list) return is_list ? value : Json::array({value});
  if (!is_list) return std::string(base::trim(value.get<std::string>()));  // a model may end its text with a new line
  return base::join(value.get<std::vector<std::string>>(), style.field == std::string_view("tags") ? ", " : " ");
}

}  // namespace

std::string annotation_wishes(const std::vector<AnnotationStyle>& styles) {
  std::string text;
  for_each_wanted(styles, [&](const AnnotationStyle& style) {
    text += cat(text.empty() ? "" : "\n", "- ", style.part, has_part(style) ? "." : "", style.field,
                style.list ? " (a list of strings): " : " (a string): ", style.wish);
  });
  return text;
}

std::string annotation_schema(const std::vector<AnnotationStyle>& styles) {
  const auto object = [] { return Json{{"type", "object"}, {"properties", Json::object()}, {"required", Json::array()}, {"additionalProperties", false}}; };
  const auto add = [](Json& to, const char* name, Json what) {
    if (!to["properties"].contains(name)) to["required"].push_back(name);
    to["properties"][name] = std::move(what);
  };
  Json schema = object();
  for_each_wanted(styles, [&](const AnnotationStyle& style) {
    Json type = {{"type", "string"}};
    if (style.list) type = {{"type", "array"}, {"items", type}};
    if (!has_part(style)) return add(schema, style.field, type);
    Json part = schema["properties"].contains(style.part) ? schema["properties"][style.part] : object();
    add(part, style.field, type);
    add(schema, style.part, part);
  });
  return schema.dump();
}

bool is_meant_annotation(const Json& value) {
  const Json& object = the_one_in(value);
  const auto is_there = [&](const AnnotationStyle& caption) { return object.contains(caption.field); };
  return object.is_object() && std::any_of(std::begin(kAlways), std::end(kAlways), is_there);
}

jsonl::Object read_annotation(std::string_view json, const std::vector<AnnotationStyle>& styles) {
  const Json answer = Json::parse(json.begin(), json.end(), nullptr, false);
  const Json& given = the_one_in(answer);
  if (!given.is_object()) base::fail("the answer holds no JSON object");
  Json wanted = Json::object();
  for_each_wanted(styles, [&](const AnnotationStyle& style) {
    const Json* at = &given;
    for (const char* key : {style.part, style.field}) {
      if (*key == '\0') continue;
      if (!at->is_object() || !at->contains(key)) base::fail(cat("the answer has no ", style.part, has_part(style) ? "." : "", style.field));
      at = &(*at)[key];
    }
    Json field = in_form(*at, style);
    if (field.is_null()) base::fail(cat("the answer's ", style.field, style.list ? " is no list of texts" : " is no text"));
    (has_part(style) ? wanted[style.part] : wanted)[style.field] = std::move(field);
  });
  jsonl::Object out;
  for (const auto& [key, value] : wanted.items()) out.set_json(key, value);
  return out;
}

}  // namespace easel::record
