// Sampling against transformers' generate, and against the trainer's own log-probs.
#include <map>

#include "numerics/reference.h"
#include "model/sequence_pack.h"
#include "sample/group_sampler.h"

namespace easel::test {
namespace {

using torch::Tensor;

std::vector<int32_t> to_ids(const Tensor& t) {
  const Tensor x = t.to(torch::kInt32).contiguous();
  return {x.data_ptr<int32_t>(), x.data_ptr<int32_t>() + x.numel()};
}

class SamplerReference : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    policy_ = model::load_policy(data_folder(GetParam()));
    values_ = std::make_unique<tensor::Safetensors>(expected(GetParam()));
  }
  std::vector<int32_t> ids(const std::string& name) const { return to_ids(values_->get(name)); }

  // Rollouts by id.
  std::map<std::string, sample::SampledRollout> run(const sample::SampleOptions& options,
                                                    std::vector<sample::SampleJob> jobs) {
    std::map<std::string, sample::SampledRollout> out;
    std::vector<std::vector<std::string>> names;
    for (size_t i = 0; i < jobs.size(); ++i) {
      jobs[i].tag = static_cast<int64_t>(i);
      names.push_back(jobs[i].rollout_ids);
    }
    size_t next = 0;
    sample::GroupSampler sampler(policy_.model, policy_.model.config.ids, options);
    sampler.run(
        [&]() -> std::optional<sample::SampleJob> {
          if (next == jobs.size()) return std::nullopt;
          return jobs[next++];
        },
        [&](sample::SampledRollout r) {
          out[names[static_cast<size_t>(r.tag)][static_cast<size_t>(r.index)]] = std::move(r);
        });
    return out;
  }
  std::vector<sample::SampleJob> two_prompts(bool direct) {
    std::vector<sample::SampleJob> jobs;
    for (const std::string p : {"0", "1"}) {
      sample::SampleJob job;
      job.prompt_ids = ids("image." + p + ".prompt");
      if (!direct) job.prompt_ids.pop_back();  // without <begin_of_image>
      for (int i = 0; i < 5; ++i) job.rollout_ids.push_back("p" + p + "-" + std::to_string(i));
      jobs.push_back(job);
    }
    return jobs;
  }
  model::Policy policy_;
  std::unique_ptr<tensor::Safetensors> values_;
};

TEST_P(SamplerReference, GreedyImageTokensWithGuidance) {
  sample::SampleOptions o;
  o.max_prompt = 16;
  o.direct = true;
  o.temperature = 0;
  o.cfg_weight = 5;
  o.rows = 7;
  const auto out = run(o, two_prompts(true));
  ASSERT_EQ(out.size(), 10u);
  for (const auto& [id, r] : out) {
    EXPECT_EQ(r.image_tokens, ids(std::string("generate.") + id[1] + ".tokens")) << id;
  }
}

TEST_P(SamplerReference, SameRolloutsWhateverTheRowsAndThreads) {
  sample::SampleOptions o;
  o.max_prompt = 16;
  o.max_cot = 12;
  o.seed = 3;
  o.cfg_weight = 2;
  std::map<std::string, sample::SampledRollout> first;
  for (const auto& [rows, threads] : {std::pair{2, 1}, {7, 2}, {40, 2}}) {
    at::set_num_threads(threads);
    o.rows = rows;
    const auto out = run(o, two_prompts(false));
    if (first.empty()) first = out;
    for (const auto& [id, r] : out) {
      EXPECT_EQ(r.cot_ids, first[id].cot_ids) << id;
      EXPECT_EQ(r.image_tokens, first[id].image_tokens) << id;
      EXPECT_EQ(r.finish, first[id].finish) << id;
    }
  }
  EXPECT_NE(first["p0-0"].image_tokens, first["p0-1"].image_tokens);
}

TEST_P(SamplerReference, RecordedLogprobsAreTheTrainers) {
  sample::SampleOptions o;
  o.max_prompt = 16;
  o.max_cot = 9;
  o.rows = 4;
  auto jobs = two_prompts(false);
  const auto out = run(o, jobs);
  torch::NoGradGuard no_grad;
  for (const auto& [id, r] : out) {
    model::Sequence s;
    s.text = jobs[static_cast<size_t>(r.tag)].prompt_ids;
    s.first_target = static_cast<int64_t>(s.text.size());
    s.text.insert(s.text.end(), r.cot_ids.begin(), r.cot_ids.end());
    s.image = r.image_tokens;
    const auto p = model::pack_logprobs(policy_.model, model::SequencePack::make({s}, torch::kCPU));
    for (size_t i = 0; i < r.cot_ids.size(); ++i) {
      const bool drawn = i + 1 < r.cot_ids.size() || r.finish == "stop";
      const float recomputed = drawn ? p.text.logprobs[static_cast<int64_t>(i)].item<float>() : 0;
      EXPECT_NEAR(r.cot_logprobs[i], recomputed, 1e-5);
    }
    for (size_t i = 0; i < r.image_tokens.size(); ++i) {
      EXPECT_NEAR(r.image_logprobs[i], p.image.logprobs[static_cast<int64_t>(i)].item<float>(), 1e-5);
    }
  }
}

TEST_P(SamplerReference, PrefillEqualsDecode) {
  torch::NoGradGuard no_grad;
  const model::Janus& m = policy_.model;
  const auto prompt = ids("text.0.ids");
  model::Decoder decoder(m, 3, {.prefix = 16, .own = 48, .length = 64});
  const auto prefixes = decoder.prefill({prompt, {prompt[0], prompt[1]}});
  decoder.start(2, prefixes[1], 2);
  Tensor hidden;
  for (size_t i = 2; i < prompt.size(); ++i) {
    hidden = decoder.step({2}, m.lm.embed(torch::tensor({static_cast<int64_t>(prompt[i])}, torch::kInt64)));
  }
  EXPECT_LT((hidden[0] - prefixes[0]->last_hidden).abs().max().item<double>(), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Cases, SamplerReference, ::testing::Values("full", "grouped", "odd"));

}  // namespace
}  // namespace easel::test
