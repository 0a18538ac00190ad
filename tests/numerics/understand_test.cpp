// Text from a picture against transformers' Janus: the greedy answer, whole batches of it, its log-probs.
#include <algorithm>
#include <map>

#include "base/error.h"
#include "model/sequence_pack.h"
#include "numerics/reference.h"
#include "sample/greedy_text.h"

namespace easel::test {
namespace {

using torch::Tensor;

class UnderstandReference : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    policy_ = model::load_policy(data_folder(GetParam()));
    values_ = std::make_unique<tensor::Safetensors>(expected(GetParam()));
    const Tensor ids = value("understand.input_ids");
    const Tensor seen = policy_.model.embed_pixels(value("understand.pixels"))[0];
    inputs_ = policy_.model.lm.embed(ids);
    inputs_.index_copy_(0, (ids == policy_.model.config.ids.image_placeholder).nonzero().squeeze(1), seen);
    answer_ = value("understand.output_ids");
  }
  Tensor value(const std::string& name) const { return values_->get(name).clone(); }
  std::vector<int32_t> answer() const {
    return {answer_.data_ptr<int64_t>(), answer_.data_ptr<int64_t>() + answer_.numel()};
  }
  torch::NoGradGuard no_grad_;
  model::Policy policy_;
  std::unique_ptr<tensor::Safetensors> values_;
  Tensor inputs_, answer_;
};

TEST_P(UnderstandReference, TheGreedyAnswer) {
  sample::GreedyText text(policy_.model, {policy_.model.config.ids.eos}, 3, answer_.numel());
  Tensor first;
  const auto one = text.draw(inputs_, {inputs_.size(0)}, &first);
  EXPECT_EQ(one[0].ids, answer());
  EXPECT_FALSE(one[0].ended);
  EXPECT_LT(relative_difference(torch::log_softmax(first[0], 0), value("understand.logprobs")[0]), 1e-5);
  // Beside a question about nothing, the same answer; and the decoder is used again.
  const auto two = text.draw(torch::cat({inputs_.slice(0, 0, 3), inputs_}), {3, inputs_.size(0)});
  EXPECT_EQ(two[1].ids, answer());
}

TEST_P(UnderstandReference, EosEndsIt) {
  // Told that its fourth token ends a text, it stops there.
  const auto ids = answer();
  const auto at = std::find(ids.begin(), ids.end(), ids[3]) - ids.begin();
  sample::GreedyText text(policy_.model, {policy_.model.config.ids.eos, ids[3]}, 1, answer_.numel());
  const auto drawn = text.draw(inputs_, {inputs_.size(0)});
  EXPECT_EQ(drawn[0].ids, std::vector<int32_t>(ids.begin(), ids.begin() + at));
  EXPECT_TRUE(drawn[0].ended);
}

TEST_P(UnderstandReference, PositionsEndIt) {
  policy_.model.config.text.max_position_embeddings = inputs_.size(0) + 3;
  sample::GreedyText text(policy_.model, {policy_.model.config.ids.eos}, 2, answer_.numel());
  const auto drawn = text.draw(torch::cat({inputs_, inputs_.slice(0, 0, 3)}), {inputs_.size(0), 3});
  const auto ids = answer();
  EXPECT_EQ(drawn[0].ids, std::vector<int32_t>(ids.begin(), ids.begin() + 3));
  EXPECT_FALSE(drawn[0].ended);
  EXPECT_EQ(drawn[1].ids.size(), ids.size());  // the shorter one goes on
  policy_.model.config.text.max_position_embeddings = inputs_.size(0);
  sample::GreedyText none(policy_.model, {policy_.model.config.ids.eos}, 1, 4);
  EXPECT_THROW(none.draw(inputs_, {inputs_.size(0)}), base::Error);
}

TEST_P(UnderstandReference, Logprobs) {
  const Tensor fed = torch::cat({inputs_, policy_.model.lm.embed(answer_.slice(0, 0, answer_.numel() - 1))});
  const Tensor hidden = policy_.model.lm.forward(fed, model::Packing::make({fed.size(0)}, torch::kCPU));
  const Tensor logits = torch::linear(hidden.slice(0, inputs_.size(0) - 1), policy_.model.text_head());
  EXPECT_LT(relative_difference(torch::log_softmax(logits, 1), value("understand.logprobs")), 1e-5);
}

// What answer-sft minimises, and its gradients down to the vision tower's first layer.
TEST_P(UnderstandReference, GradientsOfAnAnswer) {
  torch::AutoGradMode grad(true);
  const auto wanted = tensor::Safetensors::map(data_folder(GetParam()) + "/answer_gradients.safetensors");
  model::Janus& m = policy_.model;
  std::map<std::string, Tensor> parameters;
  m.visit([&](const std::string& name, Tensor& p) {
    p.requires_grad_(true);
    parameters[name] = p;
  });
  const Tensor ids = value("understand.input_ids");
  model::Sequence s;
  s.text = {ids.data_ptr<int64_t>(), ids.data_ptr<int64_t>() + ids.numel()};
  s.first_target = ids.numel();
  s.tail = answer();
  s.pixels = value("understand.pixels")[0];
  s.pixels_at = std::find(s.text.begin(), s.text.end(), m.config.ids.image_placeholder) - s.text.begin();
  // Beside another of other length: neither reads the other's picture.
  model::Sequence other = s;
  other.text.erase(other.text.begin() + 1);
  --other.first_target;
  --other.pixels_at;
  other.pixels = torch::zeros_like(s.pixels);
  const auto pack = model::SequencePack::make({other, s}, torch::kCPU, m.config.image_tokens());
  const Tensor loss = -model::pack_logprobs(m, pack).text.logprobs.slice(0, answer_.numel()).sum();
  EXPECT_LT(relative_difference(loss.unsqueeze(0), wanted.get("loss")), 1e-5);
  loss.backward();
  int compared = 0;
  for (const auto& name : wanted.names()) {
    if (name == "loss") continue;
    const Tensor expected = wanted.get(name).clone(), got = parameters.at(name).grad();
    EXPECT_LT((got - expected).abs().max().item<double>(), 1e-5 * std::max(1.0, expected.abs().max().item<double>())) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 8);
}

INSTANTIATE_TEST_SUITE_P(Cases, UnderstandReference, ::testing::Values("full", "grouped", "odd"));

}  // namespace
}  // namespace easel::test
