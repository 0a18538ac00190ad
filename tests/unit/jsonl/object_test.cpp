// Fields of a record, read by type.
#include "jsonl/object.h"

#include <gtest/gtest.h>

namespace easel::jsonl {
namespace {

Object field(const std::string& value) { return Object::parse("{\"n\":" + value + "}", {"r", 1}); }

TEST(ObjectInteger, AWholeNumberMayHaveAPointOrAnExponent) {
  EXPECT_EQ(field("1").integer("n"), 1);
  EXPECT_EQ(field("1.0").integer("n"), 1);
  EXPECT_EQ(field("-2.00").integer("n"), -2);
  EXPECT_EQ(field("1e3").optional_integer("n"), 1000);
  EXPECT_EQ(field("9007199254740991.0").integer("n"), 9007199254740991);
  EXPECT_EQ(field("9223372036854775807").integer("n"), 9223372036854775807);
  EXPECT_EQ(field("1.0").str(), "{\"n\":1.0}") << "what is read goes through as it was";
}

TEST(ObjectInteger, OtherValuesAreErrors) {
  for (const char* value : {"1.5", "1e-3", "9007199254740992.0", "1e300", "9223372036854775808", "true", "\"1\"", "[1]"}) {
    EXPECT_THROW(field(value).integer("n"), base::RecordError) << value;
  }
}

}  // namespace
}  // namespace easel::jsonl
