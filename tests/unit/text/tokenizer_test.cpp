#include "text/tokenizer.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "base/strings.h"
#include "unit/temporary_folder.h"
#include "unit/text/small_tokenizer.h"

namespace easel::text {
namespace {

using testing::SmallTokenizer;
using Ids = std::vector<int32_t>;

TEST(Tokenizer, MergesLowestRankFirst) {
  const Tokenizer t = SmallTokenizer().load();
  EXPECT_EQ(t.encode("abc"), Ids{257});
  EXPECT_EQ(t.encode(" abc"), (Ids{' ', 257}));  // "ab c" ranks before "Ġ ab"
  EXPECT_EQ(t.encode(" abd"), (Ids{258, 'd'}));
  EXPECT_EQ(t.encode("aab"), (Ids{'a', 256}));
  EXPECT_EQ(t.encode(""), Ids{});
  EXPECT_EQ(t.vocab_size(), 259);
  EXPECT_EQ(t.id_of("Ġab"), 258);
  EXPECT_EQ(t.id_of("nothing"), std::nullopt);
  EXPECT_EQ(t.token(257), "abc");
  EXPECT_EQ(t.token(-1), "");
  EXPECT_EQ(t.token(100000), "");
}

// The heap for long pieces and the scan for short ones give the same.
TEST(Tokenizer, LongPieces) {
  const Tokenizer t = SmallTokenizer().load();
  for (const size_t n : {1u, 10u, 23u, 24u, 25u, 60u, 128u, 5000u}) {
    std::string text;
    Ids expected;
    for (size_t i = 0; i < n; ++i) {
      text += "abxc";
      expected.insert(expected.end(), {256, 'x', 'c'});
    }
    EXPECT_EQ(t.encode(text), expected) << n;
  }
  std::string run(100000, 'a');
  EXPECT_EQ(t.encode(run + "bc").size(), 100000u);
}

TEST(Tokenizer, LaterMergeOfTheSamePairReplacesTheEarlier) {
  const Tokenizer t = SmallTokenizer()
                          .add_to_vocabulary(R"("bc":259)")
                          .set_model("merges", R"(["a b","b c","a b"])")
                          .load();
  EXPECT_EQ(t.encode("abc"), (Ids{'a', 259}));
}

TEST(Tokenizer, EveryByteStringComesBackRepaired) {
  const Tokenizer t = SmallTokenizer().load();
  base::RandomStream random(1, "bytes");
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    const size_t size = random.below(40);
    for (size_t i = 0; i < size; ++i) {
      // Half of them from the bytes that make long characters.
      bytes +=
          static_cast<char>(random.chance(0.5) ? 0x80 + random.below(0x80) : random.below(0x100));
    }
    EXPECT_EQ(t.decode(t.encode(bytes)), base::repair_utf8(bytes));
  }
  for (char32_t c = 0; c < 256; ++c) {
    const std::string one(1, static_cast<char>(c));
    EXPECT_EQ(t.decode(t.encode(one)), base::repair_utf8(one));
  }
}

TEST(Tokenizer, DecodeMarksBrokenCharactersAndSkipsUnknownIds) {
  const Tokenizer t = SmallTokenizer().load();
  EXPECT_EQ(t.decode(Ids{'x', 0xE4, 0xBD, 0xA0, 'y'}), "x你y");
  EXPECT_EQ(t.decode(Ids{0xE4, 0xBD, 'y'}), "\uFFFDy");
  EXPECT_EQ(t.decode(Ids{0xFF, 0xC3}), "\uFFFD\uFFFD");
  EXPECT_EQ(t.decode(Ids{'a', 4000, -1, INT32_MAX, INT32_MIN, 'b'}), "ab");
}

TEST(AddedTokens, LongestOfTheLeftmost) {
  const Tokenizer t = SmallTokenizer()
                          .add_tokens(R"({"id":300,"content":"<x","normalized":false},
                         {"id":301,"content":"<xyz>","normalized":false,"special":true},
                         {"id":302,"content":"yz>w","normalized":false})")
                          .load();
  EXPECT_EQ(t.encode("a<xyz>w"), (Ids{'a', 301, 'w'}));
  EXPECT_EQ(t.encode("<xyz<x"), (Ids{300, 'y', 'z', 300}));
  EXPECT_EQ(t.encode("yz>w<"), (Ids{302, '<'}));
  EXPECT_EQ(t.vocab_size(), 303);
  EXPECT_EQ(t.token(301), "<xyz>");
  EXPECT_TRUE(t.is_special(301));
  EXPECT_FALSE(t.is_special(300));
  EXPECT_EQ(t.decode(Ids{'a', 301, 300}), "a<x");
  EXPECT_EQ(t.decode(Ids{'a', 301, 300}, false), "a<xyz><x");
}

TEST(AddedTokens, Flags) {
  const auto with = [](const std::string& flags) {
    return SmallTokenizer()
        .add_tokens(R"({"id":300,"content":"tok","normalized":false,)" + flags + "}")
        .load();
  };
  const Tokenizer left = with(R"("lstrip":true)");
  EXPECT_EQ(left.encode("a \t\u3000tok b"), (Ids{'a', 300, ' ', 'b'}));
  EXPECT_EQ(left.encode("tok tok"), (Ids{300, 300}));
  const Tokenizer right = with(R"("rstrip":true)");
  EXPECT_EQ(right.encode("a tok \n b"), (Ids{'a', ' ', 300, 'b'}));
  EXPECT_EQ(right.encode("tok "), Ids{300});
  const Tokenizer word = with(R"("single_word":true)");
  EXPECT_EQ(word.encode("tok,tok"), (Ids{300, ',', 300}));
  EXPECT_EQ(word.encode("toks"), (Ids{'t', 'o', 'k', 's'}));
  EXPECT_EQ(word.encode("_tok"), (Ids{'_', 't', 'o', 'k'}));
  EXPECT_EQ(word.encode("\u00e9tok").size(), 5u);
}

TEST(AddedTokens, NormalizedOnesAreFoundAfterTheNormalizer) {
  const Tokenizer t = SmallTokenizer()
                          .set("normalizer", R"({"type":"Lowercase"})")
                          .add_tokens(R"({"id":300,"content":"Yes","normalized":true},
                                         {"id":301,"content":"No","normalized":false})")
                          .load();
  EXPECT_EQ(t.encode("YES"), Ids{300});
  EXPECT_EQ(t.encode("NO"), (Ids{'n', 'o'}));
  EXPECT_EQ(t.encode("No"), Ids{301});
  EXPECT_EQ(t.decode(Ids{300, 301}), "yesNo");
  EXPECT_EQ(t.token(300), "Yes");
}

// As tokenizers 0.23 has it: what is shown decides whether a token is passed over as special.
TEST(AddedTokens, SpecialIsWhatIsShownAsSpecial) {
  const Tokenizer t = SmallTokenizer()
                          .set("normalizer", R"({"type":"Prepend","prepend":"_"})")
                          .add_tokens(R"({"id":259,"content":"<s>","normalized":true,"special":true},
                                         {"id":260,"content":"<t>","normalized":false,"special":true},
                                         {"id":261,"content":"s>","normalized":true},
                                         {"id":262,"content":"_s>","normalized":false,"special":true})")
                          .load();
  EXPECT_EQ(t.decode(Ids{259, 'x', 260}), "_<s>x");
  EXPECT_EQ(t.decode(Ids{259, 'x', 260}, false), "_<s>x<t>");
  EXPECT_EQ(t.decode(Ids{261, 'x'}), "x");
}

// As tokenizers 0.23 has it.
TEST(AddedTokens, OfTwoThatNormalizeAlikeTheFirst) {
  const Tokenizer t = SmallTokenizer()
                          .set("normalizer", R"({"type":"Lowercase"})")
                          .add_tokens(R"({"id":300,"content":"<IMG>","normalized":true},
                                         {"id":301,"content":"<img>","normalized":true})")
                          .load();
  EXPECT_EQ(t.encode("a<img>c<IMG>"), (Ids{'a', 300, 'c', 300}));
}

TEST(AddedTokens, WhiteSpaceGoesToOneToken) {
  const Tokenizer t = SmallTokenizer()
                          .add_tokens(R"({"id":300,"content":"\n\n","normalized":false,"lstrip":true,"rstrip":true})")
                          .load();
  EXPECT_EQ(t.encode("a\n\n\n\nc"), (Ids{'a', 300, 'c'}));
}

// Of a token that comes twice the later one says how it is matched.
TEST(AddedTokens, TwiceWithOneId) {
  const Tokenizer t = SmallTokenizer()
                          .add_tokens(R"({"id":300,"content":"tok","normalized":false},
                                         {"id":300,"content":"tok","normalized":false,"lstrip":true})")
                          .load();
  EXPECT_EQ(t.encode("a tok"), (Ids{'a', 300}));
  EXPECT_EQ(t.vocab_size(), 301);
}

// Tokens by Hugging Face tokenizers 0.23: which pieces stand for the first character of a text that a normalizer changed.
TEST(Tokenizer, MetaspaceFirstBehindANormalizer) {
  const std::vector<std::string> tokens = {"▁", "a", "b", "c", "d", "e", "f", "i", "y", "x", "\u00e9", "\u0301", "\u0307", "\ufb01"};
  std::string vocab = "{";
  for (size_t i = 0; i < tokens.size(); ++i) {
    vocab += (i > 0 ? "," : "") + jsonl::escape(tokens[i]) + ":" + std::to_string(i);
  }
  const auto pieces = [&](const std::string& normalizer, const std::string& cut, const std::string& text) {
    const Tokenizer t = SmallTokenizer()
                            .set_model("vocab", vocab + "}")
                            .set_model("merges", "[]")
                            .set("normalizer", normalizer)
                            .add_tokens(R"({"id":14,"content":"dd","normalized":true})")
                            .set("pre_tokenizer", R"({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"String":")" + cut +
                                                      R"("},"behavior":"Isolated"},{"type":"Metaspace","replacement":"▁",
                                                      "prepend_scheme":"first","split":true}]})")
                            .load();
    std::string joined;
    for (const int32_t id : t.encode(text)) joined += t.token(id) + " ";
    return joined;
  };
  EXPECT_EQ(pieces(R"({"type":"NFKC"})", "f", "\ufb01b a"), "▁ f ▁ i b ▁ a ");
  EXPECT_EQ(pieces(R"({"type":"NFKC"})", "f", "a \ufb01"), "▁ a ▁ f i ");
  EXPECT_EQ(pieces(R"({"type":"NFC"})", "f", "e\u0301 a"), "▁ \u00e9 ▁ a ");
  EXPECT_EQ(pieces(R"({"type":"Lowercase"})", "i", "\u0130A b"), "▁ i ▁ \u0307 a ▁ b ");
  EXPECT_EQ(pieces(R"({"type":"Prepend","prepend":"xy"})", "x", "ab c"), "▁ x ▁ y a b ▁ c ");
  EXPECT_EQ(pieces(R"({"type":"Prepend","prepend":"xy"})", "x", " a"), "▁ x ▁ y ▁ a ");
  EXPECT_EQ(pieces(R"({"type":"Replace","pattern":{"String":" "},"content":"▁"})", "f", " a"), "▁ a ");
  EXPECT_EQ(pieces(R"({"type":"Strip","strip_left":false,"strip_right":true})", "f", " ab  "), "▁ a b ");
  EXPECT_EQ(pieces(R"({"type":"Lowercase"})", "f", "DDa b"), "dd a ▁ b ");
  EXPECT_EQ(pieces("null", "f", "a dd b"), "▁ a ▁ dd ▁ b ");
}

TEST(PostProcessor, TemplateAddsIdsOnBothSides) {
  const Tokenizer t =
      SmallTokenizer()
          .add_tokens(R"({"id":300,"content":"<s>"},{"id":301,"content":"</s>"})")
          .set("post_processor", R"({"type":"Sequence","processors":[{"type":"ByteLevel"},
              {"type":"TemplateProcessing",
               "single":[{"SpecialToken":{"id":"S","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
                         {"SpecialToken":{"id":"E","type_id":0}}],
               "pair":[],
               "special_tokens":{"S":{"id":"S","ids":[300,300],"tokens":["<s>","<s>"]},
                                 "E":{"id":"E","ids":[301],"tokens":["</s>"]}}}]})")
          .load();
  EXPECT_EQ(t.encode("ab"), (Ids{300, 300, 256, 301}));
  EXPECT_EQ(t.encode("ab", false), Ids{256});
  EXPECT_EQ(t.encode(""), (Ids{300, 300, 301}));
}

TEST(ByteFallback, UnknownCharacters) {
  const auto with = [](const std::string& options) {
    SmallTokenizer small;
    small.set("pre_tokenizer", "null");
    small.set_model("vocab", R"({"<unk>":0,"a":1,"<0xC3>":2,"<0xA9>":3,"<0xE4>":4})");
    small.set_model("merges", "[]");
    jsonl::Object given = jsonl::Object::parse(options, {"options", 1});
    for (const std::string& key : given.keys()) {
      small.set_model(key, std::string(given.raw(key)));
    }
    small.set("decoder", R"({"type":"ByteFallback"})");
    return small.load();
  };
  EXPECT_EQ(with("{}").encode("a\u00e9a"), (Ids{1, 1}));
  EXPECT_EQ(with(R"({"unk_token":"<unk>"})").encode("xxa"), (Ids{0, 0, 1}));
  EXPECT_EQ(with(R"({"unk_token":"<unk>","fuse_unk":true})").encode("xxa"), (Ids{0, 1}));
  EXPECT_EQ(with(R"({"unk_token":"<none>"})").encode("aa"), (Ids{1, 1}));
  EXPECT_THROW(with(R"({"unk_token":"<none>"})").encode("xa"), base::Error);
  const Tokenizer t = with(R"({"unk_token":"<unk>","byte_fallback":true})");
  EXPECT_EQ(t.encode("a\u00e9\u4f60"), (Ids{1, 2, 3, 0}));
  EXPECT_EQ(t.decode(Ids{1, 2, 3, 2, 1, 4, 3}), "a\uFFFD\uFFFD\uFFFDa\uFFFD\uFFFD");
  EXPECT_EQ(t.decode(Ids{1, 2, 3, 1}), "a\u00e9a");
}

TEST(Decoder, PartsAndNone) {
  const auto decode = [](const std::string& decoder, const Ids& ids) {
    return SmallTokenizer()
        .add_to_vocabulary(R"("▁x":260,"▁▁":261)")
        .set("decoder", decoder)
        .load()
        .decode(ids);
  };
  EXPECT_EQ(decode("null", {256, 257}), "ab abc");
  EXPECT_EQ(decode(R"({"type":"Fuse"})", {256, 257}), "ababc");
  EXPECT_EQ(decode(R"({"type":"Metaspace","replacement":"▁"})", {260, 260, 261}), "x x  ");
  EXPECT_EQ(decode(R"({"type":"Metaspace","replacement":"▁","prepend_scheme":"never"})", {260}),
            " x");
  EXPECT_EQ(decode(R"({"type":"Strip","content":"a","start":2,"stop":0})", {'a', 256}), "b");
  EXPECT_EQ(decode(R"({"type":"Strip","content":"a","start":1,"stop":3})", {'a', 'a'}), "");
  EXPECT_EQ(decode(R"({"type":"Sequence","decoders":[
      {"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"Fuse"},
      {"type":"Strip","content":" ","start":1,"stop":0}]})",
                   {260, 260}),
            "x x");
}

TEST(Tokenizer, SpecialIds) {
  SmallTokenizer small;
  small.add_tokens(R"({"id":300,"content":"<｜begin▁of▁sentence｜>","special":true},
                      {"id":301,"content":"<｜end▁of▁sentence｜>","special":true},
                      {"id":302,"content":"<｜▁pad▁｜>","special":true},
                      {"id":303,"content":"<begin_of_image>","special":true},
                      {"id":304,"content":"<|User|>","special":true})");
  const Tokenizer alone = small.load();
  EXPECT_EQ(alone.special().bos, 300);
  EXPECT_EQ(alone.special().eos, 301);
  EXPECT_EQ(alone.special().pad, 302);
  EXPECT_EQ(alone.special().begin_of_image, 303);
  EXPECT_EQ(alone.special().end_of_image, -1);
  EXPECT_EQ(alone.special().user, 304);
  EXPECT_EQ(alone.special().assistant, -1);
  EXPECT_EQ(alone.encode("x"), Ids{'x'});

  const easel::testing::TemporaryFolder folder;
  base::write_file(folder.file("tokenizer.json"), small.json());
  base::write_file(folder.file("special_tokens_map.json"),
                   R"({"pad_token":{"content":"<|User|>","lstrip":false}})");
  base::write_file(folder.file("tokenizer_config.json"),
                   R"({"pad_token":"<begin_of_image>","eos_token":"<begin_of_image>",
                       "add_bos_token":true,"add_eos_token":true})");
  for (const std::string& path : {folder.path().string(), folder.file("tokenizer.json")}) {
    const Tokenizer t = Tokenizer::load(path);
    EXPECT_EQ(t.special().bos, 300);
    EXPECT_EQ(t.special().pad, 304);
    EXPECT_EQ(t.special().eos, 303);
    EXPECT_EQ(t.encode("x"), (Ids{300, 'x', 303}));
    EXPECT_EQ(t.encode("x", false), Ids{'x'});
  }
  // A key says something of its own side alone: the frame of tokenizer.json keeps the other.
  small.set("post_processor", R"({"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"b","type_id":0}},)"
                              R"({"Sequence":{"id":"A","type_id":0}}],"pair":[],)"
                              R"("special_tokens":{"b":{"id":"b","ids":[300],"tokens":["b"]}}})");
  base::write_file(folder.file("tokenizer.json"), small.json());
  base::write_file(folder.file("tokenizer_config.json"), R"({"add_eos_token":false})");
  EXPECT_EQ(Tokenizer::load(folder.path()).encode("x"), (Ids{300, 'x'}));
  base::write_file(folder.file("tokenizer_config.json"), R"({"add_eos_token":true})");
  EXPECT_EQ(Tokenizer::load(folder.path()).encode("x"), (Ids{300, 'x', 301}));
  // A length without limit, as transformers writes it, is more than 64 bits.
  base::write_file(folder.file("tokenizer_config.json"),
                   R"({"a\"12":[-1000000000000000000019884624838656,1],"model_max_length":1000000000000000019884624838656,"add_eos_token":false})");
  EXPECT_EQ(Tokenizer::load(folder.path()).encode("x"), (Ids{300, 'x'}));
  base::write_file(folder.file("special_tokens_map.json"), R"({"pad_token":"<pad>"})");
  try {
    Tokenizer::load(folder.path());
    FAIL() << "an unknown padding token was accepted";
  } catch (const base::Error& error) {
    EXPECT_EQ(std::string(error.what()), folder.file("special_tokens_map.json") +
                                             ": pad_token: \"<pad>\" is not in tokenizer.json");
  }
}

TEST(Tokenizer, ManyThreads) {
  const Tokenizer t = SmallTokenizer()
                          .set("pre_tokenizer", R"({"type":"ByteLevel","add_prefix_space":false})")
                          .load();
  std::vector<std::string> texts;
  base::RandomStream random(2, "texts");
  for (int i = 0; i < 200; ++i) {
    std::string text;
    for (int j = 0; j < 50; ++j) {
      text += std::string(1, static_cast<char>('a' + random.below(4)));
      if (random.chance(0.2)) text += " \u4f60";
    }
    texts.push_back(text);
  }
  std::vector<Ids> expected;
  for (const std::string& text : texts) expected.push_back(t.encode(text));
  std::vector<std::thread> threads;
  std::vector<int> wrong(8);
  for (size_t worker = 0; worker < wrong.size(); ++worker) {
    threads.emplace_back([&, worker] {
      for (int round = 0; round < 20; ++round) {
        for (size_t i = 0; i < texts.size(); ++i) {
          wrong[worker] += t.encode(texts[i]) != expected[i];
          wrong[worker] += t.decode(expected[i]) != texts[i];
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(8, 0));
}

// A group repeated over a long text needs more stack than the matcher starts with.
TEST(Tokenizer, DeepRegex) {
  const Tokenizer t = SmallTokenizer()
                          .set("pre_tokenizer", R"({"type":"Sequence","pretokenizers":[
              {"type":"Split","pattern":{"Regex":"(?:a|b|[c-f])+"},"behavior":"Isolated"},
              {"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]})")
                          .load();
  EXPECT_EQ(t.encode(std::string(300000, 'd') + "!").size(), 300001u);
}

}  // namespace
}  // namespace easel::text
