#include "train/answer_sequences.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "image/image.h"
#include "train/new_policy.h"
#include "unit/temporary_folder.h"

namespace easel::train {
namespace {

class AnswerSequencesTest : public ::testing::Test {
 protected:
  AnswerSequencesTest() {
    adopt_tokenizer(config_, tokenizer_);
    image::write_png(scratch_.file("red.png"), image::Image(48, 24, {255, 0, 0}));
    example_ = {"q", scratch_.file("red.png"), "is it red?", "yes"};
    options_.system = "See.";
  }
  AnswerSequences sequences() const { return {config_, tokenizer_, options_}; }

  testing::TemporaryFolder scratch_;
  const std::string folder_ = EASEL_SOURCE_DIR "/share/nano/base";
  model::JanusConfig config_ = model::JanusConfig::load(folder_);
  const text::Tokenizer tokenizer_ = text::Tokenizer::load(folder_);
  AnswerSequenceOptions options_;
  AnswerExample example_;
};

TEST_F(AnswerSequencesTest, TheAnswerAloneIsLearnt) {
  const auto v = sequences().visit(example_);
  const auto& s = v.sequence;
  const auto& special = tokenizer_.special();
  auto expected = tokenizer_.encode("See.\n\n<|User|>: ");
  expected.push_back(special.begin_of_image);
  EXPECT_EQ(s.pixels_at, static_cast<int64_t>(expected.size()));
  expected.insert(expected.end(), static_cast<size_t>(config_.image_tokens()), special.image_placeholder);
  expected.push_back(special.end_of_image);
  const auto question = tokenizer_.encode("\nis it red?\n\n<|Assistant|>:", false);
  expected.insert(expected.end(), question.begin(), question.end());
  EXPECT_EQ(s.first_target, static_cast<int64_t>(expected.size()));
  const auto answer = tokenizer_.encode(" yes", false);
  expected.insert(expected.end(), answer.begin(), answer.end());
  EXPECT_EQ(s.text, expected);
  EXPECT_EQ(s.tail, std::vector<int32_t>{special.eos});
  EXPECT_TRUE(s.image.empty());
  EXPECT_EQ(v.text_weights, std::vector<float>(answer.size() + 1, 1.0F));
}

// Fitted into the tower's square, 127 around it.
TEST_F(AnswerSequencesTest, ThePictureIsTheTowersInput) {
  const auto pixels = sequences().visit(example_).sequence.pixels;
  ASSERT_EQ(pixels.sizes(), (std::vector<int64_t>{3, 48, 48}));
  EXPECT_FLOAT_EQ(pixels[0][24][24].item<float>(), 1);
  EXPECT_FLOAT_EQ(pixels[1][24][24].item<float>(), -1);
  EXPECT_NEAR(pixels[1][2][24].item<float>(), 127 / 127.5 - 1, 1e-6);
}

TEST_F(AnswerSequencesTest, WhatCannotBeUsedIsRefused) {
  EXPECT_NO_THROW(sequences().require_usable(example_));
  AnswerExample e = example_;
  e.answer = "";
  EXPECT_THROW(sequences().require_usable(e), base::Error);
  e = example_;
  e.image = scratch_.file("none.png");
  EXPECT_THROW(sequences().require_usable(e), base::Error);
  e = example_;
  e.question = "is it <image_placeholder>?";
  EXPECT_THROW(sequences().require_usable(e), base::Error);
  options_.max_length = 50;
  EXPECT_THROW(sequences().require_usable(example_), base::Error);
}

}  // namespace
}  // namespace easel::train
