// Chains with a plan: well formed, and damaged as models damage them.
#include "record/got_chain.h"

#include <gtest/gtest.h>

namespace easel::record {
namespace {

const std::string kCircle = "<|obj_start|>a red circle<|obj_end|> <|box_start|>(100,200),(400,500)<|box_end|>";

TEST(GotChain, ReadsNamesBoxesAndProse) {
  const auto chain = parse_got_chain("There is " + kCircle + " beside <|obj_start|>a star<|obj_end|><|box_start|>( 0 , 0 ) , "
                                     "( 999 , 999 )<|box_end|>, on grey.");
  EXPECT_EQ(chain.problem, "");
  ASSERT_EQ(chain.objects.size(), 2U);
  EXPECT_EQ(chain.objects[0].name, "a red circle");
  EXPECT_EQ(chain.objects[0].x1, 100);
  EXPECT_EQ(chain.objects[0].y1, 200);
  EXPECT_EQ(chain.objects[0].x2, 400);
  EXPECT_EQ(chain.objects[0].y2, 500);
  EXPECT_EQ(chain.objects[1].name, "a star");
  EXPECT_EQ(chain.objects[1].x2, 999);
  EXPECT_EQ(chain.prose, "There is a red circle beside a star, on grey.");
}

TEST(GotChain, WhatItWritesItReads) {
  const PlannedObject object{"a blue, (round) star", 1, 2, 30, 999};
  const auto chain = parse_got_chain(got_object(object));
  EXPECT_EQ(chain.problem, "");
  EXPECT_EQ(chain.objects.at(0).name, object.name);
  EXPECT_EQ(got_object(chain.objects[0]), got_object(object));
}

TEST(GotChain, SaysWhatIsWrong) {
  const struct {
    std::string text;
    const char* problem;
    size_t objects;
  } cases[] = {
      {"", "plans no object", 0},
      {"a red circle.", "plans no object", 0},
      {"<|obj_start|>a circle", "name is not closed", 0},
      {"<|obj_start|>a circle<|obj_end|>", "without a box", 0},
      {"<|obj_start|>a circle<|obj_end|> and <|box_start|>(1,1),(2,2)<|box_end|>", "without a box", 0},
      {"<|obj_start|> <|obj_end|><|box_start|>(1,1),(2,2)<|box_end|>", "without a name", 0},
      {"<|obj_start|>a<|obj_start|>b<|obj_end|><|box_start|>(1,1),(2,2)<|box_end|>", "name is not closed", 1},
      {"<|box_start|>(1,1),(2,2)<|box_end|>" + kCircle, "without the one that opens it", 1},
      {kCircle + "<|obj_end|>", "without the one that opens it", 1},
      {"<|obj_start|>a<|obj_end|><|box_start|>(1,1),(2,2)", "box is not closed", 0},
      {"<|obj_start|>a<|obj_end|><|box_start|>(1,1),(2,2" + kCircle, "expected )", 1},
      {"<|obj_start|>a<|obj_end|><|box_start|>1,1,2,2<|box_end|>", "expected (", 0},
      {"<|obj_start|>a<|obj_end|><|box_start|>(1,1)(2,2)<|box_end|>", "expected ,", 0},
      {"<|obj_start|>a<|obj_end|><|box_start|>(1,1),(2,1000)<|box_end|>", "no whole number", 0},
      {"<|obj_start|>a<|obj_end|><|box_start|>(-1,1),(2,2)<|box_end|>", "no whole number", 0},
      {"<|obj_start|>a<|obj_end|><|box_start|>(1.5,1),(2,2)<|box_end|>", "expected ,", 0},
      {"<|obj_start|>a<|obj_end|><|box_start|>(1,1),(99999999999999999999,2)<|box_end|>", "no whole number", 0},
      {"<|obj_start|>a<|obj_end|><|box_start|>(5,1),(5,2)<|box_end|>", "not in order", 0},
      {"<|obj_start|>a<|obj_end|><|box_start|>(1,9),(5,2)<|box_end|>", "not in order", 0},
  };
  for (const auto& c : cases) {
    const auto chain = parse_got_chain(c.text);
    EXPECT_NE(chain.problem.find(c.problem), std::string::npos) << c.text << ": " << chain.problem;
    EXPECT_EQ(chain.objects.size(), c.objects) << c.text;
  }
}

TEST(GotChain, EveryCutOfAChainComesToAnEnd) {
  const std::string whole = kCircle + " and " + kCircle;
  for (size_t begin = 0; begin < whole.size(); ++begin) {
    const auto chain = parse_got_chain(whole.substr(begin));
    // Half a mark is no mark: nothing of the first object is left when its last one is cut.
    const bool first_gone = begin > kCircle.size() - std::string(kGotTokens[3]).size();
    EXPECT_EQ(chain.problem.empty(), begin == 0 || (first_gone && begin <= kCircle.size() + 5)) << begin;
  }
}

TEST(GotChain, OfAnAnswerHasNoFenceAroundIt) {
  const std::string chain = "Here is " + kCircle + "\nand `that` is all.";
  for (const std::string& answer : {chain, " \n" + chain + "\n", "```\n" + chain + "\n```", "```text\n" + chain + "\n```\n",
                                    "````markdown\r\n" + chain + "\n````", "```" + chain + "```"}) {
    EXPECT_EQ(got_chain_of_answer(answer), chain) << answer;
  }
  // What is only in part within fences, or begins with a word of its own, stays.
  for (const std::string answer : {"", "`", "```", "``````", "```\na\n```\nb\n```\nc\n```", "a ```b```", "```\na"}) {
    EXPECT_EQ(got_chain_of_answer(answer), answer);
  }
  EXPECT_EQ(got_chain_of_answer("```\nword\nand more\n```"), "word\nand more");
}

TEST(IntersectionOverUnion, OfHandComputedBoxes) {
  const PlannedObject a{"", 0, 0, 100, 100};
  const struct {
    PlannedObject b;
    double expected;
  } cases[] = {{{"", 0, 0, 100, 100}, 1},         {{"", 100, 0, 200, 100}, 0},      {{"", 50, 0, 150, 100}, 1.0 / 3},
               {{"", 50, 50, 150, 150}, 1.0 / 7}, {{"", 25, 25, 75, 75}, 0.25},     {{"", 200, 200, 300, 300}, 0},
               {{"", 0, 0, 100, 50}, 0.5},        {{"", 0, 90, 100, 190}, 1.0 / 19}, {{"", 0, 0, 1, 1}, 1e-4}};
  for (const auto& c : cases) {
    EXPECT_NEAR(intersection_over_union(a, c.b), c.expected, 1e-12);
    EXPECT_NEAR(intersection_over_union(c.b, a), c.expected, 1e-12);
  }
}

}  // namespace
}  // namespace easel::record
