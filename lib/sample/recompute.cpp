#include "sample/recompute.h"

#include "base/error.h"
#include "model/rollout_tokens.h"

namespace easel::sample {

using torch::Tensor;

namespace {

std::vector<float> slice(const Tensor& t, int64_t begin, int64_t count) {
  const Tensor part = t.slice(0, begin, begin + count).contiguous();
  return {part.data_ptr<float>(), part.data_ptr<float>() + part.numel()};
}

}  // namespace

std::vector<tensor::LogprobRow> recompute_logprobs(const model::Janus& model,
                                                   const std::vector<tensor::RolloutRow>& rows,
                                                   double cfg_weight) {
  torch::NoGradGuard no_grad;
  std::vector<model::Sequence> sequences;
  for (const auto& row : rows) {
    for (auto& s : model::rollout_sequences(row)) sequences.push_back(std::move(s));
  }
  model::HeadOptions options;
  options.cfg_weight = cfg_weight;
  if (cfg_weight != 1) options.unconditional = model::unconditional_features(model, sequences);
  const auto pack = model::SequencePack::make(sequences, model.lm.norm.device());
  const model::PackLogprobs values = model::pack_logprobs(model, pack, options);
  const auto host = [](const Tensor& t) { return t.to(torch::kCPU, torch::kFloat32); };
  const Tensor text_logprobs = host(values.text.logprobs), text_entropy = host(values.text.entropy);
  const Tensor image_logprobs = host(values.image.logprobs), image_entropy = host(values.image.entropy);
  for (const Tensor& t : {text_logprobs, image_logprobs}) {
    if (!t.isfinite().all().item<bool>()) base::fail("the policy's log-probs are no numbers: are its weights damaged?");
  }
  std::vector<tensor::LogprobRow> out;
  int64_t text = 0, image = 0;
  for (const auto& row : rows) {
    const auto t = static_cast<int64_t>(row.cot_ids.size()), n = static_cast<int64_t>(row.image_tokens.size());
    out.push_back({slice(text_logprobs, text, t), slice(text_entropy, text, t),
                   slice(image_logprobs, image, n), slice(image_entropy, image, n)});
    text += t;
    image += n;
  }
  return out;
}

}  // namespace easel::sample
