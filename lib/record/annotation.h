// Annotated images: captions in several styles and a chain of thought
// (schemas/annotation.v1.schema.json). Field names are those of ReasonGen-R1's published SFT data.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jsonl/object.h"
#include "record/tokens.h"

namespace easel::record {

using PromptStyle = std::vector<std::string>;  // wordings of one style

struct Annotation {
  std::string id;
  std::string image;  // path
  std::string brief_caption;
  std::string detailed_caption;  // the chain of thought
  std::string got;               // a chain with boxes (got_chain.h); or empty
  // augmented_prompts
  std::string short_caption;
  std::vector<std::string> paraphrases;
  std::vector<std::string> tags;
  std::vector<std::string> varied_captions;
  std::vector<std::string> object_prompts;
  std::optional<TokensRef> tokens;
  std::string annotator;  // what wrote it, with its settings: "shapes noise=0.1 seed=1"; or empty

  static Annotation parse(const jsonl::Object& record);
  // The chain that a record has in the field `name`: "detailed_caption", "got", or a style of augmented_cots
  // ("step_by_step"); empty when it has none.
  static std::string chain(const jsonl::Object& record, const std::string& name);
  void write(jsonl::Object& record) const;
  // Whether annotators write the field, over what the record of a list had there. Not so `tokens`, which come later.
  static bool writes(std::string_view field);
  // The styles of the prompt that the record has, the brief caption first, each with its wordings: a
  // visit draws a style uniformly, then a wording of it. Of object_prompts a wording is the first n of
  // them, joined by "and". No style and no wording is empty.
  std::vector<PromptStyle> prompt_styles() const;
};

// What a run that goes on with a file of annotations has to know of each. Other fields may be of any type: a list's
// records brought them.
struct AnnotationStamp {
  std::string id, annotator;  // as above

  static AnnotationStamp parse(const jsonl::Object& record);
};

}  // namespace easel::record
