// GenEval's rule on cases worked out by hand from the official script.
#include "world/geneval_rule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace easel::world {
namespace {

using record::Box;
using record::Detections;
using record::GenevalMetadata;

// A 10 x 10 box centred at (x, y).
Box at(double x, double y) { return {x - 5, y - 5, x + 5, y + 5}; }

// One entry of include or exclude.
record::ObjectClause clause(
    const std::string& name, int64_t count = 1, std::optional<std::string> color = std::nullopt,
    std::optional<std::pair<std::string, int64_t>> position = std::nullopt) {
  return {name, count, std::move(color), std::move(position)};
}

GenevalMetadata want(const std::string& tag, std::vector<record::ObjectClause> include,
                     std::vector<record::ObjectClause> exclude = {}) {
  return {tag, std::move(include), std::move(exclude)};
}

using Names = std::vector<std::string>;

TEST(RelativePosition, FourWaysAndBoth) {
  EXPECT_EQ(relative_position(at(0, 0), at(50, 0)), Names{"left of"});
  EXPECT_EQ(relative_position(at(50, 0), at(0, 0)), Names{"right of"});
  EXPECT_EQ(relative_position(at(0, 0), at(0, 50)), Names{"above"});
  EXPECT_EQ(relative_position(at(0, 50), at(0, 0)), Names{"below"});
  EXPECT_EQ(relative_position(at(0, 0), at(50, 50)), (Names{"left of", "above"}));
  EXPECT_EQ(relative_position(at(50, 50), at(0, 0)), (Names{"right of", "below"}));
  EXPECT_EQ(relative_position(at(50, 0), at(0, 50)), (Names{"right of", "above"}));
}

TEST(RelativePosition, SlackIsATenthOfBothSizes) {
  EXPECT_TRUE(relative_position(at(0, 0), at(0, 0)).empty());
  EXPECT_TRUE(relative_position(at(0, 0), at(2, 2)).empty());
  EXPECT_TRUE(relative_position(at(0, 0), at(2.0005, 0)).empty());
  // (|4| - 2) / 4 is exactly one half, which is not above it.
  EXPECT_TRUE(relative_position(at(0, 0), at(4, 0)).empty());
  EXPECT_EQ(relative_position(at(0, 0), at(4.1, 0)), Names{"left of"});
  EXPECT_EQ(relative_position(at(0, 0), at(4, 0), 0), Names{"left of"});
}

TEST(RelativePosition, DividesByTheUnrevisedOffset) {
  // Revised (14, 6), offset norm sqrt(16^2 + 8^2) = 17.9: 0.78 and 0.34.
  EXPECT_EQ(relative_position(at(0, 0), at(16, 8)), Names{"left of"});
  // Revised (14, 10), norm 20: 0.7 and exactly 0.5.
  EXPECT_EQ(relative_position(at(0, 0), at(16, 12)), Names{"left of"});
  EXPECT_EQ(relative_position(at(0, 0), at(16, 13)), (Names{"left of", "above"}));
}

TEST(GenevalJudge, PresenceAndCount) {
  const Detections two{{{"circle", at(0, 0), 0.8, "red"}, {"circle", at(20, 0), 0.4, "red"}}};
  EXPECT_TRUE(geneval_judge(two, want("single_object", {clause("circle")})).correct);
  EXPECT_TRUE(geneval_judge(two, want("x", {clause("circle", 2)})).correct);
  const auto verdict = geneval_judge(two, want("x", {clause("circle", 3), clause("star")}));
  EXPECT_FALSE(verdict.correct);
  EXPECT_EQ(verdict.reason, "expected circle>=3, found 2\nexpected star>=1, found 0");
  EXPECT_EQ(geneval_judge({}, want("x", {})).reason, "");
}

TEST(GenevalJudge, ThresholdsAreOpen) {
  const auto one = [](double score) { return Detections{{{"circle", at(0, 0), score, ""}}}; };
  const auto any = want("single_object", {clause("circle")}),
             counting = want("counting", {clause("circle")});
  EXPECT_FALSE(geneval_judge(one(0.3), any).correct);
  EXPECT_TRUE(geneval_judge(one(0.300001), any).correct);
  EXPECT_FALSE(geneval_judge(one(0.9), counting).correct);
  EXPECT_TRUE(geneval_judge(one(0.900001), counting).correct);
  // A 32-bit 0.3 read back from JSON is a little more than 0.3 in 64 bits, but not above it.
  EXPECT_FALSE(geneval_judge(one(static_cast<double>(0.3F)), any).correct);
  GenevalOptions strict;
  strict.threshold = 0.5;
  EXPECT_FALSE(geneval_judge(one(0.5), any, strict).correct);
}

TEST(GenevalJudge, ExcludeIsAnUpperBound) {
  Detections three;
  for (int i = 0; i < 3; ++i) three.items.push_back({"circle", at(20 * i, 0), 0.95, "red"});
  const auto two = want("counting", {clause("circle", 2)}, {clause("circle", 3)});
  EXPECT_EQ(geneval_judge(three, two).reason, "expected circle<3, found 3");
  three.items[2].score = 0.89;
  EXPECT_TRUE(geneval_judge(three, two).correct);
  three.items[1].score = 0.89;
  EXPECT_EQ(geneval_judge(three, two).reason, "expected circle>=2, found 1");
}

TEST(GenevalJudge, ColorIsJudgedOnTheBestOnly) {
  const Detections two{{{"circle", at(0, 0), 0.7, "red"}, {"circle", at(20, 0), 0.8, "blue"}}};
  const auto verdict = geneval_judge(two, want("colors", {clause("circle", 1, "red")}));
  EXPECT_EQ(verdict.reason, "expected red circle>=1, found 0 red; and 1 blue");
  EXPECT_TRUE(geneval_judge(two, want("colors", {clause("circle", 1, "blue")})).correct);
  EXPECT_EQ(geneval_judge(two, want("x", {clause("circle", 2, "blue")})).reason,
            "expected blue circle>=2, found 1 blue; and 1 red, 1 blue");
}

TEST(GenevalJudge, OfEqualScoresTheLaterIsTaken) {
  // numpy's argsort is stable for so few; reversed, the last comes first.
  const Detections tie{{{"circle", at(0, 0), 0.8, "red"}, {"circle", at(20, 0), 0.8, "blue"}}};
  EXPECT_TRUE(geneval_judge(tie, want("colors", {clause("circle", 1, "blue")})).correct);
  EXPECT_FALSE(geneval_judge(tie, want("colors", {clause("circle", 1, "red")})).correct);
}

TEST(GenevalJudge, Position) {
  const auto left_of =
      want("position", {clause("star"), clause("circle", 1, {}, {{"left of", 0}})});
  const Detections right{{{"circle", at(0, 0), 0.8, ""}, {"star", at(50, 0), 0.8, ""}}};
  const Detections wrong{{{"circle", at(50, 0), 0.8, ""}, {"star", at(0, 0), 0.8, ""}}};
  const Detections both{{{"circle", at(0, 0), 0.8, ""}, {"star", at(50, 50), 0.8, ""}}};
  const Detections same{{{"circle", at(0, 0), 0.8, ""}, {"star", at(1, 0), 0.8, ""}}};
  EXPECT_TRUE(geneval_judge(right, left_of).correct);
  EXPECT_TRUE(geneval_judge(both, left_of).correct);
  EXPECT_EQ(geneval_judge(wrong, left_of).reason,
            "expected circle left of target, found right of target");
  EXPECT_EQ(geneval_judge(
                both, want("position", {clause("star"), clause("circle", 1, {}, {{"below", 0}})}))
                .reason,
            "expected circle below target, found left of and above target");
  EXPECT_EQ(geneval_judge(same, left_of).reason, "expected circle left of target, found  target");
}

TEST(GenevalJudge, PositionWithoutTarget) {
  const auto left_of =
      want("position", {clause("star"), clause("circle", 1, {}, {{"left of", 0}})});
  EXPECT_EQ(geneval_judge({{{"circle", at(0, 0), 0.8, ""}}}, left_of).reason,
            "expected star>=1, found 0\nno target for circle to be left of");
  // A missing object is not asked where it is.
  EXPECT_EQ(geneval_judge({}, left_of).reason,
            "expected star>=1, found 0\nexpected circle>=1, found 0");
  // A target of the wrong colour is no target.
  EXPECT_EQ(geneval_judge({{{"circle", at(0, 0), 0.8, ""}, {"star", at(50, 0), 0.8, "red"}}},
                          want("position", {clause("star", 1, "blue"),
                                            clause("circle", 1, {}, {{"left of", 0}})}))
                .reason,
            "expected blue star>=1, found 0 blue; and 1 red\nno target for circle to be left of");
  // Pointing at itself or later: judged, not crashed on.
  EXPECT_FALSE(geneval_judge({{{"circle", at(0, 0), 0.8, ""}}},
                             want("position", {clause("circle", 1, {}, {{"left of", 0}})}))
                   .correct);
}

TEST(GenevalJudge, EveryPairMustStandInTheRelation) {
  const auto metadata =
      want("position", {clause("star", 2), clause("circle", 1, {}, {{"left of", 0}})});
  Detections found{
      {{"circle", at(30, 0), 0.8, ""}, {"star", at(60, 0), 0.8, ""}, {"star", at(90, 0), 0.8, ""}}};
  EXPECT_TRUE(geneval_judge(found, metadata).correct);
  found.items[2].box = at(0, 0);
  EXPECT_FALSE(geneval_judge(found, metadata).correct);
}

TEST(GenevalSelect, KeepsTheBestSixteen) {
  Detections many;
  for (int i = 0; i < 20; ++i) many.items.push_back({"circle", at(i, 0), 0.4 + 0.01 * i, ""});
  const auto kept = geneval_select(many, "x", {});
  ASSERT_EQ(kept.items.size(), 16U);
  EXPECT_DOUBLE_EQ(kept.items[0].score, 0.59);
  EXPECT_DOUBLE_EQ(kept.items[15].score, 0.44);
}

TEST(GenevalSelect, OverlapIsOffUnlessAskedFor) {
  const Detections twice{{{"circle", at(0, 0), 0.8, ""}, {"circle", at(1, 0), 0.9, ""}}};
  EXPECT_EQ(geneval_select(twice, "x", {}).items.size(), 2U);
  GenevalOptions options;
  options.max_overlap = 0.5;
  const auto kept = geneval_select(twice, "x", options);
  ASSERT_EQ(kept.items.size(), 1U);
  EXPECT_DOUBLE_EQ(kept.items[0].score, 0.9);
}

TEST(GenevalSelect, NotANumberNeverCounts) {
  const Detections odd{{{"circle", at(0, 0), std::nan(""), ""}}};
  EXPECT_TRUE(geneval_select(odd, "x", {}).items.empty());
}

}  // namespace
}  // namespace easel::world
