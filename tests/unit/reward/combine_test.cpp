#include "reward/combine.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"

namespace easel::reward {
namespace {

using Values = std::vector<std::optional<double>>;
const std::vector<std::string> kNames = {"got", "got-sem", "sem", "pi", "ri"};
const Values kValues = {0.5, 0.25, 0.125, 0.8, 0.4};

double value(const std::string& expression) {
  std::string problem;
  const auto result = Combine(expression, kNames).evaluate(kValues, &problem);
  EXPECT_TRUE(result.has_value()) << expression << ": " << problem;
  return result.value_or(-1e9);
}

std::string usage_error(const std::string& expression) {
  try {
    Combine(expression, kNames);
  } catch (const base::UsageError& e) {
    return e.what();
  }
  return "";
}

TEST(Combine, FollowsArithmeticPrecedence) {
  EXPECT_DOUBLE_EQ(value("1 + 2 * 3"), 7);
  EXPECT_DOUBLE_EQ(value("(1 + 2) * 3"), 9);
  EXPECT_DOUBLE_EQ(value("8 / 4 / 2"), 1);
  EXPECT_DOUBLE_EQ(value("8 - 4 - 2"), 2);
  EXPECT_DOUBLE_EQ(value("-2 * -3"), 6);
  EXPECT_DOUBLE_EQ(value("2e-1+.5"), 0.7);
}

TEST(Combine, ReadsTheRewardsOfThePapers) {
  EXPECT_DOUBLE_EQ(value("pi * (got-sem + sem) / 2 * ri"), 0.8 * (0.25 + 0.125) / 2 * 0.4);
  EXPECT_DOUBLE_EQ(value("mean"), (0.5 + 0.25 + 0.125 + 0.8 + 0.4) / 5);
  EXPECT_DOUBLE_EQ(value("mean()"), value("mean"));
}

TEST(Combine, TakesTheLongestNameThatFits) {
  EXPECT_DOUBLE_EQ(value("got-sem"), 0.25);
  EXPECT_DOUBLE_EQ(value("got - sem"), 0.375);
  EXPECT_DOUBLE_EQ(value("pi-ri"), 0.4);
  EXPECT_DOUBLE_EQ(value("got-sem-sem"), 0.125);
  EXPECT_DOUBLE_EQ(value("pi-1"), 0.8 - 1);
  EXPECT_NE(usage_error("pirate"), "");
  EXPECT_NE(usage_error("got_sem"), "");
}

TEST(Combine, KnowsItsFunctions) {
  EXPECT_DOUBLE_EQ(value("min(pi, ri)"), 0.4);
  EXPECT_DOUBLE_EQ(value("max(pi, ri, 2)"), 2);
  EXPECT_DOUBLE_EQ(value("sum(pi, ri)"), 1.2);
  EXPECT_DOUBLE_EQ(value("product(pi, ri, 10)"), 3.2);
  EXPECT_DOUBLE_EQ(value("mean(pi, ri)"), 0.6);
  EXPECT_DOUBLE_EQ(value("clip(pi, 0, 0.5)"), 0.5);
  EXPECT_DOUBLE_EQ(value("clip(-1, 0, 0.5)"), 0);
  EXPECT_DOUBLE_EQ(value("min"), 0.125);
  EXPECT_DOUBLE_EQ(value("mean-1"), value("mean") - 1);
}

TEST(Combine, AnExpertMayBeNamedAsAFunction) {
  const std::vector<std::string> names = {"mean", "b"};
  std::string problem;
  EXPECT_DOUBLE_EQ(*Combine("mean", names).evaluate({1, 3}, &problem), 1);
  EXPECT_DOUBLE_EQ(*Combine("mean()", names).evaluate({1, 3}, &problem), 2);
}

TEST(Combine, AnUnscoredExpertLeavesTheRewardUnscored) {
  std::string problem;
  const Values values = {0.5, std::nullopt, 0.125, 0.8, 0.4};
  EXPECT_FALSE(Combine("mean", kNames).evaluate(values, &problem));
  EXPECT_EQ(problem, "");
  EXPECT_FALSE(Combine("got-sem * 0", kNames).evaluate(values, &problem));
  EXPECT_TRUE(Combine("pi * ri", kNames).evaluate(values, &problem));
}

TEST(Combine, WhatIsNoNumberIsAProblem) {
  for (const char* text : {"pi / 0", "pi / (ri - ri)", "1e308 * 10", "clip(pi, 1, 0)"}) {
    std::string problem;
    EXPECT_FALSE(Combine(text, kNames).evaluate(kValues, &problem)) << text;
    EXPECT_NE(problem, "") << text;
  }
}

TEST(Combine, RejectsWhatDoesNotParse) {
  for (const char* text : {"",        " ",      "pi +",   "+ pi",        "(pi",  "pi)",   "pi ri",
                           "pi ** 2", "min(pi", "min(,)", "clip(pi, 1)", "clip", "1.2.3", "1e",
                           "0x10",    "pi % 2", "nan",    "foo(pi)",     "$",    "2pi"}) {
    EXPECT_NE(usage_error(text), "") << text;
  }
  EXPECT_NE(usage_error(std::string(100000, '(')), "");
  EXPECT_NE(usage_error(std::string(100000, '-') + "1"), "");
  EXPECT_NE(usage_error("shapes * 2").find("\"shapes\" is no expert of this run"),
            std::string::npos);
}

TEST(Combine, AnyTextIsAnExpressionOrAUsageError) {
  const std::string alphabet = "got-sem pi()+*/,.019e_minaxclp";
  base::RandomStream random(1, "expressions");
  int parsed = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (uint64_t n = random.below(12); n > 0; --n) text += alphabet[random.below(alphabet.size())];
    try {
      const Combine combine(text, kNames);
      std::string problem;
      const auto result = combine.evaluate(kValues, &problem);
      EXPECT_NE(result.has_value(), !problem.empty()) << text;
      ++parsed;
    } catch (const base::UsageError&) {
    }
  }
  EXPECT_GT(parsed, 100);
}

}  // namespace
}  // namespace easel::reward
