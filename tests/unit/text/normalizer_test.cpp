#include "text/normalizer.h"

#include <gtest/gtest.h>

#include <string>

#include "text/json_node.h"

namespace easel::text {
namespace {

std::string normalize(const std::string& json, std::string text) {
  const JsonDocument document(json, "normalizer");
  RegexScratch scratch;
  Normalizer::parse(document.root()).run(&text, scratch);
  return text;
}

TEST(Normalizer, Forms) {
  const std::string text = "e\u0301\ufb01\u00c5\uac01";
  EXPECT_EQ(normalize(R"({"type":"NFC"})", text), "\u00e9\ufb01\u00c5\uac01");
  EXPECT_EQ(normalize(R"({"type":"NFD"})", text), "e\u0301\ufb01A\u030a\u1100\u1161\u11a8");
  EXPECT_EQ(normalize(R"({"type":"NFKC"})", text), "\u00e9fi\u00c5\uac01");
  EXPECT_EQ(normalize(R"({"type":"NFKD"})", text), "e\u0301fiA\u030a\u1100\u1161\u11a8");
  const std::string nul("a\0\u00e9", 4);
  EXPECT_EQ(normalize(R"({"type":"NFC"})", nul), nul);
}

// The reference's tables are those of Unicode 9; U+32FF is younger, and so is the mark U+08CA.
TEST(Normalizer, YoungCodePointsStay) {
  EXPECT_EQ(normalize(R"({"type":"NFKC"})", "\u32ff\u32fe"), "\u32ff\u30f2");
  EXPECT_EQ(normalize(R"({"type":"NFC"})", "a\u0345\u08ca\u0334"), "a\u0345\u08ca\u0334");
}

TEST(Normalizer, Lowercase) {
  EXPECT_EQ(normalize(R"({"type":"Lowercase"})", "A\u00c9\u0130\u03a3\u1c89\U00010d50"),
            "a\u00e9i\u0307\u03c3\u1c8a\U00010d70");
}

TEST(Normalizer, TextEdits) {
  EXPECT_EQ(normalize(R"({"type":"Replace","pattern":{"String":"."},"content":"\\1"})", "a.b"),
            "a\\1b");
  EXPECT_EQ(normalize(R"({"type":"Replace","pattern":{"Regex":"\\s+"},"content":"_"})", " a  b"),
            "_a_b");
  EXPECT_EQ(normalize(R"({"type":"Prepend","prepend":"▁"})", "x"), "▁x");
  EXPECT_EQ(normalize(R"({"type":"Prepend","prepend":"▁"})", ""), "");
  EXPECT_EQ(
      normalize(R"({"type":"Strip","strip_left":true,"strip_right":true})", " \u3000a b\u2003\n"),
      "a b");
  EXPECT_EQ(normalize(R"({"type":"Strip","strip_left":true,"strip_right":false})", "  "), "");
  EXPECT_EQ(normalize(R"({"type":"Strip","strip_left":false,"strip_right":true})", " a "), " a");
  EXPECT_EQ(normalize(R"({"type":"Sequence","normalizers":[{"type":"Lowercase"},
                          {"type":"Replace","pattern":{"String":"a"},"content":"bb"}]})",
                      "Aa"),
            "bbbb");
  EXPECT_EQ(normalize(R"({"type":"ByteLevel"})", "a \u00e9"), "aĠÃ©");
}

}  // namespace
}  // namespace easel::text
