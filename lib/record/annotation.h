// Annotated images: captions in several styles and a chain of thought
// (schemas/annotation.v1.schema.json). Field names are those of ReasonGen-R1's published SFT data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jsonl/object.h"
#include "record/tokens.h"

namespace easel::record {

struct Annotation {
  std::string id;
  std::string image;  // path
  std::string brief_caption;
  std::string detailed_caption;  // the chain of thought
  // augmented_prompts
  std::string short_caption;
  std::vector<std::string> paraphrases;
  std::vector<std::string> tags;
  std::vector<std::string> varied_captions;
  std::vector<std::string> object_prompts;
  std::optional<TokensRef> tokens;
  std::string annotator;  // what wrote it, with its settings: "shapes noise=0.1 seed=1"; or empty

  static Annotation parse(const jsonl::Object& record);
  void write(jsonl::Object& record) const;
  // Every wording of the prompt that the record has, the brief caption first: one is drawn per
  // visit (RECIPES: "one prompt style drawn uniformly").
  std::vector<std::string> prompt_styles() const;
};

}  // namespace easel::record
