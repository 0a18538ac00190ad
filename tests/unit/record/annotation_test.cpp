#include "record/annotation.h"

#include <gtest/gtest.h>

namespace easel::record {
namespace {

Annotation parsed(const std::string& line) { return Annotation::parse(jsonl::Object::parse(line, {"test", 1})); }

TEST(Annotation, StylesKeepTheirWordingsApart) {
  const auto a = parsed(
      R"({"id":"1","brief_caption":"a bench","augmented_prompts":{"short_caption":"bench","paraphrases":["p","q","r"],)"
      R"("tags":["bench","lawn"],"varied_captions":["v",""],"object_prompts":["a bench","a lawn","a tree"]}})");
  const std::vector<PromptStyle> expected = {{"a bench"},     {"bench"}, {"p", "q", "r"},
                                             {"bench, lawn"}, {"v"},     {"a bench", "a bench and a lawn", "a bench and a lawn and a tree"}};
  EXPECT_EQ(a.prompt_styles(), expected);
}

TEST(Annotation, StylesThatAreNotThereAreLeftOut) {
  const auto a = parsed(R"({"id":"1","augmented_prompts":{"paraphrases":[],"tags":"","varied_captions":["v"]}})");
  EXPECT_EQ(a.prompt_styles(), (std::vector<PromptStyle>{{"v"}}));
  EXPECT_THROW(parsed(R"({"id":"1","augmented_prompts":{"varied_captions":[""]}})"), base::RecordError);
}

}  // namespace
}  // namespace easel::record
