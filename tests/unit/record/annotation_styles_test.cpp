// What a model is asked for, and what of its answer is taken.
#include "record/annotation_styles.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "record/annotation.h"

namespace easel::record {
namespace {

using jsonl::Json;

const std::string kAnswer = R"({"brief_caption":"a red star","detailed_caption":"A red star on grey.","extra":7,
  "augmented_prompts":{"paraphrases":["one red star"],"tags":"star, red"},"augmented_cots":{"step_by_step":"First grey."}})";

TEST(AnnotationStyles, AreChosenByName) {
  EXPECT_EQ(parse_annotation_styles("all").size(), 9U);
  EXPECT_TRUE(parse_annotation_styles("none").empty());
  const auto two = parse_annotation_styles("paraphrases, cot_tags");
  ASSERT_EQ(two.size(), 2U);
  EXPECT_STREQ(two[1].part, "augmented_cots");
  EXPECT_STREQ(two[1].field, "tags");
  for (const char* bad : {"", "haiku", "tags,", "all,tags"}) EXPECT_THROW(parse_annotation_styles(bad), base::UsageError) << bad;
}

TEST(AnnotationStyles, SchemaAndWishesNameWhatIsWanted) {
  const auto styles = parse_annotation_styles("paraphrases,tags,step_by_step");
  const Json schema = Json::parse(annotation_schema(styles));
  EXPECT_EQ(schema["required"], (Json{"brief_caption", "detailed_caption", "augmented_prompts", "augmented_cots"}));
  EXPECT_EQ(schema["properties"]["augmented_prompts"]["required"], (Json{"paraphrases", "tags"}));
  EXPECT_EQ(schema["properties"]["augmented_prompts"]["properties"]["paraphrases"]["items"]["type"], "string");
  EXPECT_FALSE(schema["properties"]["augmented_cots"]["additionalProperties"].get<bool>());
  const std::string wishes = annotation_wishes(styles);
  EXPECT_NE(wishes.find("- augmented_prompts.paraphrases (a list of strings): "), std::string::npos) << wishes;
  EXPECT_EQ(wishes.find("short_caption"), std::string::npos);
}

TEST(AnnotationStyles, TakeWhatIsWantedAndNothingElse) {
  const auto record = read_annotation(kAnswer, parse_annotation_styles("paraphrases,step_by_step"));
  EXPECT_EQ(record.str(), R"({"brief_caption":"a red star","detailed_caption":"A red star on grey.",)"
                          R"("augmented_prompts":{"paraphrases":["one red star"]},"augmented_cots":{"step_by_step":"First grey."}})");
  jsonl::Object whole = record;
  whole.set("id", "a");
  EXPECT_EQ(Annotation::parse(whole).prompt_styles().size(), 2U);
}

// As ReasonGen-R1's published rows have them, and as models give them that were not held to the schema.
TEST(AnnotationStyles, TextsAndListsStandForEachOther) {
  const auto record = read_annotation(
      R"({"brief_caption":"a","detailed_caption":["b.","c."],"augmented_prompts":{"object_prompts":"a star","tags":["d","e"]},)"
      R"("augmented_cots":{"step_by_step":["f.","g."]}})",
      parse_annotation_styles("object_prompts,tags,step_by_step"));
  EXPECT_EQ(record.str(), R"({"brief_caption":"a","detailed_caption":"b. c.",)"
                          R"("augmented_prompts":{"object_prompts":["a star"],"tags":"d, e"},"augmented_cots":{"step_by_step":"f. g."}})");
}

TEST(AnnotationStyles, AListOfOneStandsForIt) {
  const auto styles = parse_annotation_styles("paraphrases,step_by_step");
  EXPECT_EQ(read_annotation("[" + kAnswer + "]", styles).str(), read_annotation(kAnswer, styles).str());
  EXPECT_THROW(read_annotation("[" + kAnswer + "," + kAnswer + "]", styles), base::Error);
}

TEST(AnnotationStyles, ACaptionTellsAnAnnotationFromOtherJson) {
  for (const char* meant : {R"({"brief_caption":"a"})", R"([{"detailed_caption":"b","x":1}])", R"({"x":1,"brief_caption":7})"}) {
    EXPECT_TRUE(is_meant_annotation(Json::parse(meant))) << meant;
  }
  EXPECT_TRUE(is_meant_annotation(Json::parse(kAnswer)));
  for (const char* other : {"[1]", "[]", "{}", R"({"a":1})", R"(["brief_caption"])", R"([{"brief_caption":"a"},{"brief_caption":"b"}])"}) {
    EXPECT_FALSE(is_meant_annotation(Json::parse(other))) << other;
  }
}

TEST(AnnotationStyles, AnAnswerThatLacksSomethingIsNone) {
  const auto styles = parse_annotation_styles("paraphrases");
  for (const char* bad : {"", "[]", "{}", R"({"brief_caption":"a","detailed_caption":"b"})",
                          R"({"brief_caption":"","detailed_caption":"b","augmented_prompts":{"paraphrases":["c"]}})",
                          R"({"brief_caption":"a","detailed_caption":"b","augmented_prompts":{"paraphrases":[]}})",
                          R"({"brief_caption":"a","detailed_caption":"b","augmented_prompts":{"paraphrases":7}})",
                          R"({"brief_caption":"a","detailed_caption":["b",""],"augmented_prompts":{"paraphrases":["c"]}})",
                          R"({"brief_caption":"a","detailed_caption":"b","augmented_prompts":{"paraphrases":["c",7]}})",
                          R"({"brief_caption":"a","detailed_caption":"b","augmented_prompts":["paraphrases"]})"}) {
    EXPECT_THROW(read_annotation(bad, styles), base::Error) << bad;
  }
}

}  // namespace
}  // namespace easel::record
