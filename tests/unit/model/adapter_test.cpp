// Adapters and recomputed layers: the same numbers as the plain model, and files that say what is wrong.
#include "model/adapter.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "model/policy.h"
#include "tensor/safetensors.h"
#include "unit/temporary_folder.h"

namespace easel::model {
namespace {

using torch::Tensor;

const std::string kFolder = EASEL_SOURCE_DIR "/tests/numerics/data/odd";

class AdapterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    policy_ = load_policy(kFolder);
    ids_ = torch::tensor({1, 7, 30, 9, 101, 45, 60, 3}, torch::kInt64);
  }
  Tensor logits(Janus& m) const {
    const Tensor hidden = m.lm.forward(m.lm.embed(ids_), Packing::make({5, 3}, torch::kCPU));
    return torch::mm(hidden, m.text_head().t());
  }
  // Pairs that do something: B is no longer zero.
  void disturb(Janus& m) {
    torch::NoGradGuard no_grad;
    torch::manual_seed(4);
    m.lm.visit_projections([](const std::string&, Projection& p) {
      if (p.adapted()) p.b.copy_(torch::randn_like(p.b) * 0.2);
    });
  }
  // The policy's new adapter, on disk in scratch_ too.
  LoraConfig write_disturbed() {
    const LoraConfig config{.rank = 3, .alpha = 6, .targets = {"q_proj", "down_proj"}};
    add_adapter(policy_.model, config, 1);
    disturb(policy_.model);
    write_adapter(policy_.model, config, scratch_.path());
    return config;
  }
  std::string error_of(const std::string& folder) {
    Policy fresh = load_policy(kFolder);
    try {
      load_adapter(fresh.model, folder);
    } catch (const base::Error& e) {
      return e.what();
    }
    return "";
  }
  Policy policy_;
  Tensor ids_;
  easel::testing::TemporaryFolder scratch_;
};

TEST_F(AdapterTest, OneOfSomeLayersIsWrittenAsThat) {
  add_adapter(policy_.model, {.rank = 3, .alpha = 6, .targets = {"q_proj"}}, 1);
  policy_.model.lm.layers[1].q.a = policy_.model.lm.layers[1].q.b = Tensor();
  disturb(policy_.model);
  write_adapter(policy_.model, {.rank = 3, .alpha = 6, .targets = {"q_proj"}}, scratch_.path());
  Policy again = load_policy(kFolder);
  const LoraConfig config = load_adapter(again.model, scratch_.path());
  EXPECT_EQ(config.targets, std::vector<std::string>{"q_proj"});
  EXPECT_FALSE(again.model.lm.layers[1].q.adapted());
  torch::NoGradGuard no_grad;
  EXPECT_TRUE(torch::equal(logits(again.model), logits(policy_.model)));
}

TEST_F(AdapterTest, ANewOneChangesNothing) {
  torch::NoGradGuard no_grad;
  const Tensor before = logits(policy_.model);
  add_adapter(policy_.model, {.rank = 4, .alpha = 8, .targets = all_projections()}, 1);
  EXPECT_TRUE(policy_.model.lm.adapted());
  EXPECT_TRUE(torch::equal(logits(policy_.model), before));
}

TEST_F(AdapterTest, MergedItComputesTheSame) {
  torch::NoGradGuard no_grad;
  add_adapter(policy_.model, {.rank = 4, .alpha = 8, .targets = all_projections()}, 1);
  disturb(policy_.model);
  const Tensor with = logits(policy_.model);
  merge_adapter(policy_.model);
  EXPECT_FALSE(policy_.model.lm.adapted());
  EXPECT_LT((logits(policy_.model) - with).abs().max().item<double>(), 2e-5);
  Policy plain = load_policy(kFolder);
  EXPECT_GT((logits(plain.model) - with).abs().max().item<double>(), 1e-2);
}

TEST_F(AdapterTest, WithoutItTheModelIsItsBaseAndSharesItsWeights) {
  torch::NoGradGuard no_grad;
  const Tensor plain = logits(policy_.model);
  add_adapter(policy_.model, {.rank = 4, .alpha = 8, .targets = all_projections()}, 1);
  disturb(policy_.model);
  Janus base = without_adapter(policy_.model);
  EXPECT_TRUE(torch::equal(logits(base), plain));
  EXPECT_TRUE(policy_.model.lm.adapted());
  EXPECT_EQ(base.lm.layers[0].q.weight.data_ptr(), policy_.model.lm.layers[0].q.weight.data_ptr());
}

TEST_F(AdapterTest, ComesBackFromDisk) {
  torch::NoGradGuard no_grad;
  const LoraConfig config = write_disturbed();
  Policy again = load_policy(kFolder);
  const LoraConfig read = load_adapter(again.model, scratch_.path());
  EXPECT_EQ(read.rank, 3);
  EXPECT_EQ(read.alpha, 6);
  EXPECT_EQ(read.targets, config.targets);
  EXPECT_TRUE(torch::equal(logits(again.model), logits(policy_.model)));
}

// PEFT names modules as the model does that it was given.
TEST_F(AdapterTest, NamesOfOtherModelsAndWaysToTarget) {
  torch::NoGradGuard no_grad;
  const LoraConfig config = write_disturbed();
  const auto pairs = scratch_.path() / "adapter_model.safetensors";
  const auto file = tensor::Safetensors::map(pairs);
  tensor::NamedTensors written;
  for (const auto& name : file.names()) written.emplace_back(name, file.get(name).clone());
  const std::string ours = "base_model.model.model.language_model.";
  for (const std::string theirs : {"base_model.model.language_model.model.", "base_model.model.model.", "base_model.model."}) {
    tensor::NamedTensors renamed;
    for (const auto& [name, tensor] : written) renamed.emplace_back(theirs + name.substr(ours.size()), tensor);
    tensor::write_safetensors(pairs, renamed, {});
    for (const std::string targets : {R"(["down_proj", "self_attn.q_proj"])", R"(".*layers\\.\\d+\\.(self_attn\\.q|mlp\\.down)_proj")", "null"}) {
      base::write_file(scratch_.path() / "adapter_config.json",
                       R"({"peft_type": "LORA", "r": 3, "lora_alpha": 6, "target_modules": )" + targets + "}");
      Policy again = load_policy(kFolder);
      EXPECT_EQ(load_adapter(again.model, scratch_.path()).targets, config.targets) << theirs << targets;
      EXPECT_TRUE(torch::equal(logits(again.model), logits(policy_.model))) << theirs << targets;
    }
  }
}

TEST_F(AdapterTest, GradientsAreThoseOfTheProduct) {
  add_adapter(policy_.model, {.rank = 2, .alpha = 3, .targets = {"v_proj"}}, 1);
  disturb(policy_.model);
  Projection& p = policy_.model.lm.layers[1].v;
  // By hand: the merged weight is a leaf, and the chain rule takes its gradient to A and B.
  Policy plain = load_policy(kFolder);
  Projection& w = plain.model.lm.layers[1].v;
  {
    torch::NoGradGuard no_grad;
    for (size_t l = 0; l < plain.model.lm.layers.size(); ++l) {
      plain.model.lm.layers[l].v.weight = policy_.model.lm.layers[l].v.merged();
    }
  }
  w.weight.requires_grad_(true);
  p.a.requires_grad_(true);
  p.b.requires_grad_(true);
  const Tensor direction = torch::randn({8, policy_.model.config.text.vocab_size});
  (logits(policy_.model) * direction).sum().backward();
  (logits(plain.model) * direction).sum().backward();
  torch::NoGradGuard no_grad;
  const Tensor g = w.weight.grad();
  EXPECT_LT((p.a.grad() - p.scale * torch::mm(p.b.t(), g)).abs().max().item<double>(), 1e-3 * p.a.grad().abs().max().item<double>());
  EXPECT_LT((p.b.grad() - p.scale * torch::mm(g, p.a.t())).abs().max().item<double>(), 1e-3 * p.b.grad().abs().max().item<double>());
  EXPECT_FALSE(policy_.model.lm.layers[1].v.weight.grad().defined());
}

TEST_F(AdapterTest, RecomputedLayersHaveTheSameGradients) {
  const auto gradients = [&](bool recompute, bool adapter) {
    Policy policy = load_policy(kFolder);
    policy.model.lm.recompute_layers = recompute;
    std::vector<Tensor*> leaves;
    if (adapter) {
      add_adapter(policy.model, {.rank = 2, .alpha = 4, .targets = all_projections()}, 1);
      disturb(policy.model);
      policy.model.lm.visit_projections([&](const std::string&, Projection& p) {
        leaves.push_back(&p.a);
        leaves.push_back(&p.b);
      });
    } else {
      policy.model.lm.visit([&](const std::string&, Tensor& p) { leaves.push_back(&p); });
    }
    for (Tensor* leaf : leaves) leaf->requires_grad_(true);
    torch::manual_seed(7);
    const Tensor direction = torch::randn({8, policy.model.config.text.vocab_size});
    (logits(policy.model) * direction).sum().backward();
    std::vector<Tensor> out;
    for (Tensor* leaf : leaves) out.push_back(leaf->grad());
    return out;
  };
  for (const bool adapter : {false, true}) {
    const auto plain = gradients(false, adapter), again = gradients(true, adapter);
    ASSERT_EQ(plain.size(), again.size());
    for (size_t i = 0; i < plain.size(); ++i) EXPECT_TRUE(torch::equal(plain[i], again[i])) << adapter << " " << i;
  }
}

TEST_F(AdapterTest, DamageIsNamed) {
  const LoraConfig config{.rank = 3, .alpha = 6, .targets = {"q_proj"}};
  add_adapter(policy_.model, config, 1);
  write_adapter(policy_.model, config, scratch_.path());
  ASSERT_EQ(error_of(scratch_.path()), "");
  const auto file = tensor::Safetensors::map(scratch_.path() / "adapter_model.safetensors");
  const auto rewrite = [&](const std::function<void(tensor::NamedTensors&)>& edit) {
    tensor::NamedTensors all;
    for (const auto& name : file.names()) all.emplace_back(name, file.get(name).clone());
    edit(all);
    tensor::write_safetensors(scratch_.path() / "adapter_model.safetensors", all, {});
    return error_of(scratch_.path());
  };
  EXPECT_NE(rewrite([](auto& all) { all.pop_back(); }).find("weights are missing: base_model.model.model.language_model.layers.2.self_attn.q_proj.lora_B.weight"), std::string::npos);
  EXPECT_NE(rewrite([](auto& all) { all.resize(2); }).find("weights are missing: base_model.model.model.language_model.layers.1.self_attn.q_proj.lora_A.weight, "), std::string::npos);
  EXPECT_NE(rewrite([](auto& all) { all[0].second = torch::zeros({2, 2}); }).find("expected floating point of shape"), std::string::npos);
  EXPECT_NE(rewrite([](auto& all) { all.emplace_back("base_model.model.other.lora_A.weight", torch::zeros({3, 3})); }).find("for no targeted projection of the decoder: base_model.model.other.lora_A.weight"), std::string::npos);
  EXPECT_NE(rewrite([](auto& all) { all.clear(); }).find("no adapter"), std::string::npos);
  rewrite([](auto&) {});
  for (const auto& [text, part] : {std::pair("[]", "JSON object"), std::pair(R"({"peft_type": "IA3"})", "peft_type"),
                                   std::pair(R"({"peft_type": "LORA", "r": 0})", "\"r\""),
                                   std::pair(R"({"peft_type": "LORA", "r": 3, "lora_alpha": 6, "use_rslora": true})", "use_rslora"),
                                   std::pair(R"({"peft_type": "LORA", "r": 3, "lora_alpha": 6, "target_modules": "q_(proj"})", "target_modules"),
                                   std::pair(R"({"peft_type": "LORA", "r": 3, "lora_alpha": 6, "target_modules": 7})", "expected a list of names"),
                                   std::pair(R"({"peft_type": "LORA", "r": 3, "lora_alpha": 6, "target_modules": ["v_proj"]})",
                                             "layers.0.self_attn.v_proj.lora_A.weight")}) {
    base::write_file(scratch_.path() / "adapter_config.json", text);
    EXPECT_NE(error_of(scratch_.path()).find(part), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace easel::model
