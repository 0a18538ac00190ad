// Files that are damaged, or that ask for what is not done here: one line that names the part.
#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "text/tokenizer.h"
#include "unit/temporary_folder.h"
#include "unit/text/small_tokenizer.h"

namespace easel::text {
namespace {

using testing::SmallTokenizer;

std::string complaint_of(const std::string& json) {
  try {
    Tokenizer::parse(json, "t.json");
    return "";
  } catch (const base::Error& error) {
    return error.what();
  }
}

TEST(Damage, NotATokenizer) {
  for (const char* json : {"", "{", "{\"model\":{}", "\xFF\xFE", "{\"a\":\"\xC3\"}", "nul"}) {
    EXPECT_TRUE(complaint_of(json).starts_with("t.json: not valid JSON")) << json;
  }
  EXPECT_EQ(complaint_of("[]"), "t.json: expected an object, got an array");
  EXPECT_EQ(complaint_of("{}"), "t.json: has no \"model\"");
  EXPECT_EQ(complaint_of(R"({"model":7})"), "t.json: model: expected an object, got 7");
  EXPECT_EQ(complaint_of(R"({"model":{"type":"BPE"}})"), "t.json: model: has no \"vocab\"");
  EXPECT_EQ(complaint_of(R"({"version":"2.0","model":{}})"),
            "t.json: version: expected \"1.0\", got \"2.0\"");
  EXPECT_EQ(complaint_of(R"({"truncation":{"max_length":5},"model":{}})"),
            "t.json: truncation: is not supported; expected null");
  EXPECT_EQ(complaint_of(R"({"padding":{"strategy":{"Fixed":9}},"model":{}})"),
            "t.json: padding.strategy: pads every text; expected \"BatchLongest\"");
  EXPECT_EQ(complaint_of(R"({"padding":{"strategy":"BatchLongest","pad_to_multiple_of":8},"model":{}})"),
            "t.json: padding.pad_to_multiple_of: is not supported; expected null");
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "[";
  EXPECT_TRUE(complaint_of(deep).starts_with("t.json: not valid JSON"));
  EXPECT_THROW(Tokenizer::load("/nonexistent/tokenizer.json"), base::Error);
}

TEST(Damage, Vocabulary) {
  const auto vocab = [](const std::string& json) {
    return SmallTokenizer().set_model("vocab", json).set_model("merges", "[]").complaint();
  };
  EXPECT_EQ(vocab("[]"), "small.json: model.vocab: expected an object, got an array");
  for (const char* id : {"-1", "1.5", "\"1\"", "null", "4194304", "99999999999"}) {
    const std::string message = vocab(std::string("{\"a\":") + id + "}");
    EXPECT_TRUE(
        message.starts_with("small.json: model.vocab: the id of \"a\": expected an integer "
                            "from 0 to 4194303, got "))
        << message;
  }
  EXPECT_EQ(vocab(R"({"a":1,"b":1})"),
            "small.json: model.vocab: the id 1 belongs to \"a\" and to \"b\"");
  EXPECT_EQ(vocab(R"({"a":1,"a":2})"), "small.json: model.vocab: the token \"a\" comes twice");
  EXPECT_EQ(vocab("{}"), "");
}

TEST(Damage, Merges) {
  const auto merges = [](const std::string& json) {
    return SmallTokenizer().set_model("merges", json).complaint();
  };
  EXPECT_EQ(merges("{}"), "small.json: model.merges: expected an array, got an object");
  EXPECT_EQ(merges(R"(["a b","a q"])"),
            "small.json: model.merges[1]: the merged token \"aq\" is not in vocab");
  EXPECT_EQ(merges(R"(["a ☃"])"), "small.json: model.merges[0]: the token \"☃\" is not in vocab");
  EXPECT_EQ(merges(R"(["ab"])"),
            "small.json: model.merges[0]: expected two tokens with a space between, got \"ab\"");
  EXPECT_EQ(merges(R"(["a b c"])"),
            "small.json: model.merges[0]: expected two tokens with a space between, got \"a b c\"");
  for (const char* entry : {"[[\"a\"]]", "[[\"a\",\"b\",\"c\"]]", "[7]", "[[1,2]]", "[null]"}) {
    EXPECT_EQ(merges(entry), "small.json: model.merges[0]: expected a pair of tokens") << entry;
  }
}

TEST(Damage, ModelOptions) {
  const auto option = [](const std::string& name, const std::string& json) {
    return SmallTokenizer().set_model(name, json).complaint();
  };
  EXPECT_EQ(option("type", "\"Unigram\""),
            "small.json: model.type: the model \"Unigram\" is not supported; expected \"BPE\"");
  EXPECT_EQ(option("continuing_subword_prefix", "\"##\""),
            "small.json: model.continuing_subword_prefix: is not supported; expected null");
  EXPECT_EQ(option("end_of_word_suffix", "\"</w>\""),
            "small.json: model.end_of_word_suffix: is not supported; expected null");
  EXPECT_EQ(option("end_of_word_suffix", "\"\""), "");
  EXPECT_EQ(option("dropout", "0.1"), "small.json: model.dropout: is not supported; expected null");
  EXPECT_EQ(option("dropout", "0.0"), "");
  EXPECT_EQ(option("unk_token", "\"<unk>\""), "");  // no harm until it is needed
  EXPECT_EQ(option("fuse_unk", "1"), "small.json: model.fuse_unk: expected true or false, got 1");
  EXPECT_EQ(option("new_thing", "true"),
            "small.json: model: option \"new_thing\" is not supported");
}

TEST(Damage, AddedTokens) {
  const auto tokens = [](const std::string& objects) {
    return SmallTokenizer().add_tokens(objects).complaint();
  };
  EXPECT_EQ(tokens("7"), "small.json: added_tokens[0]: expected an object, got 7");
  EXPECT_EQ(tokens(R"({"id":300})"), "small.json: added_tokens[0]: has no \"content\"");
  EXPECT_EQ(tokens(R"({"id":-1,"content":"x"})"),
            "small.json: added_tokens[0].id: expected an integer from 0 to 4194303, got -1");
  EXPECT_EQ(tokens(R"({"id":300,"content":""})"), "small.json: added_tokens[0]: content is empty");
  EXPECT_EQ(tokens(R"({"id":300,"content":"ab"})"),
            "small.json: added_tokens[0]: \"ab\" has id 300, but the vocabulary gives it 256");
  EXPECT_EQ(tokens(R"({"id":256,"content":"q!"})"),
            "small.json: added_tokens[0]: id 256 of \"q!\" belongs to \"ab\"");
  EXPECT_EQ(tokens(R"({"id":300,"content":"x1"},{"id":300,"content":"x2"})"),
            "small.json: added_tokens[1]: id 300 comes twice");
  EXPECT_EQ(tokens(R"({"id":300,"content":"x1"},{"id":301,"content":"x1"})"),
            "small.json: added_tokens[1]: \"x1\" comes twice");
  EXPECT_EQ(tokens(R"({"id":300,"content":"x1"},{"id":300,"content":"x1"})"), "");
}

TEST(Damage, UnsupportedPartsAreNamed) {
  const auto part = [](const std::string& name, const std::string& json) {
    return SmallTokenizer().set(name, json).complaint();
  };
  EXPECT_EQ(part("normalizer", R"({"type":"BertNormalizer"})"),
            "small.json: normalizer: the normalizer \"BertNormalizer\" is not supported");
  EXPECT_EQ(
      part("normalizer", R"({"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Nmt"}]})"),
      "small.json: normalizer.normalizers[1]: the normalizer \"Nmt\" is not supported");
  EXPECT_EQ(part("normalizer", "{}"), "small.json: normalizer: has no \"type\"");
  EXPECT_EQ(part("normalizer", R"({"type":"Replace","pattern":{},"content":""})"),
            "small.json: normalizer.pattern: expected {\"String\": ...} or {\"Regex\": ...}");
  EXPECT_EQ(part("pre_tokenizer", R"({"type":"UnicodeScripts"})"),
            "small.json: pre_tokenizer: the pre-tokenizer \"UnicodeScripts\" is not supported");
  EXPECT_EQ(part("pre_tokenizer", R"({"type":"ByteLevel","odd":1})"),
            "small.json: pre_tokenizer: option \"odd\" is not supported");
  EXPECT_EQ(
      part("pre_tokenizer", R"({"type":"Split","pattern":{"Regex":"a(b"},"behavior":"Isolated"})"),
      "small.json: pre_tokenizer.pattern: regex \"a(b\": missing ) at byte 3");
  EXPECT_EQ(
      part("pre_tokenizer", R"({"type":"Split","pattern":{"String":"a"},"behavior":"Sideways"})"),
      "small.json: pre_tokenizer.behavior: the behavior \"Sideways\" is not supported");
  EXPECT_EQ(part("pre_tokenizer", R"({"type":"Metaspace","replacement":"▁","prepend_scheme":"x"})"),
            "small.json: pre_tokenizer.prepend_scheme: expected \"first\", \"never\" or "
            "\"always\", got \"x\"");
  EXPECT_TRUE(SmallTokenizer()
                  .set("normalizer", R"({"type":"Strip","strip_left":true,"strip_right":false})")
                  .set("pre_tokenizer", R"({"type":"Metaspace","replacement":"▁","prepend_scheme":"first"})")
                  .complaint()
                  .starts_with("small.json: pre_tokenizer: prepend_scheme \"first\" with a normalizer that may take"));
  EXPECT_EQ(part("padding", R"({"strategy":"BatchLongest","direction":"Right","pad_to_multiple_of":null,"pad_id":0,
                                "pad_type_id":0,"pad_token":"a"})"),
            "");
  EXPECT_EQ(part("decoder", R"({"type":"WordPiece"})"),
            "small.json: decoder: the decoder \"WordPiece\" is not supported");
  EXPECT_EQ(part("post_processor", R"({"type":"BertProcessing"})"),
            "small.json: post_processor: the post-processor \"BertProcessing\" is not supported");
  EXPECT_EQ(part("post_processor",
                 R"({"type":"TemplateProcessing","pair":[],"special_tokens":
                     {"S":{"ids":[9999]}},"single":[{"SpecialToken":{"id":"S"}},
                     {"Sequence":{"id":"A"}}]})"),
            "small.json: post_processor: adds id 9999, which no token has");
  EXPECT_EQ(part("post_processor",
                 R"({"type":"TemplateProcessing","pair":[],"special_tokens":{},"single":[]})"),
            "small.json: post_processor: the template for one text leaves the text out");
}

// What a file says goes into a message quoted, so the message stays one line.
TEST(Damage, MessagesAreOneLine) {
  for (const char* pattern : {R"((?\n))", R"([[:\n:]])", R"(\\p{\n})", R"(\\p{^\n)"}) {
    const std::string message =
        SmallTokenizer()
            .set("pre_tokenizer", std::string(R"({"type":"Split","behavior":"Isolated",)") +
                                      R"("pattern":{"Regex":")" + pattern + R"("}})")
            .complaint();
    EXPECT_TRUE(message.starts_with("small.json: pre_tokenizer.pattern: regex ")) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

// No byte changed anywhere in a file does worse than fail with one line.
TEST(Damage, FlippedAndCutOff) {
  const std::string good =
      SmallTokenizer()
          .set("normalizer", R"({"type":"Sequence","normalizers":[{"type":"NFC"},
              {"type":"Replace","pattern":{"Regex":" +"},"content":" "}]})")
          .set("pre_tokenizer", R"({"type":"Sequence","pretokenizers":[
              {"type":"Split","pattern":{"Regex":"(?i:'s)|[^\\s\\p{L}]+|\\s+(?!\\S)|a{1,3}"},
               "behavior":"MergedWithNext","invert":true},
              {"type":"ByteLevel","add_prefix_space":true,"use_regex":true}]})")
          .add_tokens(R"({"id":300,"content":"<x>","lstrip":true,"single_word":true})")
          .json();
  base::RandomStream random(3, "damage");
  int accepted = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bad = good;
    if (round % 4 == 0) {
      bad.resize(random.below(bad.size()));
    } else {
      // The parts before the vocabulary are the ones with structure.
      const size_t at = random.below(round % 2 ? 900 : bad.size());
      bad[at] = static_cast<char>(random.below(256));
    }
    try {
      const Tokenizer t = Tokenizer::parse(bad, "t.json");
      EXPECT_NO_THROW(t.decode(t.encode("a <x> 's  \u00e9ab c")));
      ++accepted;
    } catch (const base::Error& error) {
      const std::string message = error.what();
      EXPECT_TRUE(message.starts_with("t.json: ")) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    }
  }
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace easel::text
