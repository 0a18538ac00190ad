// What a vision-language model is asked for when it annotates a picture: the fields of ReasonGen-R1's published data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jsonl/object.h"

namespace easel::record {

struct AnnotationStyle {
  const char* name;  // as --styles has it: "paraphrases"; of a chain "cot_tags"
  const char* part;  // "augmented_prompts" or "augmented_cots"
  const char* field;
  bool list;         // of strings, or one string
  const char* wish;  // in words, for the model
};

const std::vector<AnnotationStyle>& annotation_styles();

// "paraphrases,step_by_step", "all" or "none". Throws UsageError naming --styles.
std::vector<AnnotationStyle> parse_annotation_styles(const std::string& list);

// The wanted fields in words, a line each, and as a JSON schema. brief_caption and detailed_caption are always wanted.
std::string annotation_wishes(const std::vector<AnnotationStyle>& styles);
std::string annotation_schema(const std::vector<AnnotationStyle>& styles);

// Whether JSON in an answer is meant as the annotation, whole or not: an object with one of the two captions, or a list
// of one such object.
bool is_meant_annotation(const jsonl::Json& value);

// The wanted fields of what a model answered, and no others; one text stands for a list of it, and a list for a text, its
// parts joined; a list of one object stands for the object. Throws Error saying what is missing or of another type.
jsonl::Object read_annotation(std::string_view json, const std::vector<AnnotationStyle>& styles);

}  // namespace easel::record
