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

TEST(Annotation, AListOfWordingsMayBeAText) {
  const auto wordings = [](const std::string& text) {
    jsonl::Object styles, record;
    styles.set("paraphrases", text);
    record.set("id", "1");
    record.set("brief_caption", "a bench");
    record.set("augmented_prompts", styles);
    return Annotation::parse(record).paraphrases;
  };
  using List = std::vector<std::string>;
  EXPECT_EQ(wordings("only one"), List{"only one"});
  EXPECT_EQ(wordings(R"(["a \"b\"", "caf\u00e9"])"), (List{"a \"b\"", "caf\u00e9"}));
  EXPECT_EQ(wordings(R"(['a', "it's", 'don\'t'])"), (List{"a", "it's", "don't"}));
  EXPECT_EQ(wordings("['a',]"), List{"a"});
  EXPECT_EQ(wordings(R"(['a\xa0b\u2009c\nd', 'e\U000e0020f'])"), (List{"a\u00a0b\u2009c d", "e f"}));
  EXPECT_EQ(wordings("[]"), List{});
  EXPECT_EQ(wordings(""), List{""});
  for (const char* prose : {"[sic] a bench", "['a' bench]", "['a", "[1, 2]", "['a'] and more"}) EXPECT_EQ(wordings(prose), List{prose});
}

TEST(Annotation, TagsAndChainsMayBeListsWithinATextToo) {
  using List = std::vector<std::string>;
  const auto record = [](const std::string& tags) {
    const std::string text = jsonl::Json(tags).dump();
    return jsonl::Object::parse(base::cat(R"({"id":"a","augmented_prompts":{"tags":)", text, R"(},"augmented_cots":{"tags":)", text,
                             R"(,"step_by_step":)", text, "}}"), {"in", 1});
  };
  EXPECT_EQ(Annotation::parse(record("a, b")).tags, (List{"a", "b"}));
  EXPECT_EQ(Annotation::parse(record("['a', 'b, c']")).tags, (List{"a", "b, c"}));
  EXPECT_EQ(Annotation::chain(record("a, b"), "step_by_step"), "a, b");
  EXPECT_EQ(Annotation::chain(record("['a', 'b']"), "step_by_step"), "a b");
  EXPECT_EQ(Annotation::chain(record("['a', 'b']"), "cot_tags"), "a, b");
}

TEST(Annotation, WritesNoFieldThatIsNotItsOwn) {
  Annotation a = parsed(R"({"id":"1","image":"a.png","brief_caption":"a bench","got":"g","annotator":"shapes"})");
  jsonl::Object record;
  a.write(record);
  for (const auto& field : record.keys()) EXPECT_TRUE(Annotation::writes(field)) << field;
  for (const char* other : {"tokens", "extra", "prompt", ""}) EXPECT_FALSE(Annotation::writes(other)) << other;
}

TEST(AnnotationStamp, LeavesOtherFieldsAlone) {
  const auto stamp = [](const std::string& line) { return AnnotationStamp::parse(jsonl::Object::parse(line, {"test", 1})); };
  const auto mine = stamp(R"({"id":"1","tokens":"none","got":7,"brief_caption":"a bench","annotator":"shapes"})");
  EXPECT_EQ(mine.id, "1");
  EXPECT_EQ(mine.annotator, "shapes");
  EXPECT_EQ(stamp(R"({"id":"1","augmented_prompts":{}})").annotator, "");
  EXPECT_THROW(stamp(R"({"id":"1","tokens":"none"})"), base::RecordError);
}

}  // namespace
}  // namespace easel::record
