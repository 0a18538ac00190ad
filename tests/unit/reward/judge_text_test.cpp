// What judges write: verdicts, grades, boxes.
#include "reward/judge_text.h"

#include <gtest/gtest.h>

namespace easel::reward {
namespace {

TEST(Boxed, TheLastClosedOneCounts) {
  const struct {
    const char* text;
    const char* expected;  // nullptr: none
  } cases[] = {
      {"\\boxed{1}", "1"},
      {"\\boxed{0}", "0"},
      {"All there. \\boxed{1}", "1"},
      {"\\boxed{1}.", "1"},
      {"\\boxed{ 1 }", "1"},
      {"\\boxed{\n1\n}", "1"},
      {"$\\boxed{1}$", "1"},
      {"$$\\boxed{0}$$", "0"},
      {"**\\boxed{1}**", "1"},
      {"`\\boxed{1}`", "1"},
      {"\\\\boxed{1}", "1"},
      {"\\[\\boxed{1}\\]", "1"},
      {"\\boxed{0} no, wait: \\boxed{1}", "1"},
      {"\\boxed{1} but the color is wrong: \\boxed{0}", "0"},
      {"First \\boxed{1}, then \\boxed{", "1"},
      {"\\boxed{\\text{1}}", "\\text{1}"},
      {"\\boxed{{1}}", "{1}"},
      {"\\boxed{\\mathbf{0}}", "\\mathbf{0}"},
      {"\\boxed{1.0}", "1.0"},
      {"\\boxed{yes}", "yes"},
      {"\\boxed{}", ""},
      {"\\boxed{1,0}", "1,0"},
      {"\\boxed{1} \\boxed{}", ""},
      {"\\boxed{01}", "01"},
      {"\\boxed{-1}", "-1"},
      {"\\boxed{1/1}", "1/1"},
      {"\\boxed{\xEF\xBC\x91}", "\xEF\xBC\x91"},
      {"\\boxed{a{b}c{d}}", "a{b}c{d}"},
      {"\\boxed{{}}{}", "{}"},
      {"\\boxed{1}}", "1"},
      {"\\boxed{\\boxed{1}}", "1"},
      {"", nullptr},
      {"1", nullptr},
      {"boxed{1}", nullptr},
      {"\\boxed 1", nullptr},
      {"\\boxed(1)", nullptr},
      {"\\boxed{1", nullptr},
      {"\\boxed", nullptr},
      {"\\Boxed{1}", nullptr},
      {"\\boxed {1}", nullptr},
      {"\\fbox{1}", nullptr},
      {"The answer is 1.", nullptr},
  };
  EXPECT_GE(std::size(cases), 40U);
  for (const auto& c : cases) {
    const auto got = boxed(c.text);
    if (c.expected == nullptr) {
      EXPECT_FALSE(got) << c.text;
    } else {
      ASSERT_TRUE(got) << c.text;
      EXPECT_EQ(*got, c.expected) << c.text;
    }
  }
}

TEST(Grade, IsReadWhereverItStands) {
  const struct {
    const char* text;
    double expected;  // -1: none
  } cases[] = {
      {R"({"reason":"fine","score":7})", 7},
      {R"({"score":"7"})", 7},
      {R"({"score":"7/10"})", 7},
      {R"({"score": 7.5})", 7.5},
      {"```json\n{\"reason\": \"a {brace}\", \"score\": 3}\n```", 3},
      {R"(I think {"grade": 4} fits)", 4},
      {"\\boxed{6}", 6},
      {"\\boxed{6/10}", 6},
      {"Score: 8", 8},
      {"score is 8/10.", 8},
      {"Score of 9 for completeness. Overall score: 5.", 5},
      {"**Score:** 6", 6},
      {"Grade = 2", 2},
      {"Score: 7. This score reflects much.", 7},
      {"Score (0-10): 7", 7},
      {"Rating: 7/10", 7},
      {"The rating is 6.", 6},
      {R"({"rating": 5})", 5},
      {"I give 8 out of 10.", 8},
      {"8/10, because one dog is missing", 8},
      {R"({"thought": "x"} {"score": 2})", 2},
      {"3 out of 100", -1},
      {R"({"reason": "the score of 3 boxes is fine and)", -1},
      {R"({"reason": "score 3", "parts": {"score": 4}, )", -1},
      {R"({"reason": "a score of 3"})", -1},
      {"7", 7},
      {" 7/10 ", 7},
      {"0", 0},
      {"10", 10},
      {R"({"score":11})", -1},
      {R"({"score":-1})", -1},
      {R"({"score":null})", -1},
      {R"({"score":[7]})", -1},
      {R"({"score":"high"})", -1},
      {"Score: none", -1},
      {"The picture shows 7 dogs.", -1},
      {"", -1},
      {"nan", -1},
      {R"({"score":1e400})", -1},
      {"\\boxed{good}", -1},
      {"11", -1},
      // The last JSON counts, if the text does not end in another.
      {R"({"score":3} On reflection: {"score":5})", 5},
      {R"({"score":3} On reflection: {"reason":"so"})", 3},
      {R"({"score":3} On reflection: {"score":)", -1},
      {R"({"Score":7})", 7},
      {R"({"RATING":"7/10"})", 7},
      {R"([{"score":7}])", 7},
      {R"({"result":{"score":7}})", 7},
      {R"({"Score":7,"score":8})", -1},
      {R"([{"score":7},{"score":8}])", -1},
      {R"({"layout":{"score":7},"colors":{"score":8}})", -1},
      {R"({"a":{"b":{"score":7}}})", -1},
      // A share of a whole.
      {"Score: 4/5", 8},
      {"4/5", 8},
      {R"({"score":"5/5"})", 10},
      {R"({"score":"4/5 stars"})", 8},
      {"\\boxed{4/5}", 8},
      {"Score: 4 out of 5", 8},
      {"Score: **4** / 5", 8},
      {"Score: 0/5", 0},
      {"Score: 7 of the 10 objects are there", 7},
      {"Score: 6/5", -1},
      {"6/5", -1},
      {"0/0", -1},
      {"Score: 7/ten", -1},
      {"2024/10/10", -1},
      // Numbers that are none, or a part of something else.
      {"Score: 7%", -1},
      {R"({"score":"7%"})", -1},
      {"Score: -3", -1},
      {"-3/10", -1},
      {"\u22123/10", -1},
      {"8,5/10", -1},
      {"Score: 8,5", -1},
      {R"({"score":"8,5"})", -1},
      {"Score: 7-8", -1},
      {"Score: 7 to 8", -1},
      {"7\u20138/10", -1},
      {"8/10 or 9/10", -1},
      {"Score: 8. Rating: 70%", -1},
      {"Score: 8, as 2 dogs are missing", 8},
      {"8/10 - 2 dogs are missing", 8},
      // Marks and scales.
      {"Score: `8`", 8},
      {"**7**", 7},
      {"7.", 7},
      {"Score (1-10): 8", 8},
      {"Score (out of 10 points): 8", 8},
      {"Score (completeness): 8", 8},
      {"Score (1-5): 3", -1},
      {"Score (1-5): 3/5", 6},
      // Which of several.
      {"Score: 3. A score of 10 would need the cat.", 3},
      {"I give a score of 7. A score of 10 would need the cat.", -1},
      {"I give 7/10. A score of 10 would need the cat.", -1},
      {"I give it a score of 7/10.", 7},
      {"Score: 7. After all, score: 6.", 6},
      {"Completeness: 8/10, all there. Clarity: 9/10", -1},
      {"Completeness: 8/10, all there. Clarity: 9/10\nOverall: 6", 6},
      {"Completeness score: 8\n- **Overall:** 6/10\nClarity score: 9", 6},
      {"**Final Grade** = 17/20\nScore: 3", 8.5},
      {"Score: 3\nTotal score is 8", 8},
      {"Completeness: 8/10\nClarity: 9/10\nTotal: 6", 6},
      {"Dogs: 2\nTotal: 3\nScore: 8", -1},
      {"Overall: well done.\nScore: 8", 8},
      {"Overall, 6 of the objects are there.", -1},
      {"Finally: 6", -1},
      {"Celebrating 10 years: 8/10", 8},
  };
  for (const auto& c : cases) {
    const auto got = grade(c.text, 0, 10);
    EXPECT_EQ(got.value_or(-1), c.expected) << c.text;
  }
}

TEST(LocatedBoxes, ReadsWhatGroundingModelsWrite) {
  const auto boxes = located_boxes(R"(```json
[{"bbox_2d": [10, 20, 60, 70], "label": "a red circle"}, {"box": ["0","0","100","50"], "name": " a star "}]
```)", 100, 200);
  ASSERT_TRUE(boxes);
  ASSERT_EQ(boxes->size(), 2U);
  EXPECT_EQ((*boxes)[0].name, "a red circle");
  EXPECT_EQ((*boxes)[0].x1, 100);
  EXPECT_EQ((*boxes)[0].y1, 100);
  EXPECT_EQ((*boxes)[0].x2, 600);
  EXPECT_EQ((*boxes)[0].y2, 350);
  EXPECT_EQ((*boxes)[1].name, "a star");
  EXPECT_EQ((*boxes)[1].x2, 999);  // as plans end
  EXPECT_EQ(located_boxes(R"({"objects":[{"bbox":[1,1,9,9],"object":"x"}]})", 10, 10)->size(), 1U);
  EXPECT_EQ(located_boxes(R"({"bbox_2d":[1,1,9,9],"label":"x"})", 10, 10)->size(), 1U);
  EXPECT_EQ(located_boxes("[]", 10, 10)->size(), 0U);
  EXPECT_EQ(located_boxes(R"({"objects":[]})", 10, 10)->size(), 0U);
}

TEST(LocatedBoxes, APartOfAListOrAnotherListIsNone) {
  EXPECT_FALSE(located_boxes(R"([{"label":"a","bbox_2d":[1,1,9,9]},{"label":"dog","bbox_2d":[24,24,43.)", 48, 48));
  EXPECT_FALSE(located_boxes("[0, 0, 48, 48] is the picture.", 48, 48));
  EXPECT_EQ(located_boxes(R"([0, 0, 48, 48] is the picture. [{"label":"a","bbox_2d":[1,1,9,9]}])", 48, 48)->size(), 1U);
}

TEST(LocatedBoxes, SeveralValuesAreOneList) {
  const std::string a = R"({"label":"a","bbox_2d":[1,1,9,9]})", b = R"({"label":"b","bbox_2d":[2,2,9,9]})",
                    later_a = R"({"label":"The A","bbox_2d":[3,3,9,9]})";
  const auto x1 = [](const std::string& text) {
    std::vector<int64_t> all;
    const auto boxes = located_boxes(text, 10, 10);
    if (!boxes) return all;
    for (const auto& box : *boxes) all.push_back(box.x1);
    return all;
  };
  using Corners = std::vector<int64_t>;
  EXPECT_EQ(x1(a + "\n" + b), (Corners{100, 200}));
  EXPECT_EQ(x1(a + ", " + later_a), (Corners{100, 300}));  // two of a kind
  EXPECT_EQ(x1("a: [" + a + "]\nb: [" + b + "]"), (Corners{100, 200}));
  EXPECT_EQ(x1("```json\n[" + a + "," + later_a + "]\n```\n```json\n[" + b + "]\n```"), (Corners{100, 300, 200}));
  EXPECT_EQ(x1("[" + a + "," + b + "] No, better: [" + later_a + "," + b + "]"), (Corners{300, 200}));
  EXPECT_EQ(x1(a + "\n" + b + R"({"label":"c","bbox)"), Corners());
}

TEST(Boxed, AtTheEndOfAnAnswerThatWasCut) {
  for (const char* text : {"yes. \\boxed{1}", "$\\boxed{1}$.\n", "**\\boxed{0}**", "\\boxed{0} no, \\boxed{1}"}) {
    EXPECT_TRUE(ends_boxed(text)) << text;
  }
  for (const char* text : {"", "yes", "\\boxed{1} if all is there, otherwise \\boxed{0}; the", "\\boxed{1} \\boxed{0", "\\boxed{1} \\bo"}) {
    EXPECT_FALSE(ends_boxed(text)) << text;
  }
}

TEST(LocatedBoxes, LeavesOutWhatWasNotFound) {
  for (const char* item : {R"({"bbox_2d":[5,5,5,9],"label":"x"})", R"({"bbox_2d":[50,50,90,90],"label":"x"})",
                           R"({"bbox_2d":null,"label":"x"})", R"({"bbox_2d":[],"label":"x"})"}) {
    const auto boxes = located_boxes(std::string("[") + item + "]", 10, 10);
    ASSERT_TRUE(boxes) << item;
    EXPECT_EQ(boxes->size(), 0U) << item;
  }
  // One that cannot be read is not one that was not found: the judge is asked again.
  for (const char* item : {"{}", R"({"label":"x"})", R"({"bbox_2d":[1,2,3,4]})", R"({"bbox_2d":[1,2,3],"label":"x"})",
                           R"({"bbox_2d":[1,2,null,4],"label":"x"})", R"({"bbox_2d":[9,5,1,9],"label":"x"})",
                           R"({"bbox_2d":[1,2,3,4],"label":7})", R"({"bbox_2d":"1,2,3,4","label":"x"})",
                           R"({"box_2d":[1,2,3,4],"label":"x"})"}) {
    EXPECT_FALSE(located_boxes(std::string("[") + item + "]", 10, 10)) << item;
    EXPECT_FALSE(located_boxes(std::string(R"([{"bbox_2d":[1,1,5,5],"label":"x"},)") + item + "]", 10, 10)) << item;
  }
  for (const char* text : {"", "none", "{}", "[7]", R"({"a":[{}],"b":[{}]})", R"({"a":"b"})"}) EXPECT_FALSE(located_boxes(text, 10, 10)) << text;
}

TEST(MeanOverlap, TakesBestPairsOfAName) {
  const std::vector<record::PlannedObject> planned = {{"star", 0, 0, 100, 100}, {"star", 200, 0, 300, 100}, {"Ring", 0, 500, 100, 600}};
  EXPECT_EQ(mean_overlap(planned, {}), 0);
  EXPECT_EQ(mean_overlap({}, planned), 0);
  EXPECT_NEAR(mean_overlap(planned, planned), 1, 1e-12);
  // One box found for two stars: it goes to the one that it fits; a name in another case is the same.
  EXPECT_NEAR(mean_overlap(planned, {{"a star", 200, 0, 300, 100}, {"the ring", 0, 500, 100, 550}}), (0 + 1 + 0.5) / 3, 1e-12);
  // Both stars want the same box most: the better pair has it, the other takes what is left.
  EXPECT_NEAR(mean_overlap({{"a", 0, 0, 100, 100}, {"a", 0, 0, 100, 50}}, {{"a", 0, 0, 100, 100}, {"a", 0, 0, 50, 50}}),
              (1 + 0.5) / 2, 1e-12);
}

}  // namespace
}  // namespace easel::reward
