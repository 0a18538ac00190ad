// The expected texts are what Python 3.11's json.dumps and pandas 3.0's to_json print.
#include "jsonl/python_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace easel::jsonl {
namespace {

TEST(PythonJson, PrintsFloatsAsRepr) {
  EXPECT_EQ(python_float(1), "1.0");
  EXPECT_EQ(python_float(-0.0), "-0.0");
  EXPECT_EQ(python_float(0.1), "0.1");
  EXPECT_EQ(python_float(1e-5), "1e-05");
  EXPECT_EQ(python_float(0.0001), "0.0001");
  EXPECT_EQ(python_float(1e15), "1000000000000000.0");
  EXPECT_EQ(python_float(1e16), "1e+16");
  EXPECT_EQ(python_float(1e22), "1e+22");
  EXPECT_EQ(python_float(5e-324), "5e-324");
  EXPECT_EQ(python_float(123456789.123), "123456789.123");
  EXPECT_EQ(python_float(0.95f), "0.949999988079071");
  EXPECT_EQ(python_float(1.7976931348623157e308), "1.7976931348623157e+308");
}

TEST(PythonJson, DumpsAsPythonDoes) {
  const Json value = Json::parse(
      "{\"b\":[1,1.0,-2.5e-7,true,false,null,[],{}],\"a\":\"\\u00e9/"
      "\\u007f\\ud83d\\ude00\\n\\\"\"}");
  EXPECT_EQ(python_dumps(value),
            "{\"b\": [1, 1.0, -2.5e-07, true, false, null, [], {}], "
            "\"a\": \"\\u00e9/\\u007f\\ud83d\\ude00\\n\\\"\"}");
}

TEST(PythonJson, EscapesStringsAsPandasDoes) {
  std::string all;
  for (char c = 0; c < 0x20; ++c) all += c;
  EXPECT_EQ(
      pandas_string(all),
      "\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e"
      "\\u000f\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b"
      "\\u001c\\u001d\\u001e\\u001f\"");
  EXPECT_EQ(pandas_string("a/b<>&\x7F\"\\\xE2\x80\xA8\xF0\x9F\x98\x80"),
            "\"a\\/b<>&\x7F\\\"\\\\\\u2028\\ud83d\\ude00\"");
  EXPECT_EQ(pandas_string("\xFF"), "\"\\ufffd\"");
}

}  // namespace
}  // namespace easel::jsonl
