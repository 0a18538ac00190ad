#include "text/regex.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "text/regex_syntax.h"
#include "text/unicode_supplement.h"

namespace easel::text {
namespace {

using Strings = std::vector<std::string>;

Strings matches(const std::string& pattern, const std::string& text) {
  RegexScratch scratch;
  scratch.set_extended(has_new_code_points(text));
  Strings out;
  Regex::compile(pattern).for_each(
      text, scratch, [&](RegexMatch m) { out.push_back(text.substr(m.begin, m.end - m.begin)); });
  return out;
}

std::string complaint(const std::string& pattern) {
  try {
    Regex::compile(pattern);
    return "";
  } catch (const base::Error& error) {
    return error.what();
  }
}

TEST(Regex, ClassesAreUnicode) {
  EXPECT_EQ(matches(R"(\w+)", "a_\u00e9\u0301\u4f60 \u00b2"),
            (Strings{"a_\u00e9\u0301\u4f60", "\u00b2"}));
  EXPECT_EQ(matches(R"([\w]+)", "a_\u4f60 \u00b2"), (Strings{"a_\u4f60"}));
  EXPECT_EQ(matches(R"(\s)", "\u180e\u3000\u0085 "), (Strings{"\u3000", "\u0085", " "}));
  EXPECT_EQ(matches(R"([^\s\d]+)", "ab\u06603"), (Strings{"ab"}));
  EXPECT_EQ(matches(R"(\h+)", "xFF0g"), (Strings{"FF0"}));
  EXPECT_EQ(matches(R"([\v]|\x{41}|\u0042)", "\x0b\nAB"), (Strings{"\x0b", "A", "B"}));
  EXPECT_EQ(matches(R"(\p{Letter}\p{^L}|\P{Lowercase Letter})", "ab1"), (Strings{"b1"}));
  EXPECT_EQ(matches(R"(\p{Han}+)", "\u4f60\u597d\u3042"), (Strings{"\u4f60\u597d"}));
}

// What Hugging Face tokenizers 0.23 cuts out of the same texts.
TEST(Regex, PosixClassesAndProperties) {
  const std::string text = "aB\u00c9\u01c51\u0661\u00b2 \t\n\u3000\u2028\u00ad\x01,$\u24d0\u0345\ufdd0\ue000\u10fc";
  const auto in = [&](const std::string& name) { return matches("[[:" + name + ":]]+", text); };
  EXPECT_EQ(in("alnum"), (Strings{"aB\u00c9\u01c51\u0661", "\u24d0\u0345", "\u10fc"}));
  EXPECT_EQ(in("upper"), (Strings{"B\u00c9"}));
  EXPECT_EQ(in("lower"), (Strings{"a", "\u24d0\u0345", "\u10fc"}));
  EXPECT_EQ(in("blank"), (Strings{" \t", "\u3000"}));
  EXPECT_EQ(in("cntrl"), (Strings{"\t\n", "\x01"}));
  EXPECT_EQ(in("graph"), (Strings{"aB\u00c9\u01c51\u0661\u00b2", "\u00ad", ",$\u24d0\u0345", "\ue000\u10fc"}));
  EXPECT_EQ(in("print"), (Strings{"aB\u00c9\u01c51\u0661\u00b2 ", "\u3000", "\u00ad", ",$\u24d0\u0345", "\ue000\u10fc"}));
  EXPECT_EQ(in("ascii"), (Strings{"aB", "1", " \t\n", "\x01,$"}));
  EXPECT_EQ(matches("[[:^alnum:]]+", "aB\u00c91 \t,\u3000"), (Strings{" \t,\u3000"}));
  EXPECT_EQ(matches("[[:punct:]]+|[[:alpha:]]+", "ab,$\u00e91 \u0363\u1dd3_c"),
            (Strings{"ab", ",$", "\u00e9", "\u0363\u1dd3", "_", "c"}));
  EXPECT_EQ(matches(R"(\p{Alphabetic}+|\p{Punct})", "ab,$\u00e91 \u0363_"), (Strings{"ab", ",", "\u00e9", "\u0363", "_"}));
  EXPECT_EQ(complaint(R"(\p{Emoji})"), R"(regex "\\p{Emoji}": the property "Emoji" is not supported at byte 3)");
}

// U+1FAE8 came with Unicode 15, U+16D43 with 16.
TEST(Regex, NewCodePointsAreMembersWhateverPcre2Knows) {
  EXPECT_TRUE(has_new_code_points("a\U0001fae8"));
  EXPECT_FALSE(has_new_code_points("a\u00e9\u4f60\U0001f600"));
  EXPECT_EQ(matches(R"([\p{P}\p{S}]+)", "!\U0001fae8a"), (Strings{"!\U0001fae8"}));
  EXPECT_EQ(matches(R"(\p{L}+)", "a\U00016d43 "), (Strings{"a\U00016d43"}));
  EXPECT_EQ(matches(R"([^\p{L}]+)", "a\U00016d43 "), (Strings{" "}));
  EXPECT_EQ(matches(R"([\P{L}x]+)", "xa\U00016d43 "), (Strings{"x", " "}));
  EXPECT_EQ(matches(R"(\p{Cn}+)", "\U00016d43\u0378"), (Strings{"\u0378"}));
}

TEST(Regex, RubysWays) {
  EXPECT_EQ(matches(R"(^.|.$)", "ab\ncd"), (Strings{"a", "b", "c", "d"}));
  EXPECT_EQ(matches(R"((?m:a.))", "a\n"), (Strings{"a\n"}));
  EXPECT_EQ(matches(R"(a{2}+)", "aaaaa"), (Strings{"aaaa"}));       // repeats, is not possessive
  EXPECT_EQ(matches(R"(ba{2}?)", "baa b"), (Strings{"baa", "b"}));  // optional, is not lazy
  EXPECT_EQ(matches(R"(a{,2}b)", "aaab b"), (Strings{"aab", "b"}));
  EXPECT_EQ(matches(R"(x{a}|{})", "x{a}{}"), (Strings{"x{a}", "{}"}));
  EXPECT_EQ(matches(R"(a(?i)b|c)", "aB C aC"), (Strings{"aB", "aC"}));
  EXPECT_EQ(matches(R"([a-z&&[^aeiou]]+)", "abcde"), (Strings{"bcd"}));
  EXPECT_EQ(matches(R"([^a-z&&[a-c]]+)", "abz"), (Strings{"z"}));
  EXPECT_EQ(matches(R"([]a]+)", "a]b"), (Strings{"a]"}));
  EXPECT_EQ(matches(R"(\bab\b)", "ab ab_ \u0301ab ab"), (Strings{"ab", "ab"}));
}

TEST(Regex, EmptyMatches) {
  EXPECT_EQ(matches("x*", "axx\u00e9"), (Strings{"", "xx", ""}));
  EXPECT_EQ(matches("x*", ""), (Strings{""}));
}

TEST(Regex, Refused) {
  EXPECT_EQ(complaint("a)"), "regex \"a)\": unmatched ) at byte 1");
  EXPECT_EQ(complaint("[a"), R"(regex "[a": [ without ] at byte 2)");
  EXPECT_EQ(complaint("*a"), R"(regex "*a": a quantifier has nothing to repeat at byte 1)");
  EXPECT_EQ(complaint("\\"), R"(regex "\\": ends with a backslash at byte 1)");
  for (const char* pattern : {R"(\X)",          R"(\g<a>)",
                              R"(\k<a>)",       R"((?~a))",
                              R"((?(1)a))",     R"((?R))",
                              R"((?P<a>b))",    R"((*FAIL))",
                              R"(\xE4)",        R"((?x)a)",
                              R"(\Qa\E)",       R"((?i)[[:alpha:]])",
                              R"(\p{Emoji})",   R"([[:vowel:]])",
                              R"(\Ka)",         R"(\p{L1})",
                              R"((?i)miss)",    R"((?i:(?-i:s)st))",
                              "(?i)[\u00df]",   R"((?i)\p{Lu})",
                              R"((?i)[\p{M}])", R"((?i)[a[b]])",
                              R"((?i)[a&&b])",  R"((?i)[\p{Greek}])",
                              R"((?i)[\P{L}])"}) {
    EXPECT_NE(complaint(pattern).find("is not supported"), std::string::npos) << pattern;
  }
  for (const char* pattern :
       {R"(\p{Nonsense})", R"((?<=a*)b)", R"([b-a])", R"(\x{110000})", R"(\p{L)", R"((?<a)b)"}) {
    EXPECT_NE(complaint(pattern), "") << pattern;
  }
  EXPECT_EQ(complaint("a**{3}"), "");  // Ruby's: a quantifier repeats what was quantified
}

TEST(Regex, CaseFolding) {
  EXPECT_EQ(matches("(?i)k's", "K'S k'\u017f"), (Strings{"K'S", "k'\u017f"}));
  EXPECT_EQ(matches("(?i:s)s|s(?i)s|(?i)s+s?", "\u00dfsS"), (Strings{"sS"}));
  EXPECT_EQ(matches("(?i:a)ss", "Ass"), (Strings{"Ass"}));
  EXPECT_EQ(matches(R"((?i)[^\p{L}\s]+)", "a1\u0345!"), (Strings{"1", "!"}));
}

// Members of a class that overlap are no choice to come back to.
TEST(Regex, ClassesOfOverlappingMembersDoNotBacktrack) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "\u00e9";
  EXPECT_EQ(matches(R"([\p{L}[^\x00-\x7f]]+\d)", text), Strings());
  EXPECT_EQ(matches(R"([\p{L}[^\x00-\x7f]]+\d)", text + "7"), Strings{text + "7"});
}

TEST(Regex, GivesUpWithAnError) {
  RegexScratch scratch;
  RegexMatch match;
  EXPECT_THROW(Regex::compile("(a*)*(b|c)$").find(std::string(40, 'a'), 0, scratch, &match),
               base::Error);
}

}  // namespace
}  // namespace easel::text
