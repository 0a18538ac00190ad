// GenEval's clauses as records bring them.
#include "record/prompt.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace easel::record {
namespace {

GenevalMetadata metadata(const std::string& include) {
  return GenevalMetadata::parse(jsonl::Object::parse("{\"tag\":\"counting\",\"include\":" + include + "}", {"r", 1}));
}

TEST(GenevalMetadata, WholeNumbersMayHaveAPoint) {
  EXPECT_EQ(metadata(R"([{"class":"dog","count":3.0}])").include[0].count, 3);
  const auto two = metadata(R"([{"class":"dog","count":1},{"class":"cat","position":["left of",0.0]}])");
  EXPECT_EQ(two.include[1].position->second, 0);
}

TEST(GenevalMetadata, OtherNumbersAreErrors) {
  for (const char* count : {"1.5", "-1", "-1.0", "1e300", "9007199254740992.0", "18446744073709551615", "\"1\"", "null"}) {
    EXPECT_THROW(metadata(base::cat(R"([{"class":"dog","count":)", count, "}]")), base::RecordError) << count;
  }
  for (const char* index : {"0.5", "1.0", "-1", "\"0\""}) {
    EXPECT_THROW(metadata(base::cat(R"([{"class":"dog","position":["left of",)", index, "]}]")), base::RecordError) << index;
  }
}

}  // namespace
}  // namespace easel::record
