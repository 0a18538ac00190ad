#include "text/pre_tokenizer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "text/json_node.h"
#include "text/utf8.h"

namespace easel::text {
namespace {

using Strings = std::vector<std::string>;

Strings cut(const std::string& json, const std::string& text, bool first = true) {
  const JsonDocument document(json, "pre-tokenizer");
  const PreTokenizer pre_tokenizer = PreTokenizer::parse(document.root());
  RegexScratch scratch;
  Pieces pieces;
  pre_tokenizer.run(text, first ? utf8_length(static_cast<unsigned char>(text[0])) : 0, &pieces, scratch);
  Strings out;
  for (const Piece& piece : pieces.list) {
    out.emplace_back(pieces.text.substr(piece.begin, piece.end - piece.begin));
  }
  return out;
}

std::string split(const std::string& behavior, bool invert = false) {
  return R"({"type":"Split","pattern":{"Regex":"-"},"behavior":")" + behavior + R"(","invert":)" +
         (invert ? "true}" : "false}");
}

TEST(Split, Behaviors) {
  const std::string text = "-the-final--countdown-";
  EXPECT_EQ(cut(split("Removed"), text), (Strings{"the", "final", "countdown"}));
  EXPECT_EQ(cut(split("Isolated"), text),
            (Strings{"-", "the", "-", "final", "-", "-", "countdown", "-"}));
  EXPECT_EQ(cut(split("MergedWithPrevious"), text),
            (Strings{"-", "the-", "final-", "-", "countdown-"}));
  EXPECT_EQ(cut(split("MergedWithNext"), text),
            (Strings{"-the", "-final", "-", "-countdown", "-"}));
  EXPECT_EQ(cut(split("Contiguous"), text),
            (Strings{"-", "the", "-", "final", "--", "countdown", "-"}));
}

TEST(Split, Inverted) {
  const std::string text = "a-b--c";
  EXPECT_EQ(cut(split("Removed", true), text), (Strings{"-", "-", "-"}));
  EXPECT_EQ(cut(split("Isolated", true), text), (Strings{"a", "-", "b", "-", "-", "c"}));
  EXPECT_EQ(cut(split("MergedWithPrevious", true), text), (Strings{"a", "-b", "-", "-c"}));
  EXPECT_EQ(cut(split("MergedWithNext", true), text), (Strings{"a-", "b-", "-", "c"}));
  EXPECT_EQ(cut(split("Contiguous", true), text), (Strings{"a", "-", "b", "--", "c"}));
}

TEST(Split, TextIsNoPattern) {
  const std::string json =
      R"({"type":"Split","pattern":{"String":"a.b"},"behavior":"Isolated","invert":false})";
  EXPECT_EQ(cut(json, "axb a.b"), (Strings{"axb ", "a.b"}));
}

// A piece is matched by itself: what stands before or behind it in the text does not show.
TEST(Split, LooksNoFurtherThanItsPiece) {
  const std::string json = R"({"type":"Sequence","pretokenizers":[
      {"type":"Split","pattern":{"String":"x"},"behavior":"Isolated"},
      {"type":"Split","pattern":{"Regex":"(?<!x)a|\\s+(?!\\S)|^b"},"behavior":"Isolated"}]})";
  EXPECT_EQ(cut(json, "xay  x"), (Strings{"x", "a", "y", "  ", "x"}));
  EXPECT_EQ(cut(json, "cb xbc"), (Strings{"cb", " ", "x", "b", "c"}));
}

TEST(Digits, SingleAndTogether) {
  EXPECT_EQ(cut(R"({"type":"Digits","individual_digits":true})", "a12\u0663\u00bd b"),
            (Strings{"a", "1", "2", "\u0663", "\u00bd", " b"}));
  EXPECT_EQ(cut(R"({"type":"Digits","individual_digits":false})", "a12b3"),
            (Strings{"a", "12", "b", "3"}));
}

TEST(ByteLevel, PrefixSpaceAndPattern) {
  EXPECT_EQ(cut(R"({"type":"ByteLevel","add_prefix_space":true,"use_regex":true})",
                "Hi there's 42  \u00e9!\n"),
            (Strings{" Hi", " there", "'s", " 42", " ", " \u00e9", "!", "\n"}));
  EXPECT_EQ(cut(R"({"type":"ByteLevel","add_prefix_space":false,"use_regex":false})", "a b"),
            (Strings{"a b"}));
  EXPECT_EQ(cut(R"({"type":"ByteLevel","add_prefix_space":true,"use_regex":false})", " a"),
            (Strings{" a"}));
}

TEST(ByteLevel, InTheMiddleOfASequenceLaterStagesSeeTheAlphabet) {
  EXPECT_EQ(cut(R"({"type":"Sequence","pretokenizers":[
                {"type":"ByteLevel","add_prefix_space":false,"use_regex":false},
                {"type":"Split","pattern":{"String":"Ġ"},"behavior":"MergedWithNext"}]})",
                "a b \u00e9"),
            (Strings{"a", "Ġb", "ĠÃ©"}));
}

TEST(Metaspace, Schemes) {
  const auto with = [](const std::string& scheme, bool cut_words) {
    return R"({"type":"Metaspace","replacement":"▁","prepend_scheme":")" + scheme +
           R"(","split":)" + (cut_words ? "true}" : "false}");
  };
  EXPECT_EQ(cut(with("always", true), "a  b"), (Strings{"▁a", "▁", "▁b"}));
  EXPECT_EQ(cut(with("always", true), " a"), (Strings{"▁a"}));
  EXPECT_EQ(cut(with("never", true), "a b"), (Strings{"a", "▁b"}));
  EXPECT_EQ(cut(with("never", false), "a b"), (Strings{"a▁b"}));
  EXPECT_EQ(cut(with("first", true), "a b"), (Strings{"▁a", "▁b"}));
  EXPECT_EQ(cut(with("first", true), "a b", false), (Strings{"a", "▁b"}));
  EXPECT_EQ(cut(R"({"type":"Metaspace","replacement":"_","add_prefix_space":false,
                    "prepend_scheme":"never"})",
                "a b"),
            (Strings{"a", "_b"}));
  EXPECT_THROW(cut(R"({"type":"Metaspace","replacement":"_","add_prefix_space":false,
                       "prepend_scheme":"always"})",
                   "a"),
               base::Error);
}

// Pieces by Hugging Face tokenizers 0.23: what is put before the first character stands for it too.
TEST(Metaspace, FirstBehindStagesThatInsert) {
  const auto behind = [](const std::string& stages) {
    return R"({"type":"Sequence","pretokenizers":[)" + stages +
           R"(,{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}]})";
  };
  const auto bytes = [](const std::string& prefix) {
    return R"({"type":"ByteLevel","add_prefix_space":)" + prefix + R"(,"use_regex":false})";
  };
  const auto at = [](const std::string& text) {
    return R"(,{"type":"Split","pattern":{"String":")" + text + R"("},"behavior":"Isolated","invert":false})";
  };
  const std::string always = R"({"type":"Metaspace","replacement":"_","prepend_scheme":"always","split":false})";
  EXPECT_EQ(cut(behind(bytes("true")), "ab c"), (Strings{"▁ĠabĠc"}));
  EXPECT_EQ(cut(behind(bytes("true") + at("Ġ")), "abc d"), (Strings{"▁Ġ", "▁abc", "Ġ", "d"}));
  EXPECT_EQ(cut(behind(bytes("true") + at("a")), "abc d"), (Strings{"▁Ġ", "▁a", "bcĠd"}));
  EXPECT_EQ(cut(behind(bytes("false") + at("Ã")), "éa é"), (Strings{"▁Ã", "▁©aĠ", "Ã", "©"}));
  EXPECT_EQ(cut(behind(always + at("_")), "ab c"), (Strings{"▁_", "▁ab", "_", "c"}));
  EXPECT_EQ(cut(behind(always + at("a")), "ab c"), (Strings{"▁_", "▁a", "b_c"}));
  EXPECT_EQ(cut(behind(bytes("true") + at("a")), "abc d", false), (Strings{"Ġ", "a", "bcĠd"}));
  EXPECT_EQ(cut(behind(R"({"type":"WhitespaceSplit"})"), " ab c"), (Strings{"ab", "c"}));
}

// Pieces by Hugging Face tokenizers 0.23, whose tables of punctuation here are older than its regex engine's.
TEST(Punctuation, Behaviors) {
  const auto with = [](const std::string& behavior) { return R"({"type":"Punctuation","behavior":")" + behavior + "\"}"; };
  const std::string text = "a,,b.!c \u00abd\u00bb$";
  EXPECT_EQ(cut(with("Removed"), text), (Strings{"a", "b", "c ", "d"}));
  EXPECT_EQ(cut(with("Isolated"), text),
            (Strings{"a", ",", ",", "b", ".", "!", "c ", "\u00ab", "d", "\u00bb", "$"}));
  EXPECT_EQ(cut(with("MergedWithPrevious"), text), (Strings{"a,", ",", "b.", "!", "c \u00ab", "d\u00bb", "$"}));
  EXPECT_EQ(cut(with("MergedWithNext"), text), (Strings{"a", ",", ",b", ".", "!c ", "\u00abd", "\u00bb", "$"}));
  EXPECT_EQ(cut(with("Contiguous"), text), (Strings{"a", ",,", "b", ".!", "c ", "\u00ab", "d", "\u00bb$"}));
  EXPECT_EQ(cut(R"({"type":"Punctuation"})", "a\u2e43b\u166dc"), (Strings{"a\u2e43b", "\u166d", "c"}));
  EXPECT_EQ(cut(R"({"type":"BertPreTokenizer"})", "Hey, you!! a$b  c\u3000d\u00ab\u2028e"),
            (Strings{"Hey", ",", "you", "!", "!", "a", "$", "b", "c", "d", "\u00ab", "e"}));
  EXPECT_EQ(cut(R"({"type":"FixedLength","length":3})", "ab\u00e9d\ne\u4f60f"), (Strings{"ab\u00e9", "d\ne", "\u4f60f"}));
}

TEST(Whitespace, WordsAndSpaces) {
  EXPECT_EQ(cut(R"({"type":"Whitespace"})", "Hey_you\u200d!! 3\u3000\u00e9\u0301?"),
            (Strings{"Hey_you\u200d", "!!", "3", "\u00e9\u0301", "?"}));
  EXPECT_EQ(cut(R"({"type":"WhitespaceSplit"})", " a,b\u2003c\n"), (Strings{"a,b", "c"}));
  EXPECT_EQ(cut(R"({"type":"CharDelimiterSplit","delimiter":"."})", "a..b.c"),
            (Strings{"a", "b", "c"}));
}

TEST(PreTokenizer, NothingForNothing) {
  EXPECT_EQ(cut(R"({"type":"ByteLevel","add_prefix_space":true})", ""), Strings{});
  EXPECT_EQ(cut(split("Isolated"), ""), Strings{});
}

}  // namespace
}  // namespace easel::text
