// The papers' judges with a model that answers by rule.
#include "reward/judges.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "unit/temporary_folder.h"
#include "world/scene.h"

namespace easel::reward {
namespace {

class FakeModel : public JudgeModel {
 public:
  std::function<JudgeReply(const Inquiry&)> answer;
  std::vector<Inquiry> asked;
  std::vector<JudgeReply> ask(const std::vector<Inquiry>& inquiries) override {
    std::vector<JudgeReply> replies;
    for (const auto& inquiry : inquiries) {
      asked.push_back(inquiry);
      replies.push_back(answer(inquiry));
    }
    return replies;
  }
};

JudgeReply says(const std::string& text) {
  JudgeReply reply;
  reply.text = text;
  return reply;
}
JudgeReply yes(double probability) {
  JudgeReply reply;
  reply.yes = probability;
  return reply;
}

const std::string kChain = "First <|obj_start|>a star<|obj_end|> <|box_start|>(0,0),(500,500)<|box_end|>, then "
                           "<|obj_start|>a ring<|obj_end|> <|box_start|>(500,500),(999,999)<|box_end|>";

class JudgesTest : public ::testing::Test {
 protected:
  void SetUp() override { image::write_png(folder_.path() / "p.png", image::Image(100, 100, {9, 9, 9})); }

  Item item(const std::string& more = "", const std::string& cot = kChain, const std::string& picture = "p.png") {
    std::string text = R"({"id":"a","group_id":"a","prompt":"A photo of a star left of a ring","cot":)" + jsonl::escape(cot) +
                       R"(,"image":)" + jsonl::escape(picture) + R"(,"finish":"stop")" + more + "}";
    return Item(jsonl::Object::parse(text, {"t", 1}));
  }
  // The judge's score of one rollout.
  Score score(const std::string& judge, const Item& rollout, std::function<JudgeReply(const Inquiry&)> answer, LayoutView view = LayoutView::kBoxes,
              int picture_size = 0) {
    model_ = std::make_shared<FakeModel>();
    model_->answer = std::move(answer);
    auto made = make_judge(judge, {folder_.path().string(), judge_prompts(), view, picture_size});
    return make_judge_expert(std::move(made), model_)->score({&rollout})[0];
  }
  easel::testing::TemporaryFolder folder_;
  std::shared_ptr<FakeModel> model_;
};

TEST_F(JudgesTest, BinaryIsWhatIsInTheBox) {
  EXPECT_EQ(score("binary", item(), [](const Inquiry&) { return says("fine \\boxed{1}"); }).value, 1);
  EXPECT_EQ(score("binary", item(), [](const Inquiry&) { return says("\\boxed{0}"); }).value, 0);
  EXPECT_EQ(score("binary", item(), [](const Inquiry&) { return says("\\boxed{yes}"); }).value, 0);
  EXPECT_EQ(score("binary", item(), [](const Inquiry&) { return says("I cannot say"); }).value, 0);
  const std::string& text = model_->asked.at(0).text;
  EXPECT_NE(text.find("The order was: a star left of a ring"), std::string::npos) << text;
  EXPECT_EQ(text.find("A photo of"), std::string::npos);
  EXPECT_EQ(model_->asked[0].picture().width, 100);
}

TEST_F(JudgesTest, BinaryHasNoVerdictOfAnAnswerThatIsNone) {
  score("binary", item(), [](const Inquiry&) { return says("\\boxed{1}"); });
  const auto& objection = model_->asked.at(0).objection;
  EXPECT_EQ(objection("I cannot say", false), "");
  EXPECT_EQ(objection("So it is \\boxed{1}.", true), "");
  EXPECT_NE(objection("It ends with \\boxed{1} if all is there, else \\boxed{0}. I", true), "");
  EXPECT_NE(objection("There is a star and", true), "");
  EXPECT_NE(objection(" \n", false), "");
}

TEST_F(JudgesTest, OrmIsTheProbabilityOfYes) {
  EXPECT_EQ(score("orm", item(), [](const Inquiry& i) { return i.yes_or_no ? yes(0.75) : says(""); }).value, 0.75);
}

TEST_F(JudgesTest, VqaIsTheMeanOverWhatIsAsked) {
  const auto by_question = [](const Inquiry& i) { return yes(i.text.starts_with("red star?") ? 1 : 0.5); };
  EXPECT_EQ(score("vqa", item(R"(,"nouns":["star","ring"],"attr_nouns":["red star","blue ring"])"), by_question).value, 0.75);
  EXPECT_EQ(model_->asked.at(1).text, "blue ring? Answer yes or no.");
  EXPECT_EQ(score("vqa", item(R"(,"nouns":["star","ring"])"), by_question).value, 0.5);
  EXPECT_EQ(score("vqa", item(R"(,"task_type":"texture")"), by_question).value, 1);
  EXPECT_TRUE(model_->asked.empty());
  EXPECT_EQ(score("vqa", item(R"(,"nouns":["a"],"spatial_info":{"obj1":"a","obj2":"b","locality":"near"})"), by_question).value, 0);
  EXPECT_EQ(score("vqa", item(R"(,"nouns":["a"],"task_type":"spatial")"), by_question).value, 0);
  EXPECT_EQ(score("vqa", item(R"(,"nouns":["a"],"task_type":"complex","spatial_info":{"obj1":"a","obj2":"b","locality":"near"})"),
                  by_question).value, 0.5);
  EXPECT_EQ(score("vqa", item(R"(,"nouns":["a"],"numeracy_info":[{"obj_name":"a","num":2}])"), by_question).value, 0);
  EXPECT_TRUE(model_->asked.empty());
}

TEST_F(JudgesTest, GotGradesAreTenths) {
  for (const char* judge : {"got-sem", "got-spa", "got-pi"}) {
    EXPECT_EQ(score(judge, item(), [](const Inquiry&) { return says(R"({"reason":"","score":7})"); }).value, 0.7) << judge;
    const Inquiry& asked = model_->asked.at(0);
    EXPECT_NE(asked.objection("no grade at all", false), "") << judge;
    EXPECT_NE(asked.objection(R"({"score":12})", false), "") << judge;
    EXPECT_EQ(asked.objection("Score: 3", false), "") << judge;
    EXPECT_NE(asked.objection("Score: 3", true), "") << judge;  // and then?
    EXPECT_EQ(asked.objection(R"({"score":3} That is)", true), "") << judge;
  }
}

TEST_F(JudgesTest, GotSemanticsReadsTheChainWithoutBoxes) {
  score("got-sem", item(), [](const Inquiry&) { return says("Score: 1"); });
  EXPECT_NE(model_->asked.at(0).text.find("Plan: First a star, then a ring"), std::string::npos) << model_->asked[0].text;
  EXPECT_FALSE(model_->asked[0].picture);
}

TEST_F(JudgesTest, GotLayoutLooksAtADrawingOrReadsCoordinates) {
  score("got-spa", item(), [](const Inquiry&) { return says("Score: 1"); });
  ASSERT_TRUE(model_->asked.at(0).picture);
  const image::Image drawn = model_->asked[0].picture();
  EXPECT_EQ(drawn.at(drawn.width / 4, drawn.height / 4), (image::Rgb{255, 255, 255}));
  EXPECT_NE(drawn.at(0, drawn.height / 4), (image::Rgb{255, 255, 255}));  // the star's outline
  EXPECT_NE(drawn.at(drawn.width / 2 + 1, drawn.height * 3 / 4), (image::Rgb{255, 255, 255}));
  EXPECT_EQ(drawn.at(drawn.width * 3 / 4, drawn.height / 4), (image::Rgb{255, 255, 255}));
  score("got-spa", item(), [](const Inquiry&) { return says("Score: 1"); }, LayoutView::kShapes);
  const image::Image shapes = model_->asked.at(0).picture();
  EXPECT_EQ(shapes.at(shapes.width / 4, shapes.height / 4), (image::Rgb{70, 70, 70}));  // in the star
  EXPECT_EQ(shapes.at(shapes.width * 3 / 4, shapes.height * 3 / 4), world::kBackground);  // in the ring's hole
  EXPECT_EQ(shapes.at(shapes.width / 2 + 2, shapes.height * 3 / 4), (image::Rgb{70, 70, 70}));  // on the ring
  score("got-spa", item(), [](const Inquiry&) { return says("Score: 1"); }, LayoutView::kText);
  EXPECT_FALSE(model_->asked.at(0).picture);
  EXPECT_NE(model_->asked[0].text.find("a star: (0,0),(500,500)\na ring: (500,500),(999,999)"), std::string::npos);
}

TEST_F(JudgesTest, GotOverlapComparesPlannedAndFoundBoxes) {
  const auto found = [](const Inquiry&) { return says(R"([{"label":"a star","bbox_2d":[0,0,50,50]},{"label":"a ring","bbox_2d":[0,0,9,9]}])"); };
  EXPECT_NEAR(*score("got-ri", item(), found).value, 0.5, 1e-9);
  const std::string& text = model_->asked.at(0).text;
  EXPECT_NE(text.find("100 pixels wide"), std::string::npos);
  EXPECT_NE(text.find("- a star\n- a ring"), std::string::npos);
  EXPECT_EQ(score("got-ri", item(), [](const Inquiry&) { return says("[]"); }).value, 0);
  EXPECT_EQ(model_->asked.at(0).objection("[]", false), "");
  EXPECT_NE(model_->asked.at(0).objection("[]", true), "");  // there might have been more
}

TEST_F(JudgesTest, GotOverlapMeasuresInThePictureThatIsShown) {
  const auto found = [](const Inquiry&) { return says(R"([{"label":"a star","bbox_2d":[0,0,10,10]},{"label":"a ring","bbox_2d":[10,10,20,20]}])"); };
  EXPECT_NEAR(*score("got-ri", item(), found, LayoutView::kBoxes, 20).value, 1, 0.01);
  EXPECT_NE(model_->asked.at(0).text.find("20 pixels wide"), std::string::npos);
}

// The answers stand beside the score, for whoever reads the records.
TEST_F(JudgesTest, WhatWasSaidIsKept) {
  EXPECT_EQ(score("binary", item(), [](const Inquiry&) { return says("All there.\n\\boxed{1}"); }).said, "All there.\n\\boxed{1}");
  int asked = 0;
  const auto each = [&](const Inquiry&) {
    JudgeReply reply = yes(1);
    reply.text = asked++ == 0 ? "Yes" : "yes.";
    return reply;
  };
  EXPECT_EQ(score("vqa", item(R"(,"nouns":["star","ring"])"), each).said, "Yes\nyes.");
}

TEST_F(JudgesTest, AMalformedChainHasEarnedZero) {
  for (const char* judge : {"got-sem", "got-spa", "got-ri", "got-pi"}) {
    const Score s = score(judge, item("", "a star, a ring"), [](const Inquiry&) { return says("Score: 9"); });
    EXPECT_EQ(s.value, 0) << judge;
    EXPECT_NE(s.problem, "") << judge;
    EXPECT_TRUE(model_->asked.empty());
  }
  const auto nine = [](const Inquiry&) { return says("Score: 9"); };
  EXPECT_EQ(score("got-pi", item(R"(,"sampling":{"mode":"direct"})", ""), nine).value, 0.9);  // drawn without a plan
  EXPECT_EQ(score("got-pi", item("", ""), nine).value, 0);
}

TEST_F(JudgesTest, AFailureIsNoScore) {
  const auto fails = [](const Inquiry&) {
    JudgeReply reply;
    reply.problem = "status 500";
    return reply;
  };
  for (const char* judge : {"binary", "orm", "got-sem", "got-spa", "got-ri", "got-pi"}) {
    const Score s = score(judge, item(), fails);
    EXPECT_FALSE(s.value) << judge;
    EXPECT_FALSE(s.bad_record) << judge;
    EXPECT_EQ(s.problem, "status 500") << judge;
  }
  // One answer of two is not half a score.
  int asked = 0;
  const Score s = score("vqa", item(R"(,"nouns":["star","ring"])"), [&](const Inquiry& i) { return asked++ == 0 ? yes(1) : fails(i); });
  EXPECT_FALSE(s.value);
}

TEST_F(JudgesTest, ARecordWithoutWhatIsJudgedIsBad) {
  const auto answer = [](const Inquiry&) { return says("\\boxed{1}"); };
  EXPECT_TRUE(score("binary", item("", kChain, ""), answer).bad_record);
  EXPECT_TRUE(score("got-ri", item("", kChain, "missing.png"), answer).bad_record);
  EXPECT_TRUE(score("vqa", item(R"(,"nouns":"star")"), answer).bad_record);
  EXPECT_TRUE(score("vqa", item(""), answer).bad_record);
  EXPECT_EQ(score("vqa", item(R"(,"nouns":[])"), answer).value, 1);  // there is nothing to ask
}

TEST(JudgePrompts, FillsPlacesOnceAndTakesFiles) {
  const easel::testing::TemporaryFolder folder;
  base::write_file(folder.path() / "orm.txt", "Is it {prompt}? {other} {prompt}\n");
  const auto prompts = judge_prompts({"orm=" + folder.file("orm.txt")});
  EXPECT_EQ(prompts.filled("orm", {{"prompt", "{prompt} {question}"}, {"question", "x"}}),
            "Is it {prompt} {question}? {other} {prompt} {question}");
  EXPECT_THROW(judge_prompts({"orm"}), base::UsageError);
  EXPECT_THROW(judge_prompts({"nobody=" + folder.file("orm.txt")}), base::UsageError);
  EXPECT_THROW(judge_prompts({"orm=" + folder.file("missing.txt")}), base::Error);
}

}  // namespace
}  // namespace easel::reward
