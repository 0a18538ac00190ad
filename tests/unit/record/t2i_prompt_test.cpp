// The fields of T2I-R1's prompts.
#include "record/t2i_prompt.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace easel::record {
namespace {

T2iAnnotations parse(const std::string& json) { return T2iAnnotations::parse(jsonl::Object::parse(json, {"t", 1})); }

TEST(T2iAnnotations, ReadsWhatTheDataSetHas) {
  const auto a = parse(R"({"nouns":["car"],"task_type":"numeracy","numeracy_info":[{"obj_name":"car","num":4},{"obj_name":"cat","num":2.0}]})");
  ASSERT_EQ(a.numeracy.size(), 2U);
  EXPECT_EQ(a.numeracy[0].second, 4);
  EXPECT_EQ(a.numeracy[1].second, 2);
  EXPECT_FALSE(a.spatial);
  EXPECT_EQ(parse(R"({"spatial_info":{"obj1":"a","obj2":"b","locality":"near"}})").spatial->second, "b");
}

TEST(T2iAnnotations, EmptySpaceIsNone) {
  for (const char* json : {"{}", R"({"spatial_info":null})", R"({"spatial_info":{}})"}) EXPECT_FALSE(parse(json).spatial) << json;
}

TEST(T2iAnnotations, RefusesOtherForms) {
  for (const char* json : {R"({"spatial_info":{"obj1":"a"}})", R"({"numeracy_info":{}})", R"({"numeracy_info":[{"obj_name":"a","num":-1}]})",
                           R"({"numeracy_info":[{"obj_name":"a","num":1.5}]})", R"({"numeracy_info":[{"obj_name":"a"}]})",
                           R"({"numeracy_info":[{"obj_name":"a","num":18446744073709551615}]})"}) {
    EXPECT_THROW(parse(json), base::RecordError) << json;
  }
}

}  // namespace
}  // namespace easel::record
