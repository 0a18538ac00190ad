#include "reward/score_stream.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "image/image.h"
#include "unit/temporary_folder.h"
#include "world/scene.h"

namespace easel::reward {
namespace {

// Scores what it is told, by rollout id.
class FakeExpert : public Expert {
 public:
  FakeExpert(std::function<Score(const std::string&)> judge, Range range)
      : judge_(std::move(judge)), range_(range) {}
  Range range() const override { return range_; }
  std::vector<Score> score(const std::vector<const Item*>& items) override {
    std::vector<Score> scores;
    for (const Item* item : items) scores.push_back(judge_(item->rollout.id));
    return scores;
  }

 private:
  std::function<Score(const std::string&)> judge_;
  Range range_;
};

jsonl::Object rollout(const std::string& id, const std::string& group, int size, int index,
                      const std::string& more = "") {
  const std::string text =
      base::cat("{\"id\":\"", id, "\",\"group_id\":\"", group, "\",\"group_size\":", size,
                ",\"index\":", index, ",\"prompt\":\"a red circle\"", more, "}");
  return jsonl::Object::parse(text, {"in", 1});
}

struct Bench {
  explicit Bench(std::function<Score(const std::string&)> judge,
                 OnUnscored policy = OnUnscored::kKeep, size_t batch = 100, int64_t max_bad = 0,
                 Range range = {}, const std::string& combine = "mean")
      : scorer(experts(std::move(judge), range), combine),
        bad(max_bad),
        stream(scorer, policy, batch, bad, [this](const jsonl::Object& r) { out.push_back(r); }) {}

  static std::vector<NamedExpert> experts(std::function<Score(const std::string&)> judge,
                                          Range range) {
    std::vector<NamedExpert> all;
    all.push_back({"fake", std::make_unique<FakeExpert>(std::move(judge), range)});
    return all;
  }
  std::string ids() const {
    std::string text;
    for (const auto& r : out) text += r.string("id") + " ";
    return text;
  }

  Scorer scorer;
  jsonl::BadRecords bad;
  std::vector<jsonl::Object> out;
  ScoreStream stream;
};

Score unless(const std::string& id, const std::string& unscored) {
  return id == unscored ? Score::unscored("no answer") : Score::of(0.5);
}

TEST(ScoreStream, WritesRewardsAndKeepsEveryOtherField) {
  Bench b([](const std::string&) { return Score::of(0.25); });
  b.stream.add(rollout("a", "g", 1, 0, ",\"mine\":1.50,\"rewards\":{\"old\":1}"));
  b.stream.finish();
  ASSERT_EQ(b.out.size(), 1U);
  EXPECT_EQ(b.out[0].raw("mine"), "1.50");
  EXPECT_EQ(b.out[0].raw("rewards"), "{\"old\":1,\"fake\":0.25}");
  EXPECT_EQ(b.out[0].raw("reward"), "0.25");
}

TEST(ScoreStream, AnUnscoredRolloutHasRewardNullNeverZero) {
  Bench b([](const std::string& id) { return unless(id, "b"); });
  b.stream.add(rollout("a", "g", 2, 0));
  b.stream.add(rollout("b", "g", 2, 1));
  b.stream.finish();
  EXPECT_EQ(b.ids(), "a b ");
  EXPECT_EQ(b.out[1].raw("rewards"), "{\"fake\":null}");
  EXPECT_EQ(b.out[1].raw("reward"), "null");
  EXPECT_EQ(b.stream.unscored(), 1);
}

TEST(ScoreStream, DropGroupLeavesOutWholeGroupsAndKeepsTheOrder) {
  for (const size_t batch : {1U, 2U, 3U, 100U}) {
    Bench b([](const std::string& id) { return unless(id, "b1"); }, OnUnscored::kDropGroup, batch);
    // Two groups that come mixed.
    b.stream.add(rollout("a0", "a", 2, 0));
    b.stream.add(rollout("b0", "b", 2, 0));
    b.stream.add(rollout("b1", "b", 2, 1));
    b.stream.add(rollout("a1", "a", 2, 1));
    // The same prompt again: its group is whole and stays.
    b.stream.add(rollout("b0", "b", 2, 0));
    b.stream.add(rollout("b2", "b", 2, 1));
    b.stream.finish();
    EXPECT_EQ(b.ids(), "a0 a1 b0 b2 ") << batch;
    EXPECT_EQ(b.stream.dropped_groups(), 1) << batch;
  }
}

TEST(ScoreStream, AWholeGroupGoesOutAtOnce) {
  Bench b([](const std::string&) { return Score::of(1); }, OnUnscored::kDropGroup, 1);
  b.stream.add(rollout("a0", "a", 2, 0));
  EXPECT_EQ(b.ids(), "");
  b.stream.add(rollout("a1", "a", 2, 1));
  EXPECT_EQ(b.ids(), "a0 a1 ");
}

TEST(ScoreStream, DropGroupLeavesOutTheGroupOfARecordThatIsNoRollout) {
  for (const size_t batch : {1U, 2U, 100U}) {
    Bench b([](const std::string&) { return Score::of(1); }, OnUnscored::kDropGroup, batch);
    b.stream.add(rollout("a0", "a", 2, 0));
    b.stream.add(rollout("a1", "a", 2, 1));
    b.stream.add(rollout("a0", "a", 2, 0));  // the same prompt again
    EXPECT_THROW(b.stream.add(rollout("a1", "a", 2, 1, ",\"finish\":\"maybe\"")), base::RecordError);
    b.stream.add(rollout("b0", "b", 1, 0));
    if (batch == 1) EXPECT_EQ(b.ids(), "a0 a1 b0 ");  // what follows does not wait for the end
    b.stream.finish();
    EXPECT_EQ(b.ids(), "a0 a1 b0 ") << batch;
    EXPECT_EQ(b.stream.dropped_groups(), 1) << batch;
  }
}

TEST(ScoreStream, AnExpertsErrorIsOfNoRecord) {
  Bench b([](const std::string&) -> Score { throw base::RecordError("answers:1: not JSON"); }, OnUnscored::kKeep, 100, 9);
  b.stream.add(rollout("a", "g", 1, 0));
  try {
    b.stream.finish();
    FAIL();
  } catch (const base::RecordError&) {
    FAIL() << "--max-bad would pass over the batch";
  } catch (const base::Error& e) {
    EXPECT_STREQ(e.what(), "answers:1: not JSON");
  }
}

TEST(ScoreStream, AJudgesEarlierAnswersThatCannotBeReadAreOneBadRecord) {
  const auto judge = [](const std::string&) {
    Score score = Score::of(1);
    score.said = "yes";
    return score;
  };
  Bench b(judge, OnUnscored::kKeep, 100, 1);
  b.stream.add(rollout("a", "g", 2, 0, ",\"judge\":{\"x\":\"1\",\"x\":\"2\"}"));
  b.stream.add(rollout("b", "g", 2, 1));
  b.stream.finish();
  EXPECT_EQ(b.ids(), "b ");
  EXPECT_EQ(b.bad.count(), 1);
}

TEST(ScoreStream, FailStopsAtAnUnscoredRollout) {
  Bench b([](const std::string& id) { return unless(id, "a"); }, OnUnscored::kFail);
  b.stream.add(rollout("a", "g", 1, 0));
  EXPECT_THROW(b.stream.finish(), base::Error);
}

TEST(ScoreStream, BadRecordsAreCountedAndLeftOut) {
  const auto judge = [](const std::string& id) {
    return id == "b" ? Score::bad("image is missing") : Score::of(1);
  };
  Bench strict(judge);
  strict.stream.add(rollout("a", "g", 2, 0));
  strict.stream.add(rollout("b", "g", 2, 1));
  EXPECT_THROW(strict.stream.finish(), base::RecordError);
  Bench lenient(judge, OnUnscored::kKeep, 100, 1);
  lenient.stream.add(rollout("a", "g", 2, 0));
  lenient.stream.add(rollout("b", "g", 2, 1));
  lenient.stream.finish();
  EXPECT_EQ(lenient.ids(), "a ");
  EXPECT_EQ(lenient.bad.count(), 1);
}

TEST(ScoreStream, AValueOutsideTheExpertsRangeIsBad) {
  Bench b([](const std::string&) { return Score::of(1.5); }, OnUnscored::kKeep, 1, 0, {0, 1});
  EXPECT_THROW(b.stream.add(rollout("a", "g", 1, 0)), base::RecordError);
}

TEST(ScoreStream, ARewardThatIsNoNumberNamesTheRecord) {
  Bench b([](const std::string&) { return Score::of(0); }, OnUnscored::kKeep, 1, 0, {}, "1 / fake");
  try {
    b.stream.add(rollout("p7-1", "g", 1, 0));
    FAIL();
  } catch (const base::RecordError& e) {
    EXPECT_STREQ(e.what(), "in:1: rollout \"p7-1\": no reward: division by zero");
  }
}

NamedExpert make_expert(const std::string& spec, const ExpertOptions& options) {
  return std::move(make_experts({spec}, options)[0]);
}

TEST(MakeExpert, ReadsSpecifications) {
  EXPECT_EQ(make_expert("shapes", {}).name, "shapes");
  EXPECT_EQ(make_expert("soft=shapes:partial", {}).name, "soft");
  EXPECT_EQ(make_expert("exec:a=b:c", {}).name, "exec");
  for (const char* bad : {"", "shapez", "shapes:half", "=shapes", "a b=shapes", "1=shapes",
                          "exec:", "exec", "shapes=", "-x=shapes", "binary", "got-sem", "orm:janus:", "got-pi:janus:x", "got-ri:exec:",
                          "got-ri:boxes", "detector:boxes", "detector:exec: "}) {
    EXPECT_THROW(make_expert(bad, {}), base::UsageError) << bad;
  }
  EXPECT_THROW(make_experts({"shapes", "shapes:partial"}, {}), base::UsageError);
  EXPECT_EQ(make_expert("got-ri:shapes", {}).name, "got-ri");
  EXPECT_EQ(make_expert("detector:exec:./detect", {}).name, "detector");
  EXPECT_EQ(make_expert("detector", {}).name, "detector");
  EXPECT_EQ(make_expert("orm:janus:DIR", {}).name, "orm");
}

TEST(ShapesExpert, JudgesTheImageAgainstThePrompt) {
  const testing::TemporaryFolder folder;
  world::Scene scene;
  scene.objects = {{world::shape_index("circle"), world::color_index("red"), 4}};
  image::write_png(folder.file("one.png"), world::render(scene));
  const auto item = [&](const std::string& prompt, const std::string& image) {
    return Item(jsonl::Object::parse(
        base::cat("{\"id\":\"a\",\"prompt\":\"", prompt, "\",\"image\":\"", image, "\"}"),
        {"in", 1}));
  };
  const std::vector<Item> items = {item("a red circle", "one.png"),
                                   item("a blue circle", "one.png"), item("a dog", "one.png"),
                                   item("a red circle", "none.png")};
  std::vector<const Item*> pointers;
  for (const auto& i : items) pointers.push_back(&i);
  const auto exact = make_expert("shapes", {.root = folder.path().string(), .threads = 2}).expert->score(pointers);
  EXPECT_EQ(exact[0].value, 1);
  EXPECT_EQ(exact[1].value, 0);
  EXPECT_TRUE(exact[2].bad_record);
  EXPECT_TRUE(exact[3].bad_record);
  const auto partial =
      make_expert("shapes:partial", {.root = folder.path().string(), .threads = 1}).expert->score(pointers);
  EXPECT_EQ(partial[0].value, 1);
  EXPECT_GT(*partial[1].value, 0);
  EXPECT_LT(*partial[1].value, 1);
}

TEST(ExecExpert, TakesAnswersInAnyOrderAndLeavesTheRestUnscored) {
  std::vector<Item> items;
  for (const char* id : {"a", "b", "c", "a"}) items.emplace_back(rollout(id, "g", 9, 0));
  std::vector<const Item*> pointers;
  for (const auto& i : items) pointers.push_back(&i);
  const auto expert = make_expert(
      "exec:sed -nE 's/.*\"id\":\"([ab])\".*/{\"id\":\"\\1\",\"value\":0.5}/p' | sort -r", {});
  const auto scores = expert.expert->score(pointers);
  EXPECT_EQ(scores[0].value, 0.5);
  EXPECT_EQ(scores[1].value, 0.5);
  EXPECT_FALSE(scores[2].value);
  EXPECT_FALSE(scores[2].bad_record);
  EXPECT_EQ(scores[3].value, 0.5);  // an id that comes again is asked for in another run
}

TEST(ExecExpert, ABrokenProgramIsAnError) {
  const std::vector<Item> items = {Item(rollout("a", "g", 1, 0))};
  const std::vector<const Item*> pointers = {&items[0]};
  for (const char* command :
       {"exit 3", "echo hello", "echo '{\"id\":\"z\",\"value\":1}'", "echo '{\"value\":1}'",
        "for i in 1 2; do echo '{\"id\":\"a\",\"value\":1}'; done",
        "echo '{\"id\":\"a\",\"value\":\"1\"}'", "echo '{\"id\":\"a\",\"value\":1e999}'",
        "kill -9 $$"}) {
    const auto expert = make_expert(base::cat("exec:cat >/dev/null; ", command), {});
    EXPECT_THROW(expert.expert->score(pointers), base::Error) << command;
  }
}

}  // namespace
}  // namespace easel::reward
