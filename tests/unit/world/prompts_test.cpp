// Prompts: wordings, the split, parsing back.
#include "world/prompts.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/error.h"
#include "world/scene.h"

namespace easel::world {
namespace {

const int kCircle = shape_index("circle"), kStar = shape_index("star");
const int kCross = shape_index("cross"), kRed = color_index("red");
const int kOrange = color_index("orange");

TEST(Prompts, Phrases) {
  EXPECT_EQ(phrase(Term{kCircle}), "a circle");
  EXPECT_EQ(phrase(Term{kCircle, 1, kOrange}), "an orange circle");
  EXPECT_EQ(phrase(Term{kCross, 3}), "three crosses");
  EXPECT_EQ(phrase(Content{{{kCircle, 1, kRed}, {kStar}}, "left of"}),
            "a red circle left of a star");
  EXPECT_EQ(phrase(Content{{{kCircle}, {kStar, 2}, {kCross, 1, kRed}}, ""}),
            "a circle, two stars and a red cross");
  EXPECT_THROW(phrase(Term{kCircle, 10}), base::Error);
}

TEST(Prompts, MetadataIsGenevals) {
  const auto position = metadata_of({{{kCircle}, {kStar}}, "above"});
  EXPECT_EQ(position.tag, "position");
  ASSERT_EQ(position.include.size(), 2U);
  EXPECT_EQ(position.include[0].class_name, "star");
  EXPECT_EQ(position.include[1].class_name, "circle");
  EXPECT_EQ(position.include[1].position->first, "above");
  EXPECT_EQ(position.include[1].position->second, 0);
  const auto counting = metadata_of({{{kCircle, 3}}, ""});
  EXPECT_EQ(counting.tag, "counting");
  EXPECT_EQ(counting.include[0].count, 3);
  ASSERT_EQ(counting.exclude.size(), 1U);
  EXPECT_EQ(counting.exclude[0].count, 4);
  EXPECT_EQ(metadata_of({{{kCircle}}, ""}).tag, "single_object");
  EXPECT_EQ(metadata_of({{{kCircle, 1, kRed}}, ""}).tag, "colors");
  EXPECT_EQ(metadata_of({{{kCircle}, {kStar}}, ""}).tag, "two_object");
  EXPECT_EQ(metadata_of({{{kCircle, 1, kRed}, {kStar, 1, kOrange}}, ""}).tag, "color_attr");
}

TEST(Prompts, EveryWordingIsParsedBack) {
  const Content contents[] = {{{{kCircle}}, ""},
                              {{{kCross, 4}}, ""},
                              {{{kCircle, 1, kOrange}, {kStar, 1, kRed}}, ""},
                              {{{kCircle, 1, kRed}, {kStar, 1, kOrange}}, "right of"},
                              {{{kCircle, 2, kRed}, {kStar}, {kCross, 3}}, ""}};
  for (const auto& content : contents) {
    std::set<std::string> seen;
    for (int w = 0; w < wording_count(); ++w) {
      const std::string text = worded(content, w);
      EXPECT_TRUE(seen.insert(text).second) << text;
      EXPECT_EQ(parse_content(text), content) << text;
      EXPECT_EQ(parse_content(" A" + text.substr(1) + ". "),
                text[0] == 'a' ? std::optional(content) : parse_content("A" + text.substr(1)));
    }
  }
  EXPECT_EQ(wording_count(), 52);
}

TEST(Prompts, OtherTextIsNotParsed) {
  for (const char* text : {"",
                           "a",
                           "a photo of",
                           "a photo of a dog",
                           "a red",
                           "an circle",
                           "a circles",
                           "two circle",
                           "two circle s",
                           "a circle and",
                           "a circle a star",
                           "a circle, a star",
                           "a circle near a star",
                           "a mauve circle",
                           "one circle",
                           "ten circles",
                           "a circle left of",
                           "and a star",
                           "a photo of a photo of a circle",
                           "a red blue circle"}) {
    EXPECT_FALSE(parse_prompt(text)) << text;
  }
}

TEST(Prompts, SplitIsAPropertyOfTheString) {
  std::set<std::string> test, train;
  for (const int64_t seed : {0, 1, 99}) {
    for (const auto& p : draw_prompts("test", 600, seed, {})) test.insert(p.prompt);
    for (const auto& p : draw_prompts("train", 2000, seed, {})) train.insert(p.prompt);
  }
  for (const auto& text : test) {
    EXPECT_FALSE(train.contains(text)) << text;
    EXPECT_TRUE(is_test_prompt(text));
  }
  int n = 0;
  for (int i = 0; i < 10000; ++i) n += is_test_prompt(base::cat("string ", i));
  EXPECT_NEAR(n, 2000, 150);
}

TEST(Prompts, DistinctAndBalanced) {
  const auto prompts = draw_prompts("test", 240, 4, {});
  std::set<std::string> texts, ids;
  std::map<std::string, int> tags;
  for (const auto& p : prompts) {
    EXPECT_TRUE(texts.insert(p.prompt).second);
    EXPECT_TRUE(ids.insert(p.id).second);
    ++tags[p.metadata.tag];
    const auto parsed = parse_prompt(p.prompt);
    ASSERT_TRUE(parsed) << p.prompt;
    EXPECT_EQ(parsed->tag, p.metadata.tag);
  }
  EXPECT_EQ(tags.size(), 6U);
  for (const auto& [tag, n] : tags) EXPECT_EQ(n, 40) << tag;
  EXPECT_EQ(prompts[12].id, "test-00012");
}

TEST(Prompts, ATaskNamedTwiceComesTwiceAsOften) {
  std::map<std::string, int> tags;
  std::set<std::string> texts;
  for (const auto& p : draw_prompts("train", 30, 4, {"colors", "position", "position"})) {
    ++tags[p.metadata.tag];
    EXPECT_TRUE(texts.insert(p.prompt).second);
  }
  EXPECT_EQ(tags, (std::map<std::string, int>{{"colors", 10}, {"position", 20}}));
}

TEST(Prompts, SmallerDrawIsAPrefixAndSeedsDiffer) {
  const auto few = draw_prompts("train", 10, 1, {}), more = draw_prompts("train", 50, 1, {});
  const auto other = draw_prompts("train", 50, 2, {});
  int same = 0;
  for (size_t i = 0; i < few.size(); ++i) EXPECT_EQ(few[i].prompt, more[i].prompt);
  for (size_t i = 0; i < more.size(); ++i) same += more[i].prompt == other[i].prompt;
  EXPECT_LT(same, 10);
}

TEST(Prompts, ATaskCanBeExhausted) {
  const auto all = [](const std::string& split) {
    int64_t low = 1, high = 1000;  // the largest count that can be drawn
    while (low < high) {
      const int64_t middle = (low + high + 1) / 2;
      try {
        draw_prompts(split, middle, 0, {"single_object"});
        low = middle;
      } catch (const base::UsageError&) {
        high = middle - 1;
      }
    }
    return low;
  };
  EXPECT_EQ(all("test") + all("train"), kShapes * wording_count());
  // The other tasks go on when one has no more.
  EXPECT_EQ(draw_prompts("test", 500, 0, {"single_object", "colors"}).size(), 500U);
  try {
    draw_prompts("test", 500, 0, {"single_object"});
    ADD_FAILURE();
  } catch (const base::UsageError& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find(base::cat("only ", all("test"), " distinct test prompts")),
              std::string::npos)
        << text;
  }
}

TEST(Prompts, UnknownTaskAndSplit) {
  EXPECT_THROW(draw_prompts("test", 1, 0, {"colours"}), base::UsageError);
  EXPECT_THROW(draw_prompts("validation", 1, 0, {}), base::UsageError);
  EXPECT_EQ(draw_prompts("test", 6, 0, {"colors", "colors"}).size(), 6U);
}

TEST(Prompts, VocabularyHoldsEveryWord) {
  const std::set<std::string> words(vocabulary().begin(), vocabulary().end());
  EXPECT_EQ(words.size(), vocabulary().size());
  for (const auto& p : draw_prompts("train", 3000, 0, {})) {
    for (const auto& word : base::split_words(base::replace_all(p.prompt, ",", " , "))) {
      EXPECT_TRUE(words.contains(word)) << word;
    }
  }
}

}  // namespace
}  // namespace easel::world
