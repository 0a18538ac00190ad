#include "text/bpe_trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/strings.h"
#include "text/tokenizer.h"
#include "unit/temporary_folder.h"

namespace easel::text {
namespace {

using Ids = std::vector<int32_t>;

const std::vector<std::string> kCorpus = {
    "a photo of two red circles, and a blue star left of a green square. Output a richly detailed "
    "prompt: the image shows a small yellow triangle at the top right; ababab banana bandana",
    "<|obj_start|>red circle<|obj_end|> <|box_start|>(12,345),(678,901)<|box_end|>\n",
    "caf\u00e9 na\u00efve \u4f60\u597d 3 4 don't re-do it!!! \"quoted\" (text)",
};

BpeTrainerOptions with_rows(int64_t vocab_size) {
  BpeTrainerOptions options;
  options.vocab_size = vocab_size;
  return options;
}

Tokenizer trained(const std::vector<std::string>& corpus, int64_t vocab_size = 100000) {
  return Tokenizer::parse(train_bpe(corpus, with_rows(vocab_size)).tokenizer_json, "trained");
}

TEST(BpeTrainer, EveryWordIsOneTokenWithAndWithoutASpace) {
  const Tokenizer t = trained(kCorpus);
  for (const std::string& text : kCorpus) {
    std::string words = text;
    for (const char* mark : {"<|obj_start|>", "<|obj_end|>", "<|box_start|>", "<|box_end|>", ",",
                             ".", ";", ":", "(", ")", "!", "\"", "'", "-"}) {
      words = base::replace_all(words, mark, " ");
    }
    for (const std::string& word : base::split_words(words)) {
      if (word.find_first_of("0123456789") != std::string::npos) continue;
      EXPECT_EQ(t.encode(word, false).size(), 1u) << word;
      // Runs of CJK characters are cut off the space before them.
      const bool cjk = word.starts_with("\u4f60");
      EXPECT_EQ(t.encode(" " + word, false).size(), cjk ? 2u : 1u) << word;
    }
  }
  EXPECT_EQ(t.encode("345", false), (Ids{'3', '4', '5'}));
  EXPECT_EQ(t.encode("!!!", false).size(), 1u);
}

TEST(BpeTrainer, IdsAndSpecialTokens) {
  const Tokenizer t = trained(kCorpus);
  for (int b = 0; b < 0x80; ++b) {
    EXPECT_EQ(t.encode(std::string(1, static_cast<char>(b)), false), Ids{b});
  }
  std::vector<std::string> named = janus_special_tokens();
  named.insert(named.end(), got_tokens().begin(), got_tokens().end());
  ASSERT_EQ(named.size(), 12u);
  for (size_t i = 0; i < named.size(); ++i) {
    const auto id = static_cast<int32_t>(256 + i);
    EXPECT_EQ(t.id_of(named[i]), id);
    EXPECT_EQ(t.encode(named[i], false), Ids{id});
    EXPECT_EQ(t.is_special(id), i < 8);
    EXPECT_EQ(t.decode(Ids{id}), i < 8 ? "" : named[i]);
  }
  EXPECT_EQ(t.special().bos, 256);
  EXPECT_EQ(t.special().eos, 257);
  EXPECT_EQ(t.special().pad, 258);
  EXPECT_EQ(t.special().begin_of_image, 259);
  EXPECT_EQ(t.special().end_of_image, 260);
  EXPECT_EQ(t.special().image_placeholder, 261);
  EXPECT_EQ(t.special().user, 262);
  EXPECT_EQ(t.special().assistant, 263);
  EXPECT_EQ(t.encode("").front(), 256);
  EXPECT_EQ(t.encode("<|User|>: red\n\n<|Assistant|>:<begin_of_image>"),
            (Ids{256, 262, ':', *t.id_of("Ġred"), '\n', '\n', 263, ':', 259}));
}

TEST(BpeTrainer, AnyTextComesBack) {
  const Tokenizer t = trained(kCorpus, 400);
  EXPECT_EQ(t.vocab_size(), 400);
  for (const std::string& text : kCorpus) {
    EXPECT_EQ(t.decode(t.encode(text), false), std::string("<｜begin▁of▁sentence｜>") + text);
  }
  base::RandomStream random(5, "bytes");
  for (int round = 0; round < 500; ++round) {
    std::string bytes;
    for (size_t i = random.below(60); i > 0; --i) bytes += static_cast<char>(random.below(256));
    EXPECT_EQ(t.decode(t.encode(bytes)), base::repair_utf8(bytes));
  }
}

TEST(BpeTrainer, DependsOnTheTextsAndNotOnTheirOrder) {
  const std::string first = train_bpe(kCorpus).tokenizer_json;
  EXPECT_EQ(train_bpe(kCorpus).tokenizer_json, first);
  std::vector<std::string> reversed = kCorpus;
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_EQ(train_bpe(reversed).tokenizer_json, first);
}

TEST(BpeTrainer, MostFrequentFirstThenInByteOrder) {
  // Pairs: "xy" three times and " x" (in the form with a space) once; "ab" and "cd" twice each.
  const Tokenizer t = trained({"xy\nxy\nxy\nab\nab\ncd\ncd"}, 256 + 12 + 3);
  EXPECT_EQ(t.token(268), "xy");
  EXPECT_EQ(t.token(269), "ab");
  EXPECT_EQ(t.token(270), "cd");
}

// Words that share pieces in many ways: what is learnt for one must not undo another.
TEST(BpeTrainer, TangledWords) {
  base::RandomStream random(6, "words");
  std::vector<std::string> words;
  std::set<std::string> seen;
  std::string text;
  for (int i = 0; i < 3000; ++i) {
    std::string word;
    for (size_t n = 1 + random.below(12); n > 0; --n) {
      word += static_cast<char>('a' + random.below(3));
    }
    text += " " + word;
    if (seen.insert(word).second) words.push_back(word);
  }
  const Tokenizer t = trained({text});
  for (const std::string& word : words) {
    EXPECT_EQ(t.encode(word, false).size(), 1u) << word;
    EXPECT_EQ(t.encode(" " + word, false).size(), 1u) << word;
  }
}

TEST(BpeTrainer, Options) {
  EXPECT_THROW(train_bpe({}, with_rows(267)), base::Error);
  const auto with = [](std::vector<std::string> special, std::vector<std::string> text) {
    BpeTrainerOptions options;
    options.vocab_size = 300;
    options.special_tokens = std::move(special);
    options.text_tokens = std::move(text);
    return options;
  };
  EXPECT_THROW(train_bpe({}, with({"<a>"}, {"<a>"})), base::Error);
  EXPECT_THROW(train_bpe({}, with({""}, {})), base::Error);
  EXPECT_THROW(train_bpe({}, with({}, {"\xFF"})), base::Error);
  const TokenizerFiles bare = train_bpe({}, with({}, {}));
  const Tokenizer t = Tokenizer::parse(bare.tokenizer_json, "bare");
  EXPECT_EQ(t.encode("a"), Ids{'a'});
  EXPECT_EQ(t.vocab_size(), 256);
}

TEST(BpeTrainer, Folder) {
  const easel::testing::TemporaryFolder folder;
  train_bpe(kCorpus).write(folder.path());
  const Tokenizer t = Tokenizer::load(folder.path());
  EXPECT_EQ(t.encode("red"), (Ids{256, *t.id_of("red")}));
  EXPECT_EQ(t.special().pad, 258);
}

}  // namespace
}  // namespace easel::text
