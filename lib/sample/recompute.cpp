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

// Guided log-probs and entropies of all image tokens, from a pack's hidden states and those of its
// unconditional twin.
model::TokenLogprobs guided(const model::Janus& model, std::vector<model::Sequence> sequences,
                            const model::SequencePack& pack, const Tensor& hidden, double weight) {
  for (auto& s : sequences) {
    const int32_t begin = s.text.back();
    std::fill(s.text.begin() + 1, s.text.end(), static_cast<int32_t>(model.config.ids.pad));
    s.text.back() = begin;
  }
  const auto plain = model::SequencePack::make(sequences, hidden.device());
  const auto logits_of = [&](const model::SequencePack& p, const Tensor& h) {
    return model.image_head(model.image_features(h.index_select(0, p.image_rows))).to(torch::kFloat32);
  };
  const Tensor u = logits_of(plain, model::pack_hidden(model, plain));
  const Tensor log_p = torch::log_softmax(u + weight * (logits_of(pack, hidden) - u), -1);
  return {log_p.gather(1, pack.image_targets.unsqueeze(1)).squeeze(1), -(log_p.exp() * log_p).sum(-1)};
}

}  // namespace

std::vector<tensor::LogprobRow> recompute_logprobs(const model::Janus& model,
                                                   const std::vector<tensor::RolloutRow>& rows,
                                                   double cfg_weight) {
  torch::NoGradGuard no_grad;
  if (cfg_weight != 1 && model.config.ids.pad < 0) base::fail("guidance needs a pad token, which this policy lacks");
  std::vector<model::Sequence> sequences;
  for (const auto& row : rows) sequences.push_back(model::rollout_sequence(row));
  const auto pack = model::SequencePack::make(sequences, model.lm.norm.device());
  const Tensor hidden = model::pack_hidden(model, pack);
  model::PackLogprobs values = model::pack_logprobs(model, pack, hidden);
  if (cfg_weight != 1) values.image = guided(model, std::move(sequences), pack, hidden, cfg_weight);
  const auto host = [](const Tensor& t) { return t.to(torch::kCPU, torch::kFloat32); };
  const Tensor text_logprobs = host(values.text.logprobs), text_entropy = host(values.text.entropy);
  const Tensor image_logprobs = host(values.image.logprobs), image_entropy = host(values.image.entropy);
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
