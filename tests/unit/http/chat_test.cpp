// Questions and answers of the chat interface.
#include "http/chat.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "jsonl/object.h"

namespace easel::http {
namespace {

using jsonl::Json;

TEST(DataUrl, IsBase64OfRfc4648) {
  const std::string begin = "data:image/png;base64,";
  for (const auto& [bytes, text] : {std::pair{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
                                    {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(data_url(bytes, "image/png"), begin + text);
  }
  EXPECT_EQ(data_url("\xff\xfe\xfd", "image/png"), begin + "//79");
}

TEST(ChatRequest, SaysWhatIsAsked) {
  ChatRequest request;
  request.model = "m";
  request.system = "Be brief.";
  request.parts = {Part::of_picture("foo", "image/jpeg"), Part::of_text("What is it?")};
  request.top_logprobs = 5;
  request.max_tokens = 7;
  const Json json = Json::parse(request.json());
  EXPECT_EQ(json["messages"][0], (Json{{"role", "system"}, {"content", "Be brief."}}));
  const Json& content = json["messages"][1]["content"];
  EXPECT_EQ(content[0]["image_url"]["url"], "data:image/jpeg;base64,Zm9v");
  EXPECT_EQ(content[1]["text"], "What is it?");
  EXPECT_EQ(json["max_tokens"], 7);
  EXPECT_EQ(json["logprobs"], true);
  EXPECT_EQ(json["top_logprobs"], 5);
  EXPECT_FALSE(json.contains("response_format"));
  EXPECT_FALSE(json.contains("seed"));
}

TEST(ChatRequest, WithoutPicturesIsPlainText) {
  ChatRequest request;
  request.parts = {Part::of_text("a "), Part::of_text("b\xff")};
  EXPECT_EQ(Json::parse(request.json())["messages"][0]["content"], "a b\xEF\xBF\xBD");
}

TEST(ChatRequest, LeavesOutWhatAServerDoesNotKnow) {
  ChatRequest request;
  request.schema_name = "grade";
  request.schema = R"({"type":"object"})";
  const Json full = Json::parse(request.json());
  EXPECT_EQ(full["response_format"]["json_schema"]["schema"]["type"], "object");
  EXPECT_TRUE(full["response_format"]["json_schema"]["strict"].get<bool>());
  const Json plain = Json::parse(request.json({.schemas = false, .max_completion_tokens = true, .temperature = false}));
  EXPECT_FALSE(plain.contains("response_format"));
  EXPECT_FALSE(plain.contains("max_tokens"));
  EXPECT_TRUE(full.contains("temperature"));
  EXPECT_FALSE(plain.contains("temperature"));
  EXPECT_TRUE(plain.contains("max_completion_tokens"));
}

TEST(ChatReply, ReadsTextTokensAndUsage) {
  const auto reply = ChatReply::parse(R"({"choices":[{"message":{"content":"Yes."},"finish_reason":"length","logprobs":{"content":[
      {"token":"Yes","logprob":-0.1,"top_logprobs":[{"token":"Yes","logprob":-0.1},{"token":"No","logprob":null}]}]}}],
      "usage":{"prompt_tokens":12,"completion_tokens":3}})");
  EXPECT_EQ(reply.text, "Yes.");
  EXPECT_TRUE(reply.cut);
  ASSERT_EQ(reply.tokens.size(), 1U);
  EXPECT_EQ(reply.tokens[0].top.size(), 1U);
  EXPECT_EQ(reply.prompt_tokens, 12);
  EXPECT_EQ(reply.completion_tokens, 3);
  EXPECT_EQ(ChatReply::parse(R"({"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}}]})").text, "ab");
}

TEST(ChatReply, RefusesWhatIsNoAnswer) {
  for (const char* body : {"", "7", "[]", "{}", "<html></html>", R"({"choices":[]})", R"({"choices":{}})", R"({"choices":[7]})",
                           R"({"choices":[{"message":{}}]})", R"({"choices":[{"message":{"content":null}}]})",
                           R"({"choices":[{"message":{"content":7}}]})", R"({"choices":[{"text":"old"}]})",
                           R"({"error":{"message":"overloaded"}})", R"({"choices":[{"message":{"content":"x"}})"}) {
    EXPECT_THROW(ChatReply::parse(body), base::Error) << body;
  }
}

// A gateway that answers for another says so in the choice, with status 200 and perhaps some text.
TEST(ChatReply, AChoiceThatFailedIsNoAnswer) {
  const auto problem = [](const std::string& choice) {
    try {
      ChatReply::parse(R"({"choices":[)" + choice + "]}");
      return std::string();
    } catch (const base::Error& e) {
      return std::string(e.what());
    }
  };
  const std::string said = "the server says: \"no luck\"", unsaid = "the answer's first choice is an error";
  EXPECT_EQ(problem(R"({"message":{"content":"Score: 3"},"error":{"message":"no luck","code":502}})"), said);
  EXPECT_EQ(problem(R"({"finish_reason":"error","error":{"message":"no luck"}})"), said);
  EXPECT_EQ(problem(R"({"message":{"content":"Score: 3"},"finish_reason":"error"})"), unsaid);
  EXPECT_EQ(problem(R"({"message":{"content":"Score: 3"},"error":{}})"), unsaid);
  EXPECT_EQ(problem(R"({"message":{"content":"Score: 3"},"error":null})"), "");
}

ChatReply reply_of(const std::string& text, const Json& finish = "stop") {
  Json body;
  body["choices"][0]["message"]["content"] = text;
  body["choices"][0]["finish_reason"] = finish;
  return ChatReply::parse(body.dump());
}

TEST(ChatReply, IsCutByWhateverEndsItBeforeItsEnd) {
  for (const char* early : {"length", "max_tokens", "content_filter", "abort"}) {
    EXPECT_TRUE(reply_of("x", early).cut) << early;
  }
  for (const char* end : {"stop", "eos", "tool_calls", "end_turn", ""}) EXPECT_FALSE(reply_of("x", end).cut) << end;
  EXPECT_FALSE(reply_of("x", nullptr).cut);
  EXPECT_FALSE(reply_of("x", 7).cut);
  const ChatReply without = ChatReply::parse(R"({"choices":[{"message":{"content":"x"},"error":null}]})");
  EXPECT_EQ(without.text, "x");
  EXPECT_FALSE(without.cut);
}

TEST(ChatReply, IsWhatFollowsTheReasoning) {
  EXPECT_EQ(reply_of("<think>Score: 3?</think>\n\nScore: 4 ").text, "Score: 4 ");
  EXPECT_EQ(reply_of("Score: 3? </think> Score: 4").text, "Score: 4");
  EXPECT_EQ(reply_of("<think>a</think>b<think>c</think>d").text, "d");
  EXPECT_EQ(reply_of("<think>a</think>\n").text, "");
  EXPECT_EQ(reply_of(" Score: 4").text, " Score: 4");
  EXPECT_FALSE(reply_of("<think>a</think>b").cut);
  for (const char* open : {"<think>Score: 3", "<think>a</think>b<think>Score: 3"}) {
    EXPECT_EQ(reply_of(open).text, "") << open;
    EXPECT_TRUE(reply_of(open).cut) << open;
  }
}

TEST(ErrorMessage, FindsWhatServersSay) {
  EXPECT_EQ(error_message(R"({"error":{"message":"no such model"}})"), "\"no such model\"");
  EXPECT_EQ(error_message(R"({"error":"overloaded"})"), "\"overloaded\"");
  EXPECT_EQ(error_message(R"({"detail":"Not Found"})"), "\"Not Found\"");
  EXPECT_EQ(error_message(R"({"detail":[{"loc":["body","model"],"msg":"field required"}]})"),
            R"("{\"loc\":[\"body\",\"model\"],\"msg\":\"field required\"}")");
  EXPECT_EQ(error_message(R"({"detail":[]})"), "");
  EXPECT_EQ(error_message("<html>"), "");
  EXPECT_EQ(error_message(R"({"error":{"code":7}})"), "");
}

// P(yes) of tokens with probabilities.
std::optional<double> yes(std::vector<TokenChoices> tokens) {
  ChatReply reply;
  reply.tokens = std::move(tokens);
  return probability_of_yes(reply);
}
TokenChoices::Choice choice(const std::string& token, double probability) { return {token, std::log(probability)}; }

TEST(ProbabilityOfYes, AddsUpEverySpelling) {
  const auto p = yes({{"Yes", -1, {choice("Yes", 0.3), choice(" yes", 0.1), choice("NO", 0.1), choice(" no", 0.1), choice("Maybe", 0.3)}}});
  ASSERT_TRUE(p);
  EXPECT_NEAR(*p, 0.4 / 0.6, 1e-12);
}

TEST(ProbabilityOfYes, AMissingWordCountsNothing) {
  EXPECT_EQ(yes({{"Yes", -1, {choice("Yes", 0.3), choice("Perhaps", 0.2)}}}), 1.0);
  EXPECT_EQ(yes({{"No", -1, {choice("No", 0.3), choice("Perhaps", 0.2)}}}), 0.0);
  EXPECT_EQ(yes({{"Perhaps", -1, {choice("Perhaps", 0.2), choice("yesterday", 0.2)}}}), std::nullopt);
  EXPECT_EQ(yes({}), std::nullopt);
}

TEST(ProbabilityOfYes, AWordIsThatWhateverStandsAroundIt) {
  for (const char* word : {"Yes.", "\"Yes\"", "**YES**", "'yes", "yes\n", "\u2581Yes", "\u0120yes", "Yes\u3002",
                           "yes\uFF0C", "Yes\uFF01", "\u201CYes\u201D", "(yes)"}) {
    const auto p = yes({{"no", -1, {choice("no", 0.2), choice("yes", 0.1), choice(word, 0.2), choice("_No", 0.1)}}});
    EXPECT_NEAR(p.value_or(-1), 0.5, 1e-12) << word;
  }
  EXPECT_EQ(yes({{"\u2581", -1, {choice("\u2581", 0.9), choice("yes", 0.1)}}, {"no", -1, {choice("no", 0.9)}}}), 0.0);
}

TEST(ProbabilityOfYes, OfNextToNothingIsNothing) {
  EXPECT_EQ(yes({{"The", -1, {choice("The", 0.99), choice("yes", 0.006), choice("no", 0.003)}}}), std::nullopt);
  const auto little = yes({{"The", -1, {choice("The", 0.98), choice("yes", 0.009), choice("no", 0.003)}}});
  EXPECT_NEAR(little.value_or(-1), 0.75, 1e-12);
  EXPECT_EQ(share_of_yes(0, 0), std::nullopt);
  EXPECT_EQ(share_of_yes(kLeastYesOrNo, 0), 1.0);
}

TEST(ProbabilityOfYes, IsReadAtTheFirstTokenThatIsNoSpace) {
  EXPECT_EQ(yes({{"\n", -1, {choice("\n", 0.9), choice("yes", 0.1)}}, {"no", -1, {choice("no", 0.9)}}}), 0.0);
  EXPECT_EQ(yes({{"Well", -1, {choice("Well", 0.9)}}, {"yes", -1, {choice("yes", 0.9)}}}), std::nullopt);
  EXPECT_EQ(yes({{"yes", -0.5, {}}}), 1.0);  // a server that lists no others
  const auto unlikely = yes({{"no", std::log(0.2), {choice("yes", 0.6), choice("Perhaps", 0.1)}}});  // drawn, and not among the likeliest
  EXPECT_NEAR(unlikely.value_or(-1), 0.75, 1e-12);
}

}  // namespace
}  // namespace easel::http
