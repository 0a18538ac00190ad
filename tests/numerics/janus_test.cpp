// The network against transformers' Janus, three random configurations (make_reference.py).
#include "numerics/reference.h"
#include "model/token_logprobs.h"

namespace easel::test {
namespace {

using model::Packing;
using torch::Tensor;

class JanusReference : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    torch::manual_seed(0);
    policy_ = model::load_policy(data_folder(GetParam()));
    values_ = std::make_unique<tensor::Safetensors>(expected(GetParam()));
  }
  Tensor value(const std::string& name) const { return values_->get(name).clone(); }
  torch::NoGradGuard no_grad_;
  model::Policy policy_;
  std::unique_ptr<tensor::Safetensors> values_;
};

constexpr double kTolerance = 1e-5;

TEST_P(JanusReference, TextLogprobsOfPackedSequences) {
  model::Janus& m = policy_.model;
  // Both sequences in one pack, so that packing is checked too.
  const Tensor a = value("text.0.ids"), b = value("text.1.ids");
  const auto packing = Packing::make({a.size(0), b.size(0)}, torch::kCPU);
  const Tensor hidden = m.lm.forward(m.lm.embed(torch::cat({a, b})), packing);
  const Tensor logprobs = torch::log_softmax(torch::linear(hidden, m.text_head()), -1);
  EXPECT_LT(relative_difference(logprobs.slice(0, 0, a.size(0)), value("text.0.logprobs")), kTolerance);
  EXPECT_LT(relative_difference(logprobs.slice(0, a.size(0)), value("text.1.logprobs")), kTolerance);
  // The chunked head on the same positions, a chunk size that does not divide them.
  const auto chunked = model::token_logprobs(hidden, m.text_head(), {}, torch::cat({a, b}), 1, 0, 7);
  const Tensor entropy = torch::cat({value("text.0.entropy"), value("text.1.entropy")});
  EXPECT_LT(relative_difference(chunked.entropy, entropy), kTolerance);
  const Tensor picked = logprobs.gather(1, torch::cat({a, b}).unsqueeze(1)).squeeze(1);
  EXPECT_LT(relative_difference(chunked.logprobs, picked), kTolerance);
}

TEST_P(JanusReference, ImageLogprobs) {
  model::Janus& m = policy_.model;
  for (const std::string i : {"image.0.", "image.1."}) {
    const Tensor prompt = value(i + "prompt"), tokens = value(i + "tokens");
    const int64_t n = tokens.size(0), p = prompt.size(0);
    const Tensor inputs = torch::cat({m.lm.embed(prompt), m.embed_image(tokens.slice(0, 0, n - 1))});
    const Tensor hidden = m.lm.forward(inputs, Packing::make({p + n - 1}, torch::kCPU));
    const Tensor logits = m.image_head(m.image_features(hidden.slice(0, p - 1)));
    EXPECT_LT(relative_difference(torch::log_softmax(logits, -1), value(i + "logprobs")), kTolerance);
    const auto chunked = model::token_logprobs(m.image_features(hidden.slice(0, p - 1)),
                                               m.image_head.weight, m.image_head.bias, tokens, 1, 0, 5);
    EXPECT_LT(relative_difference(chunked.entropy, value(i + "entropy")), kTolerance);
  }
}

TEST_P(JanusReference, ImageTokenizer) {
  model::Vq& vq = policy_.model.vq;
  EXPECT_LT(relative_difference(vq.encode_latents(value("vq.encode.pixels")), value("vq.encode.latents")), 3e-5);
  EXPECT_TRUE(vq.encode(value("vq.encode.pixels")).equal(value("vq.encode.indices")));
  const Tensor pixels = vq.decode(value("vq.decode.indices"));
  EXPECT_LT((pixels - value("vq.decode.pixels")).abs().max().item<double>() * 127.5, 1.0 / 255);
}

TEST_P(JanusReference, VisionFeatures) {
  model::Janus& m = policy_.model;
  EXPECT_LT(relative_difference(m.vision.forward(value("vision.pixels")), value("vision.hidden")), 3e-5);
  EXPECT_LT(relative_difference(m.embed_pixels(value("vision.pixels")), value("vision.features")), 3e-5);
}

INSTANTIATE_TEST_SUITE_P(Cases, JanusReference, ::testing::Values("full", "grouped", "odd"));

}  // namespace
}  // namespace easel::test
