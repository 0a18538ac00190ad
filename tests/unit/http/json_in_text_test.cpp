// JSON that models write, with what they write around it.
#include "http/json_in_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace easel::http {
namespace {

TEST(JsonInText, IsFoundBetweenWords) {
  for (const char* text : {R"({"a":1})", "```json\n{\"a\":1}\n```", "Here it is: {\"a\": 1} as asked.", "{broken} {\"a\":1}",
                           "a set {x} and then {\"a\":1}, {\"a\":2}", "\xff{\"a\":1}", "{{\"a\":1}", "[1, 2 {\"a\":1}"}) {
    const auto json = json_in_text(text);
    ASSERT_TRUE(json) << text;
    EXPECT_EQ((*json)["a"], 1) << text;
  }
  EXPECT_EQ(json_in_text("[1,2]")->size(), 2U);
  EXPECT_EQ((*json_in_text(R"({"a":"}\"]{"})"))["a"], "}\"]{");
}

TEST(JsonInText, IsOfTheKindThatIsWanted) {
  const auto list = json_in_text(R"([0, 0, 48, 48] is the picture: [{"a":1}])", [](const jsonl::Json& j) { return j[0].is_object(); });
  ASSERT_TRUE(list);
  EXPECT_EQ((*list)[0]["a"], 1);
  EXPECT_FALSE(json_in_text(R"({"b":{"a":1}})", [](const jsonl::Json& j) { return j.contains("a"); }));
}

TEST(JsonInText, PartOfAnAnswerIsNone) {
  for (const char* text : {R"([{"a":1},{"b":[2,)", R"({"a":{"b":1},"c":"x)", R"({"list":[{"a":1}])", "```json\n[{\"a\":1},\n```",
                           R"({"a":{"b":1},})"}) {
    EXPECT_FALSE(json_in_text(text)) << text;
    EXPECT_TRUE(begins_json(text)) << text;
  }
  for (const char* text : {"", "a {set} of [1, 2]", "{}", "[]", "{x} \"y\""}) EXPECT_FALSE(begins_json(text)) << text;
}

TEST(JsonInText, EveryOneIsFoundInOrder) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += R"({"a":)" + std::to_string(i) + "}\n";
  const auto all = every_json_in_text(many);
  ASSERT_EQ(all.size(), 100U);
  EXPECT_EQ(all[99]["a"], 99);
  const auto has_a = [](const jsonl::Json& j) { return j.contains("a"); };
  const auto wanted = every_json_in_text(R"({"a":1} or {"b":2}, [3], {"a":4}.)", has_a);
  ASSERT_EQ(wanted.size(), 2U);
  EXPECT_EQ(wanted[1]["a"], 4);
  for (const char* text : {"", "none", R"({"a":1} {"a":)", R"([{"a":1},{"a":2}] and [{"a")"}) {
    EXPECT_TRUE(every_json_in_text(text).empty()) << text;
  }
  EXPECT_TRUE(json_in_text(R"({"a":1} {"a":)"));  // the first is whole
}

TEST(JsonInText, OrThereIsNone) {
  for (const char* text : {"", "7", "\"a\"", "{", "[", "}{", "{\"a\":1", "no braces", "{'a':1}"}) EXPECT_FALSE(json_in_text(text)) << text;
  EXPECT_FALSE(json_in_text(std::string(100000, '{')));
  EXPECT_FALSE(json_in_text(std::string(100000, '[')));
  // Deeper than anyone means: what is inside is found, and the stack is not used up.
  EXPECT_EQ(json_in_text(std::string(230, '[') + std::string(230, ']'))->dump().size(), 400U);
}

}  // namespace
}  // namespace easel::http
