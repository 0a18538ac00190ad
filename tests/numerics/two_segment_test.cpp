// grpo-step's whole step on rollouts of two passes against dense PyTorch (dense_two_segment.py): loss, gradients, and the
// entropy coefficients over several steps, in both ways of updating them.
#include <nlohmann/json.hpp>

#include <map>

#include "base/error.h"
#include "base/file.h"
#include "numerics/reference.h"
#include "train/grpo_trainer.h"

namespace easel::test {
namespace {

using torch::Tensor;

class TwoSegmentRollouts : public ::testing::Test {
 protected:
  TwoSegmentRollouts() {
    // The reference differs from the policy: otherwise KL and its gradient would be nothing.
    reference_.model.lm.norm.mul_(1.1);
    const Tensor rewards = values_.get("rewards").clone();
    int64_t next = 0;
    for (int64_t g = 0; g < rewards.size(0); ++g) {
      train::RolloutGroup group{.id = base::cat("g", g), .rollouts = {}};
      for (int64_t r = 0; r < rewards.size(1); ++r, ++next) group.rollouts.push_back(rollout(next, rewards[g][r].item<double>()));
      groups_.push_back(std::move(group));
    }
    groups_.back().rollouts.back().record.finish = "length";  // its closing token was not drawn
  }
  train::ScoredRollout rollout(int64_t row, double reward) const {
    const auto ids = [&](const char* name) {
      const Tensor t = values_.get(base::cat("row.", row, ".", name)).clone();
      return std::vector<int32_t>(t.data_ptr<int64_t>(), t.data_ptr<int64_t>() + t.numel());
    };
    const auto logprobs = [&](const char* name) {
      const Tensor t = values_.get(base::cat("row.", row, ".", name)).clone();
      return std::vector<float>(t.data_ptr<float>(), t.data_ptr<float>() + t.numel());
    };
    train::ScoredRollout out;
    out.record.finish = "stop";
    out.record.reward = reward;
    out.tokens = {ids("prompt_ids"), ids("cot_ids"), ids("image_prompt_ids"), ids("image_tokens"), logprobs("cot_logprobs"),
                  logprobs("image_logprobs")};
    return out;
  }
  double constant(const char* name) const { return constants_[name]; }

  torch::AutoGradMode grad_{true};
  model::Policy policy_ = model::load_policy(data_folder("full"));
  model::Policy reference_ = model::load_policy(data_folder("full"));
  tensor::Safetensors values_ = tensor::Safetensors::map(data_folder("full") + "/two_segment.safetensors");
  nlohmann::json constants_ = nlohmann::json::parse(base::read_file(data_folder("full") + "/two_segment.json"));
  std::vector<train::RolloutGroup> groups_;
};

class TwoSegments : public TwoSegmentRollouts, public ::testing::WithParamInterface<const char*> {
 protected:
  double traced(const std::string& name, int64_t step) const {
    return values_.get(base::cat(GetParam(), ".", name)).clone()[step].item<double>();
  }
};

TEST_P(TwoSegments, StepsAsDensePyTorch) {
  const bool compat = std::string(GetParam()) == "compat";
  train::GrpoOptions o;
  o.advantage.eps = constant("advantage_eps");
  o.clip_low = o.clip_high = constant("clip");
  o.kl_weight = constant("kl_weight");
  o.entropy = {.kind = rl::EntropyOptions::Kind::kAdaptive, .text_target = constant("text_target"),
               .image_target = constant("image_target"), .learning_rate = constant("rate"), .limit = constant("limit"),
               .every_microbatch = compat};
  o.learning_rate = constant("learning_rate");
  o.max_logprob_difference = 0;
  // A microbatch for each rollout, in the order of the reference; by default the split changes nothing.
  o.microbatch_tokens = compat ? 1 : 70;
  train::GrpoTrainer trainer(policy_.model, &reference_.model, o);
  std::map<std::string, Tensor> parameters;
  policy_.model.visit([&](const std::string& name, Tensor& p) { parameters[name] = p; });
  for (int64_t step = 0; step < static_cast<int64_t>(constant("steps")); ++step) {
    const auto metrics = trainer.step(groups_, 0);
    ASSERT_EQ(metrics.size(), 1U);
    // Later steps start from weights that float32 rounded.
    const double bound = step == 0 ? 1e-5 : 1e-3;
    EXPECT_NEAR(*metrics[0].loss, traced("loss", step), bound) << step;
    EXPECT_NEAR(*metrics[0].text_entropy, traced("text_entropy", step), bound) << step;
    EXPECT_NEAR(*metrics[0].image_entropy, traced("image_entropy", step), bound) << step;
    EXPECT_NEAR(*metrics[0].text_entropy_coefficient, traced("text_alpha", step), 2e-5) << step;
    EXPECT_NEAR(*metrics[0].image_entropy_coefficient, traced("image_alpha", step), 2e-5) << step;
    if (step > 0 || compat) continue;
    int compared = 0;
    for (const auto& name : values_.names()) {
      if (!name.starts_with("grad.")) continue;
      EXPECT_LT((parameters.at(name.substr(5)).grad() - values_.get(name).clone()).abs().max().item<double>(), 1e-5) << name;
      ++compared;
    }
    EXPECT_EQ(compared, 6);
  }
  EXPECT_LT(relative_difference(policy_.model.lm.norm, values_.get(base::cat(GetParam(), ".norm.weight")).clone()), 1e-4);
}

// Of a clamped policy the recorded log-probs are not: the ratio is to its own, and 1 before the first update.
TEST_F(TwoSegmentRollouts, AClampComparesWithItself) {
  const auto first_step = [&](double clamp, double bound) {
    auto policy = model::load_policy(data_folder("full"));
    train::GrpoOptions o;
    o.logit_clamp = clamp;
    o.max_logprob_difference = bound;
    return train::GrpoTrainer(policy.model, nullptr, o).step(groups_, 0)[0];
  };
  EXPECT_GT(std::abs(*first_step(0, 0).ratio_mean - 1), 1e-3);
  EXPECT_FALSE(first_step(0, 0).clamp_fraction);
  const auto clamped = first_step(0.5, 0);
  EXPECT_NEAR(*clamped.ratio_mean, 1, 1e-6);
  // A clamp that no logit reaches moves nothing.
  EXPECT_GT(*clamped.clamp_fraction, 0.1);
  EXPECT_EQ(*first_step(1e4, 0).clamp_fraction, 0);
  // These rollouts' recorded log-probs are off by noise: that is still seen.
  EXPECT_GT(*clamped.logprob_difference_max, 0.1);
  EXPECT_NEAR(*clamped.logprob_difference_max, *first_step(0, 0).logprob_difference_max, 1e-4);
  EXPECT_THROW(first_step(0.5, 1e-3), base::Error);
}

INSTANTIATE_TEST_SUITE_P(Modes, TwoSegments, ::testing::Values("default", "compat"));

}  // namespace
}  // namespace easel::test
