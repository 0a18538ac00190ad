// The GRPO loss, its gradients, advantages, entropy control and AdamW against plain dense PyTorch
// (dense_grpo.py).
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "numerics/reference.h"
#include "rl/advantage.h"
#include "rl/entropy_control.h"
#include "rl/policy_loss.h"
#include "train/parameter_set.h"

namespace easel::test {
namespace {

using torch::Tensor;

class DenseGrpo : public ::testing::Test {
 protected:
  tensor::Safetensors file_ = expected("grpo");
  nlohmann::json scalars_ = nlohmann::json::parse(base::read_file(data_folder("grpo") + "/expected.json"));
  Tensor value(const std::string& name) const { return file_.get(name).clone(); }
  double constant(const char* name) const { return scalars_["constants"][name]; }
};

TEST_F(DenseGrpo, LossAndGradientsInEveryAggregation) {
  const Tensor mask = torch::cat({value("input.mask_text"), value("input.mask_image")}, 1).to(torch::kBool);
  const int64_t rows = mask.size(0), text_length = value("input.mask_text").size(1);
  const int64_t image_length = mask.size(1) - text_length;
  for (const std::string mode : {"token", "sequence", "fixed"}) {
    Tensor logits[2] = {value("input.logits_text").requires_grad_(), value("input.logits_image").requires_grad_()};
    Tensor lp[2], entropy[2];
    for (int s = 0; s < 2; ++s) {
      const Tensor log_p = torch::log_softmax(logits[s], -1);
      const Tensor targets = value(s == 0 ? "input.targets_text" : "input.targets_image");
      lp[s] = log_p.gather(2, targets.unsqueeze(2)).squeeze(2);
      entropy[s] = -(log_p.exp() * log_p).sum(-1);
    }
    std::vector<int64_t> counts;
    for (int64_t r = 0; r < rows; ++r) counts.push_back(mask[r].sum().item<int64_t>());
    const auto weights = rl::aggregation_weights(rl::parse_aggregation(mode), counts,
                                                 static_cast<int64_t>(constant("fixed_length")));
    std::vector<float> w(weights.begin(), weights.end());
    rl::LossTokens t;
    t.policy_logprobs = torch::cat({lp[0], lp[1]}, 1).flatten();
    t.entropy = torch::cat({entropy[0], entropy[1]}, 1).flatten();
    t.sampling_logprobs = torch::cat({value("input.sampling_logprobs_text"), value("input.sampling_logprobs_image")}, 1).flatten();
    t.reference_logprobs = torch::cat({value("input.reference_logprobs_text"), value("input.reference_logprobs_image")}, 1).flatten();
    t.advantages = value("input.advantages").unsqueeze(1).expand({rows, text_length + image_length}).flatten();
    t.weights = (torch::tensor(w).unsqueeze(1) * mask.to(torch::kFloat32)).flatten();
    t.is_image = (torch::arange(text_length + image_length) >= text_length).unsqueeze(0).expand({rows, -1}).flatten();
    t.text_token_weight = 1 / value("input.mask_text").sum().item<double>();
    t.image_token_weight = 1 / value("input.mask_image").sum().item<double>();
    rl::LossOptions o{.clip_low = constant("clip_low"), .clip_high = constant("clip_high"),
                      .kl_weight = constant("kl_weight"), .text_coefficient = constant("alpha_text"),
                      .image_coefficient = constant("alpha_image")};
    const rl::LossParts parts = rl::policy_loss(t, o);
    parts.loss.backward();
    EXPECT_NEAR(parts.loss.item<double>(), scalars_[mode]["loss"].get<double>(), 1e-6) << mode;
    EXPECT_NEAR(parts.policy_loss, scalars_[mode]["pg"].get<double>(), 1e-6) << mode;
    EXPECT_NEAR(parts.kl, scalars_[mode]["kl"].get<double>(), 1e-6) << mode;
    EXPECT_NEAR(parts.text_entropy, scalars_["entropy_text"].get<double>(), 1e-5);
    EXPECT_NEAR(parts.image_entropy, scalars_["entropy_image"].get<double>(), 1e-5);
    EXPECT_NEAR(double(parts.clipped) / double(parts.tokens), scalars_["clip_fraction"].get<double>(), 1e-9);
    EXPECT_NEAR(parts.ratio_sum / double(parts.tokens), scalars_["ratio_mean"].get<double>(), 1e-5);
    EXPECT_LT(relative_difference(logits[0].grad(), value(mode + ".grad_text")), 1e-5) << mode;
    EXPECT_LT(relative_difference(logits[1].grad(), value(mode + ".grad_image")), 1e-5) << mode;
  }
}

TEST_F(DenseGrpo, Advantages) {
  const Tensor rewards = value("advantage.rewards").to(torch::kFloat64);
  const struct { const char* name; rl::AdvantageOptions options; } variants[] = {
      {"advantage.eps_1e-6", {rl::AdvantageNorm::kStd, 1e-6}},
      {"advantage.eps_1e-4", {rl::AdvantageNorm::kStd, 1e-4}},
      {"advantage.no_std", {rl::AdvantageNorm::kNone, 0}}};
  for (const auto& v : variants) {
    for (int64_t g = 0; g < rewards.size(0); ++g) {
      const Tensor row = rewards[g].contiguous();
      std::vector<double> r(row.data_ptr<double>(), row.data_ptr<double>() + row.numel());
      const auto got = rl::advantages(r, v.options);
      EXPECT_LT(relative_difference(torch::tensor(got, torch::kFloat64), value(v.name)[g]), 1e-6) << v.name << " group " << g;
      EXPECT_EQ(rl::zero_variance(r), value("advantage.zero_variance")[g].item<int64_t>() != 0);
    }
  }
}

TEST_F(DenseGrpo, AdaptiveEntropyOverFiftyUpdates) {
  for (const std::string segment : {"text", "image"}) {
    for (const auto& [name, rate] : {std::pair<std::string, double>{"lr_5e-5", 5e-5}, {"lr_5e-4", 5e-4}}) {
      rl::EntropyController c(constant(("controller_target_" + segment).c_str()), rate, constant("controller_limit"));
      const Tensor entropy = value("controller." + segment + ".entropy").to(torch::kFloat64);
      const std::string key = "controller." + segment + "." + name;
      for (int64_t i = 0; i < 50; ++i) {
        c.update(entropy[i].item<double>());
        EXPECT_NEAR(c.coefficient(), value(key + ".alpha")[i].item<double>(), 1e-9) << key << " " << i;
        EXPECT_NEAR(c.state().psi, value(key + ".psi")[i].item<double>(), 1e-9) << key << " " << i;
      }
    }
  }
}

TEST_F(DenseGrpo, AdamW) {
  Tensor a = value("adamw.initial.a").to(torch::kFloat32), b = value("adamw.initial.b").to(torch::kFloat32);
  train::ParameterSet set;
  set.add("a", a);
  set.add("b", b);
  set.build();
  const Tensor ga = value("adamw.grad.a"), gb = value("adamw.grad.b");
  for (int64_t i = 0; i < 20; ++i) {
    set.zero_gradients();
    a.mutable_grad().copy_(ga[i]);
    b.mutable_grad().copy_(gb[i]);
    const double norm = set.gradient_norm();
    EXPECT_NEAR(norm, value("adamw.norm")[i].item<double>(), 1e-5);
    set.adamw_step(constant("adamw_lr"), train::clip_scale(norm, constant("adamw_max_norm")),
                   {.beta1 = 0.9, .beta2 = 0.95, .eps = 1e-8, .weight_decay = 0.01, .decay_vectors = true});
    EXPECT_LT(relative_difference(a.detach(), value("adamw.param.a")[i]), 1e-6) << i;
    EXPECT_LT(relative_difference(b.detach(), value("adamw.param.b")[i]), 1e-6) << i;
  }
}

}  // namespace
}  // namespace easel::test
