#include "record/metrics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "record/cot_summary.h"
#include "record/eval_result.h"

namespace easel::record {
namespace {

jsonl::Object parse(const std::string& text) { return jsonl::Object::parse(text, {"m.jsonl", 3}); }

TEST(Metrics, ComeBackAsTheyWereWritten) {
  GrpoMetrics m;
  m.step = 7;
  m.kl = 0.25;
  m.groups_kept = 4;
  m.rewards = {{"shapes", 0.5}, {"exec", -1}};
  jsonl::Object record;
  m.write(record);
  EXPECT_EQ(record.str(),
            "{\"program\":\"grpo-step\",\"step\":7,\"kl\":0.25,\"rewards\":{\"shapes\":0.5,"
            "\"exec\":-1},\"groups_kept\":4}");
  const GrpoMetrics back = GrpoMetrics::parse(record);
  EXPECT_EQ(back.step, 7);
  EXPECT_EQ(back.kl, 0.25);
  EXPECT_EQ(back.rewards, m.rewards);
  EXPECT_FALSE(back.loss);
}

TEST(Metrics, WhatIsNotFiniteIsNullAndReadAsAbsent) {
  SftMetrics m;
  m.loss = NAN;
  m.grad_norm = INFINITY;
  jsonl::Object record;
  m.write(record);
  EXPECT_EQ(record.raw("loss"), "null");
  EXPECT_FALSE(SftMetrics::parse(record).grad_norm);
}

TEST(Metrics, AreToldApartByProgramOrFields) {
  const auto kind = [](const std::string& text) { return parse_metrics(parse(text)).index(); };
  EXPECT_EQ(kind("{\"program\":\"cot-sft\",\"step\":1}"), 0U);
  EXPECT_EQ(kind("{\"step\":1,\"loss\":2}"), 0U);
  EXPECT_EQ(kind("{\"step\":1,\"loss\":2,\"reward_mean\":null}"), 1U);
  EXPECT_EQ(kind("{\"step\":1,\"codes_used\":2}"), 2U);
  EXPECT_EQ(kind("{\"program\":\"mine\",\"step\":1,\"kl\":2}"), 1U);
}

TEST(Metrics, RejectsOtherTypes) {
  for (const char* text :
       {"{\"loss\":1}", "{\"step\":\"1\"}", "{\"step\":1.5}", "{\"step\":-1}", "{\"step\":null}",
        "{\"step\":1,\"loss\":\"x\"}", "{\"step\":1,\"kl\":[]}",
        "{\"step\":1,\"kl\":1,\"rewards\":3}", "{\"step\":1,\"kl\":1,\"rewards\":{\"a\":\"b\"}}",
        "{\"step\":1,\"kl\":1,\"rollouts\":1.5}"}) {
    EXPECT_THROW(parse_metrics(parse(text)), base::RecordError) << text;
  }
}

TEST(Metrics, StagesAreAllFieldsNamedSeconds) {
  const auto stages =
      stage_seconds(parse("{\"seconds\":3,\"seconds_forward\":1,\"seconds_\":5,\"seconds_mine\":2,"
                          "\"seconds_load\":null}"));
  EXPECT_EQ(stages, (NamedNumbers{{"forward", 1}, {"mine", 2}}));
}

TEST(EvalSummary, ComesBackAndIsChecked) {
  EvalSummary s;
  s.images = 4;
  s.prompts = 2;
  s.correct_images = 3;
  s.correct_prompts = 2;
  s.tasks = {{"two_object", 1, 2}, {"colors", 2, 2}};
  s.overall = 0.75;
  jsonl::Object record;
  s.write(record);
  const EvalSummary back = EvalSummary::parse(record);
  ASSERT_EQ(back.tasks.size(), 2U);
  EXPECT_EQ(back.tasks[0].tag, "two_object");
  EXPECT_EQ(back.tasks[0].score(), 0.5);
  EXPECT_EQ(back.overall, 0.75);
  jsonl::Object wrong = record;
  wrong.set_raw("tasks", "{\"a\":{\"correct\":3,\"total\":2}}");
  EXPECT_THROW(EvalSummary::parse(wrong), base::RecordError);
  wrong.set_raw("tasks", "[]");
  EXPECT_THROW(EvalSummary::parse(wrong), base::RecordError);
  wrong.erase("tasks");
  EXPECT_THROW(EvalSummary::parse(wrong), base::RecordError);
}

TEST(EvalResult, ComesBackAsItWasWritten) {
  const EvalResult r{"a/0.png", "colors", "a \"b\" \xC3\xA9", true, "x\ny", "{}", "{\"a\": 1.0}"};
  EXPECT_EQ(r.line(),
            "{\"filename\":\"a\\/0.png\",\"tag\":\"colors\",\"prompt\":\"a \\\"b\\\" \\u00e9\","
            "\"correct\":true,\"reason\":\"x\\ny\",\"metadata\":\"{}\",\"details\":\"{\\\"a\\\": "
            "1.0}\"}");
  const EvalResult back = EvalResult::parse(parse(r.line()));
  EXPECT_EQ(back.prompt, r.prompt);
  EXPECT_EQ(back.reason, r.reason);
  EXPECT_EQ(back.line(), r.line());
}

}  // namespace
}  // namespace easel::record
