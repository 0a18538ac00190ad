#include "train/sft_sequences.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "train/new_policy.h"

namespace easel::train {
namespace {

class SftSequencesTest : public testing::Test {
 protected:
  SftSequencesTest() {
    adopt_tokenizer(config_, tokenizer_);
    example_ = {"scene", {{"a heart and a ring"}}, "a red heart at the top left. a blue ring at the top right.",
                std::vector<int32_t>(static_cast<size_t>(config_.image_tokens()), 3)};
    options_.prompt_template = "{}";
    options_.drop_prompt = 0;
    options_.begin_weight = 0.5;
  }
  SftVisit visit(int64_t number = 0) const {
    return SftSequences(config_, tokenizer_, options_).visit(example_, number);
  }
  std::vector<int32_t> ids(const std::string& text, bool special) const { return tokenizer_.encode(text, special); }
  // `head`, `tail` and <begin_of_image>.
  std::vector<int32_t> text(std::vector<int32_t> head, const std::vector<int32_t>& tail) const {
    head.insert(head.end(), tail.begin(), tail.end());
    head.push_back(static_cast<int32_t>(config_.ids.begin_of_image));
    return head;
  }

  const std::string folder_ = EASEL_SOURCE_DIR "/share/nano/base";
  model::JanusConfig config_ = model::JanusConfig::load(folder_);
  const text::Tokenizer tokenizer_ = text::Tokenizer::load(folder_);
  SftSequenceOptions options_;
  SftExample example_;
};

TEST_F(SftSequencesTest, ChainFollowsThePrompt) {
  const auto v = visit();
  const auto prompt = ids(text::wrap_chat(options_.chat, "a heart and a ring"), true);
  const auto chain = ids(" " + example_.chain, false);
  EXPECT_EQ(v.sequence.text, text(prompt, chain));
  EXPECT_EQ(v.sequence.first_target, static_cast<int64_t>(prompt.size()));
  std::vector<float> weights(chain.size(), 2);
  weights.push_back(0.5);
  weights.resize(weights.size() + v.sequence.tail.size(), 2);
  EXPECT_EQ(v.text_weights, weights);
}

TEST_F(SftSequencesTest, OfTwoPassesAVisitIsOneHalf) {
  options_.two_pass = true;
  options_.system = "See.";
  const auto first = ids(text::wrap_chat(options_.chat, "a heart and a ring", "See."), true);
  const auto second = ids(text::wrap_chat(options_.chat, "a heart and a ring. " + example_.chain), true);
  int chains = 0;
  for (int64_t i = 0; i < 200; ++i) {
    const auto v = visit(i);
    const auto& s = v.sequence;
    EXPECT_EQ(v.text_weights, std::vector<float>(static_cast<size_t>(s.text_targets()), 2));
    if (s.image.empty()) {
      ++chains;
      auto expected = first;
      const auto chain = ids(" " + example_.chain, false);
      expected.insert(expected.end(), chain.begin(), chain.end());
      expected.push_back(static_cast<int32_t>(config_.ids.eos));
      EXPECT_EQ(s.text, expected);
      EXPECT_EQ(s.first_target, static_cast<int64_t>(first.size()));
      EXPECT_TRUE(s.tail.empty());
    } else {
      EXPECT_EQ(s.text, text(second, {}));
      EXPECT_EQ(s.first_target, static_cast<int64_t>(s.text.size()));
      EXPECT_EQ(s.image, example_.image_tokens);
    }
  }
  EXPECT_NEAR(chains, 100, 30);
}

TEST_F(SftSequencesTest, DirectHasNoChain) {
  options_.direct = true;
  const auto v = visit();
  EXPECT_EQ(v.sequence.text, text(ids(text::wrap_chat(options_.chat, "a heart and a ring"), true), {}));
  // <begin_of_image> is given: only what follows the picture is looked at.
  EXPECT_EQ(v.sequence.first_target, static_cast<int64_t>(v.sequence.text.size()));
  EXPECT_EQ(v.text_weights.size(), v.sequence.tail.size());
}

TEST_F(SftSequencesTest, DocumentsAreTheDetailedCaptionAlone) {
  options_.direct = true;
  options_.documents = 1;
  const auto v = visit();
  const auto caption = ids(" " + example_.chain, false);
  EXPECT_EQ(v.sequence.text, text({static_cast<int32_t>(config_.ids.bos)}, caption));
  EXPECT_EQ(v.sequence.first_target, 1);
  ASSERT_EQ(v.text_weights.size(), caption.size() + 1 + v.sequence.tail.size());
  EXPECT_EQ(v.text_weights.front(), 2);
  EXPECT_EQ(v.text_weights[caption.size()], 0.5F);

  options_.drop_prompt = 1;
  const auto dropped = visit();
  EXPECT_EQ(dropped.sequence.text, text({static_cast<int32_t>(config_.ids.bos)}, {}));
  EXPECT_EQ(dropped.sequence.second_position, static_cast<int64_t>(caption.size()) + 1);
}

TEST_F(SftSequencesTest, DocumentsComeInTheirShareOfTheVisits) {
  options_.direct = true;
  options_.documents = 0.25;
  int documents = 0;
  for (int64_t i = 0; i < 1000; ++i) documents += visit(i).sequence.first_target == 1;
  EXPECT_NEAR(documents, 250, 50);  // 3.6 standard deviations
}

TEST_F(SftSequencesTest, EmptyDetailedCaptionIsRefusedWhereItWouldBeRead) {
  example_.chain.clear();
  const auto check = [&] { SftSequences(config_, tokenizer_, options_).require_usable(example_); };
  EXPECT_THROW(check(), base::Error);
  options_.direct = true;
  EXPECT_NO_THROW(check());
  options_.documents = 0.1;
  EXPECT_THROW(check(), base::Error);
}

}  // namespace
}  // namespace easel::train
