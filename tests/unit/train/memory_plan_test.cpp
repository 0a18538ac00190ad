#include "train/memory_plan.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "model/janus.h"

namespace easel::train {
namespace {

constexpr int64_t kGiB = int64_t{1} << 30;

// Janus-Pro-1B or 7B, all of the generator in float32.
MemoryQuestion question(const std::string& preset) {
  return {.config = model::preset(preset), .parts = {}, .device = torch::kCPU, .microbatch_tokens = 8192, .longest = 832,
          .reference = false};
}

int64_t generator_parameters(const model::JanusConfig& config) {
  int64_t count = 0;
  model::Janus(config).visit([&](const std::string& name, Tensor& p) {
    count += model::Janus::is_generator(name) ? p.numel() : 0;
  });
  return count;
}

TEST(MemoryPlanTest, EveryParameterIsCountedOnceByKind) {
  MemoryQuestion q = question("janus-pro-1b");
  const int64_t count = generator_parameters(q.config);
  MemoryPlan plan = plan_memory(q);
  EXPECT_EQ(plan.weights, 4 * count);
  EXPECT_EQ(plan.gradients, 4 * count);
  EXPECT_EQ(plan.optimizer, 8 * count);
  EXPECT_NE(plan.str().find(", cache 0 B = "), std::string::npos) << plan.str();
  q.parts.dtype = torch::kBFloat16;
  plan = plan_memory(q);
  EXPECT_EQ(plan.weights, 2 * count);
  EXPECT_EQ(plan.gradients, 4 * count);
  EXPECT_EQ(plan.optimizer, 12 * count);
  q.parts.state = {.stochastic_rounding = true, .eight_bit = true};
  plan = plan_memory(q);
  EXPECT_NEAR(static_cast<double>(plan.optimizer), 2.03 * static_cast<double>(count), 0.01 * static_cast<double>(count));
  q.reference = true;
  EXPECT_EQ(plan_memory(q).weights, 4 * count);
}

TEST(MemoryPlanTest, AnAdapterLeavesTheWeightsInTheirFile) {
  MemoryQuestion q = question("janus-pro-1b");
  q.parts.dtype = torch::kBFloat16;
  q.parts.adapter = {.rank = 32, .alpha = 32, .targets = model::all_projections()};
  model::Janus(q.config).visit([&](const std::string& name, Tensor&) { q.policy_in_place[name] = torch::kBFloat16; });
  const MemoryPlan plan = plan_memory(q);
  EXPECT_EQ(plan.mapped, 2 * generator_parameters(q.config));
  const auto& c = q.config.text;
  const int64_t sides = 4 * 2 * c.hidden_size + 3 * (c.hidden_size + c.intermediate_size);
  EXPECT_EQ(plan.weights, 4 * 32 * sides * c.num_hidden_layers);
  EXPECT_EQ(plan.gradients, plan.weights);
  EXPECT_EQ(plan.optimizer, 2 * plan.weights);
}

TEST(MemoryPlanTest, WhatIsStoredOtherwiseIsCopied) {
  MemoryQuestion q = question("janus-pro-1b");
  q.parts.adapter = {.rank = 32, .alpha = 32, .targets = model::all_projections()};
  model::Janus(q.config).visit([&](const std::string& name, Tensor&) { q.policy_in_place[name] = torch::kBFloat16; });
  EXPECT_EQ(plan_memory(q).mapped, 0);
  // --dtype bfloat16 would leave them in their file: that alone makes it fit.
  q.microbatch_tokens = q.longest;
  q.parts.recompute = true;
  const int64_t needed = plan_memory(q).total();
  EXPECT_EQ(options_that_fit(q, needed / 2), "--dtype bfloat16");
  q.parts.dtype = torch::kBFloat16;
  q.reference = true;
  const int64_t without = plan_memory(q).weights;
  q.reference_in_place = q.policy_in_place;
  EXPECT_EQ(plan_memory(q).weights, without - 2 * generator_parameters(q.config));
  EXPECT_EQ(plan_memory(q).mapped, 4 * generator_parameters(q.config));
}

TEST(MemoryPlanTest, NamesNoAdapterBesideWhatItExcludes) {
  MemoryQuestion q = question("janus-pro-1b");
  const int64_t limit = 9 * kGiB;
  ASSERT_NE(options_that_fit(q, limit).find("--lora-rank"), std::string::npos);
  q.parts.frozen = {"text_head"};
  EXPECT_EQ(options_that_fit(q, limit).find("--lora-rank"), std::string::npos);
}

TEST(MemoryPlanTest, FrozenPartsHaveNoGradients) {
  MemoryQuestion q = question("nano");
  q.parts.frozen = {"decoder", "embeddings"};
  const MemoryPlan plan = plan_memory(q);
  EXPECT_LT(plan.gradients, plan.weights / 2);
  EXPECT_GT(plan.gradients, 0);
}

TEST(MemoryPlanTest, NamesTheOptionsThatMakeItFit) {
  // 8,192 tokens: activations alone are most of it.
  const MemoryQuestion q = question("janus-pro-1b");
  EXPECT_EQ(options_that_fit(q, 36 * kGiB), "--recompute");
  EXPECT_EQ(options_that_fit(q, 9 * kGiB), "--recompute --microbatch-tokens 832 --lora-rank 32");
  EXPECT_EQ(options_that_fit(q, kGiB), "");
  EXPECT_THROW(PlannedMemory(q, kGiB), base::Error);
  try {
    PlannedMemory(q, 36 * kGiB);
    FAIL();
  } catch (const base::Error& e) {
    EXPECT_NE(e.hint().find("--recompute"), std::string::npos);
  }
  EXPECT_NE(PlannedMemory(q, 200 * kGiB).words().find("of 200.0 GiB allowed"), std::string::npos);
}

TEST(MemoryPlanTest, ASequenceLongerThanAMicrobatchIsAskedForAgain) {
  const MemoryQuestion q = question("janus-pro-1b");
  PlannedMemory planned(q, plan_memory(q).total());
  planned.make_room_for(q.microbatch_tokens);
  const std::string before = planned.words();
  planned.make_room_for(q.longest);
  EXPECT_EQ(planned.words(), before);
  EXPECT_THROW(planned.make_room_for(q.microbatch_tokens + 1), base::Error);
}

}  // namespace
}  // namespace easel::train
