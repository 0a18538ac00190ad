#include "jsonl/schema.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "record/metrics.h"
#include "unit/temporary_folder.h"

namespace easel::jsonl {
namespace {

std::string own(const std::string& name) {
  return base::cat(EASEL_SOURCE_DIR, "/schemas/", name, ".v1.schema.json");
}

TEST(Schema, SaysWhereAndWhy) {
  const Schema schema(own("rollout"));
  EXPECT_TRUE(schema.violations("{\"id\":\"a\",\"prompt\":\"x\",\"mine\":[1]}").empty());
  EXPECT_TRUE(schema
                  .violations("{\"id\":\"a\",\"prompt\":\"x\",\"reward\":null,\"rewards\":"
                              "{\"s\":null}}")
                  .empty());
  for (const auto& [text, place] : std::vector<std::pair<std::string, std::string>>{
           {"{\"id\":\"a\"}", "the record"},
           {"{\"id\":3,\"prompt\":\"x\"}", "/id"},
           {"{\"id\":\"a\",\"prompt\":\"x\",\"rewards\":{\"s\":\"1\"}}", "/rewards/s"},
           {"{\"id\":\"a\",\"prompt\":\"x\",\"include\":[{\"class\":\"dog\"},{\"count\":1}]}",
            "/include/1"},
           {"{\"id\":\"a\",\"prompt\":\"x\",\"tokens\":{\"shard\":\"s\",\"row\":-1}}",
            "/tokens/row"},
           {"{\"id\":\"a\",\"prompt\":\"x\",\"sampling\":{\"mode\":\"triple\"}}",
            "/sampling/mode"}}) {
    const auto problems = schema.violations(text);
    ASSERT_FALSE(problems.empty()) << text;
    EXPECT_EQ(problems[0].substr(0, place.size() + 1), place + ":") << problems[0];
  }
}

TEST(Schema, AFullMetricsRecordConforms) {
  record::GrpoMetrics m;
  m.step = 1;
  m.policy_version = 2;
  m.loss = m.policy_loss = m.kl = -0.5;
  m.clip_fraction = m.clamp_fraction = m.finish_stop = 1;
  m.rewards = {{"shapes", 0.5}};
  m.groups_kept = m.groups_dropped = m.rollouts = m.staleness = 3;
  m.seconds = m.seconds_load = m.seconds_forward = m.seconds_backward = m.seconds_optimizer = 0.1;
  Object record;
  m.write(record);
  EXPECT_TRUE(Schema(own("metrics-grpo")).violations(record.str()).empty());
  EXPECT_FALSE(Schema(own("metrics-sft")).violations(record.str()).empty());
}

TEST(Schema, RejectsWhatIsNoSchema) {
  const testing::TemporaryFolder folder;
  base::write_file(folder.file("a.json"), "{");
  base::write_file(folder.file("b.json"), "{\"type\":7}");
  EXPECT_THROW(Schema(folder.file("a.json")), base::Error);
  EXPECT_THROW(Schema(folder.file("b.json")), base::Error);
  EXPECT_THROW(Schema(folder.file("none.json")), base::Error);
}

}  // namespace
}  // namespace easel::jsonl
