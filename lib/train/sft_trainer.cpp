#include "train/sft_trainer.h"

#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/log.h"
#include "base/random.h"

namespace easel::train {

using base::cat;
using torch::Tensor;

SftTrainer::SftTrainer(model::Janus& model, const text::Tokenizer& tokenizer,
                       const std::vector<SftExample>& examples, const SftOptions& options)
    : model_(model), tokenizer_(tokenizer), examples_(examples), options_(options) {
  if (examples.empty()) base::fail("no annotations came in");
  const int64_t codes = model.config.vq.num_embeddings, wanted = model.config.image_tokens();
  for (const SftExample& e : examples) {
    if (static_cast<int64_t>(e.image_tokens.size()) != wanted) {
      base::fail(cat("annotation ", base::quote(e.id), ": expected ", wanted, " image tokens, got ",
                     e.image_tokens.size()));
    }
    for (const int32_t t : e.image_tokens) {
      if (t < 0 || t >= codes) {
        base::fail(cat("annotation ", base::quote(e.id), ": image token ", t,
                       " is outside the codebook of ", codes));
      }
    }
    if (!options.direct && e.chain.empty()) {
      base::fail(cat("annotation ", base::quote(e.id), ": detailed_caption is empty; expected a chain of thought"),
                 "--mode direct trains without chains");
    }
  }
  model.visit([&](const std::string& name, Tensor& p) {
    if (model::Janus::is_generator(name)) parameters_.add(name, p);
  });
  parameters_.build();
}

const SftExample& SftTrainer::example_of(int64_t visit) const {
  const auto count = static_cast<int64_t>(examples_.size());
  const int64_t epoch = visit / count;
  if (epoch != order_epoch_) {
    order_.resize(examples_.size());
    std::iota(order_.begin(), order_.end(), 0);
    base::RandomStream(static_cast<uint64_t>(options_.seed), "sft-order", cat(epoch)).shuffle(order_);
    order_epoch_ = epoch;
  }
  return examples_[static_cast<size_t>(order_[static_cast<size_t>(visit % count)])];
}

SftTrainer::Visit SftTrainer::visit(int64_t number) const {
  const SftExample& e = example_of(number);
  base::RandomStream random(static_cast<uint64_t>(options_.seed), "sft-visit", cat(number));
  const std::string& prompt = random.pick(e.prompts);
  const bool drop = random.chance(options_.drop_prompt);
  const model::SpecialIds& ids = model_.config.ids;

  Visit v;
  model::Sequence& s = v.sequence;
  s.text = tokenizer_.encode(
      text::wrap_chat(options_.chat, text::apply_template(options_.prompt_template, prompt)));
  s.first_target = static_cast<int64_t>(s.text.size());
  if (!options_.direct) {
    const auto chain = tokenizer_.encode(" " + e.chain, false);
    s.text.insert(s.text.end(), chain.begin(), chain.end());
  }
  s.text.push_back(static_cast<int32_t>(ids.begin_of_image));
  s.image = e.image_tokens;
  if (ids.end_of_image >= 0) s.tail.push_back(static_cast<int32_t>(ids.end_of_image));
  s.tail.push_back(static_cast<int32_t>(ids.eos));
  if (s.length() + 1 > options_.max_length) {
    base::fail(cat("annotation ", base::quote(e.id), ": ", s.length() + 1, " tokens; expected at most ",
                   options_.max_length, " (--max-length)"));
  }
  if (drop) {
    s.second_position = static_cast<int64_t>(s.text.size()) - 1;
    s.text = {s.text.front(), s.text.back()};
    s.first_target = 2;  // <begin_of_image> was given, not chosen
  }
  const int64_t chain_targets = static_cast<int64_t>(s.text.size()) - s.first_target;
  v.text_weights.assign(static_cast<size_t>(s.text_targets()), static_cast<float>(options_.text_weight));
  if (chain_targets > 0) {
    v.text_weights[static_cast<size_t>(chain_targets - 1)] = static_cast<float>(options_.begin_weight);
  }
  return v;
}

record::SftMetrics SftTrainer::step(int64_t step) {
  base::Stopwatch total, lap;
  const SftOptions& o = options_;
  std::vector<Visit> visits;
  int64_t counted = 0, text_count = 0, image_count = 0, tokens = 0;
  for (int64_t i = 0; i < o.batch; ++i) {
    visits.push_back(visit(step * o.batch + i));
    const Visit& v = visits.back();
    for (const float w : v.text_weights) text_count += w != 0;
    image_count += o.image_weight != 0 ? v.sequence.image_targets() : 0;
    tokens += v.sequence.length();
  }
  counted = text_count + image_count;
  const double load = lap.lap();

  parameters_.zero_gradients();
  double loss = 0, text_loss = 0, image_loss = 0, forward = 0, backward = 0;
  for (size_t begin = 0; begin < visits.size();) {
    std::vector<model::Sequence> part;
    std::vector<float> weights;
    int64_t size = 0;
    size_t end = begin;
    while (end < visits.size() && (end == begin || size + visits[end].sequence.length() <= o.microbatch_tokens)) {
      size += visits[end].sequence.length();
      part.push_back(visits[end].sequence);
      weights.insert(weights.end(), visits[end].text_weights.begin(), visits[end].text_weights.end());
      ++end;
    }
    begin = end;
    lap.lap();
    const auto device = model_.lm.norm.device();
    const auto values = model::pack_logprobs(model_, model::SequencePack::make(part, device));
    const Tensor w = torch::tensor(weights).to(device);
    const Tensor text = -(values.text.logprobs * w).sum();
    const Tensor image = -values.image.logprobs.sum();
    const Tensor part_loss = (text + o.image_weight * image) / static_cast<double>(counted);
    forward += lap.lap();
    part_loss.backward();
    backward += lap.lap();
    loss += part_loss.item<double>();
    text_loss -= (values.text.logprobs.detach() * (w != 0)).sum().item<double>();
    image_loss += image.item<double>();
  }
  lap.lap();
  const double norm = parameters_.gradient_norm();
  if (!std::isfinite(norm) || !std::isfinite(loss)) {
    base::fail(cat("step ", step + 1, ": loss ", loss, ", gradient norm ", norm, "; nothing was changed by it"),
               "a smaller --lr?");
  }
  const auto warmup = static_cast<int64_t>(std::llround(o.warmup_share * static_cast<double>(o.steps)));
  const double rate = o.learning_rate * schedule(o.decay, step, warmup, o.steps);
  parameters_.adamw_step(rate, clip_scale(norm, o.max_gradient_norm), o.adamw);

  record::SftMetrics m;
  m.step = step + 1;
  m.epoch = static_cast<double>((step + 1) * o.batch) / static_cast<double>(examples_.size());
  m.loss = loss;
  if (text_count > 0) m.text_loss = text_loss / static_cast<double>(text_count);
  if (image_count > 0) m.image_loss = image_loss / static_cast<double>(image_count);
  m.tokens = tokens;
  m.sequences = o.batch;
  m.learning_rate = rate;
  m.grad_norm = norm;
  m.seconds_load = load;
  m.seconds_forward = forward;
  m.seconds_backward = backward;
  m.seconds_optimizer = lap.lap();
  m.seconds = total.seconds();
  return m;
}

}  // namespace easel::train
