// Partial credit beside GenEval's verdict.
#include "world/judge.h"

#include <gtest/gtest.h>

#include "world/detector.h"
#include "world/prompts.h"
#include "world/scene.h"
#include "world/scenes.h"

namespace easel::world {
namespace {

// Objects as "red circle 4": colour, shape, cell.
record::Detections seen(const std::vector<std::string>& objects) {
  Scene scene;
  for (const auto& text : objects) {
    const auto words = base::split_words(text);
    scene.objects.push_back({shape_index(words[1]), color_index(words[0]),
                             static_cast<int>(*base::parse_int(words[2]))});
  }
  return detect(render(scene));
}

Judgement judged(const std::string& prompt, const std::vector<std::string>& objects) {
  const auto metadata = parse_prompt(prompt);
  EXPECT_TRUE(metadata) << prompt;
  return judge(seen(objects), *metadata);
}

TEST(Judge, SharesOfClauses) {
  const auto partial = [](const std::string& prompt, const std::vector<std::string>& objects) {
    const auto verdict = judged(prompt, objects);
    EXPECT_EQ(verdict.correct, verdict.partial == 1) << prompt;
    EXPECT_EQ(verdict.correct, verdict.reason.empty()) << prompt;
    return verdict.partial;
  };
  EXPECT_EQ(partial("a photo of a circle", {"red circle 4"}), 1);
  EXPECT_EQ(partial("a photo of a circle", {"red star 4"}), 0);
  EXPECT_EQ(partial("a photo of a red circle", {"red circle 4"}), 1);
  EXPECT_EQ(partial("a photo of a red circle", {"blue circle 4"}), 0.5);
  EXPECT_EQ(partial("a photo of a circle and a star", {"red circle 4"}), 0.5);
  EXPECT_EQ(partial("a photo of three circles", {"red circle 0", "red circle 1"}), 0.5);
  EXPECT_EQ(partial("a photo of two circles", {"red circle 0", "red circle 1"}), 1);
  EXPECT_EQ(partial("a photo of two circles", {"red circle 0", "red circle 1", "red circle 2"}),
            0.5);
  EXPECT_EQ(partial("a photo of two circles", {}), 0);
  EXPECT_EQ(partial("a circle left of a star", {"red circle 0", "red star 2"}), 1);
  EXPECT_NEAR(partial("a circle left of a star", {"red circle 2", "red star 0"}), 2.0 / 3, 1e-9);
  EXPECT_NEAR(partial("a circle left of a star", {"red circle 2"}), 1.0 / 3, 1e-9);
  EXPECT_EQ(partial("a red circle and a blue star", {"red circle 2", "red star 0"}), 0.75);
  EXPECT_EQ(partial("two circles and a red star", {"red circle 2", "red star 0"}), 0.75);
}

TEST(Judge, EveryScenesPromptIsTrueOfIt) {
  for (int i = 0; i < 2000; ++i) {
    const auto drawn = random_scene(5, i);
    const auto metadata = parse_prompt(drawn.prompt);
    ASSERT_TRUE(metadata) << drawn.prompt;
    const auto verdict = judge(detect(render(drawn.scene)), *metadata);
    EXPECT_TRUE(verdict.correct) << drawn.prompt << ": " << verdict.reason;
  }
}

TEST(Judge, ContradictionsAndEmptyMetadata) {
  const auto clause = [](int64_t count) {
    record::ObjectClause c;
    c.class_name = "circle";
    c.count = count;
    return c;
  };
  const record::GenevalMetadata never{"x", {clause(2)}, {clause(2)}}, none{"x", {}, {clause(1)}};
  EXPECT_LT(judge(seen({"red circle 0", "red circle 1"}), never).partial, 1);
  EXPECT_EQ(judge({}, {}).partial, 1);
  EXPECT_EQ(judge(seen({"red circle 0"}), none).partial, 0);
}

}  // namespace
}  // namespace easel::world
