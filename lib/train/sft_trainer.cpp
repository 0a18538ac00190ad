#include "train/sft_trainer.h"

#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/log.h"
#include "base/random.h"

namespace easel::train {

using base::cat;
using torch::Tensor;

SftTrainer::SftTrainer(model::Janus& model, int64_t examples, SftVisits visits, const SftOptions& options)
    : model_(model), examples_(examples), visits_(std::move(visits)), options_(options), parameters_(options.parts.state) {
  adopt_trained(parameters_, model, options.parts);
}

int64_t SftTrainer::example_of(int64_t visit) const {
  const int64_t epoch = visit / examples_;
  if (epoch != order_epoch_) {
    order_.resize(static_cast<size_t>(examples_));
    std::iota(order_.begin(), order_.end(), 0);
    base::RandomStream(static_cast<uint64_t>(options_.seed), "sft-order", cat(epoch)).shuffle(order_);
    order_epoch_ = epoch;
  }
  return order_[static_cast<size_t>(visit % examples_)];
}

record::SftMetrics SftTrainer::step(int64_t step) {
  base::Stopwatch total, lap;
  const SftOptions& o = options_;
  std::vector<SftVisit> visits;
  int64_t counted = 0, text_count = 0, image_count = 0, tokens = 0;
  for (int64_t i = 0; i < o.batch; ++i) {
    const int64_t number = step * o.batch + i;
    visits.push_back(visits_(example_of(number), number));
    const SftVisit& v = visits.back();
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
    const auto values = model::pack_logprobs(model_, model::SequencePack::make(part, device, model_.config.image_tokens()));
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
  m.epoch = static_cast<double>((step + 1) * o.batch) / static_cast<double>(examples_);
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
