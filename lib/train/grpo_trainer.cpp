#include "train/grpo_trainer.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "base/log.h"
#include "model/rollout_tokens.h"

namespace easel::train {

using base::cat;
using torch::Tensor;

// A rollout of a kept group.
struct GrpoTrainer::Item {
  const ScoredRollout* rollout;
  double advantage;
  int64_t text_tokens, image_tokens;  // trained
  double weight = 0;                  // of each of its tokens
  std::vector<float> cot_logprobs, image_logprobs;  // of the policy before the first update, in place of the sampler's
};

struct GrpoTrainer::Minibatch {
  int64_t text_tokens = 0, image_tokens = 0, clipped = 0;
  double text_coefficient = 0, image_coefficient = 0;
  std::optional<double> logprob_bound;  // of recorded log-probs, where they are checked
};

namespace {

// A closing token that the sampler put there was not drawn, and is not trained.
bool closing_was_drawn(const ScoredRollout& r) { return r.record.finish == "stop"; }

void add_batch_statistics(const std::vector<RolloutGroup>& groups, int64_t version,
                          record::GrpoMetrics& m) {
  double sum = 0, length = 0;
  int64_t count = 0, scored = 0, staleness = 0;
  std::map<std::string, int64_t> finishes;
  // Means over what an expert scored: unscored is not zero.
  record::NamedNumbers experts;
  std::map<std::string, int64_t> values;
  for (const auto& group : groups) {
    for (const auto& r : group.rollouts) {
      const double reward = r.record.reward.value_or(0);
      scored += r.record.reward.has_value();
      sum += reward;
      length += static_cast<double>(r.tokens.cot_ids.size());
      ++count;
      ++finishes[r.record.finish];
      staleness = std::max(staleness, version - r.record.policy_version);
      for (const auto& [name, value] : r.record.rewards) {
        auto found = std::find_if(experts.begin(), experts.end(), [&](const auto& e) { return e.first == name; });
        if (found == experts.end()) found = experts.insert(experts.end(), {name, 0});
        found->second += value;
        ++values[name];
      }
    }
  }
  const auto n = static_cast<double>(count), rewards = static_cast<double>(std::max<int64_t>(1, scored));
  for (auto& [name, value] : experts) value /= static_cast<double>(values[name]);
  const double mean = sum / rewards;
  m.reward_mean = mean;
  double squares = 0;  // from the mean: rewards may be large beside what they differ by
  for (const auto& group : groups) {
    for (const auto& r : group.rollouts) {
      if (r.record.reward) squares += (*r.record.reward - mean) * (*r.record.reward - mean);
    }
  }
  m.reward_std = std::sqrt(squares / rewards);
  m.rewards = experts;
  m.rollouts = count;
  m.cot_length_mean = length / n;
  m.finish_stop = static_cast<double>(finishes["stop"]) / n;
  m.finish_eos = static_cast<double>(finishes["eos"]) / n;
  m.finish_length = static_cast<double>(finishes["length"]) / n;
  m.staleness = staleness;
}

}  // namespace

GrpoTrainer::GrpoTrainer(model::Janus& policy, const model::Janus* reference,
                         const GrpoOptions& o)
    : policy_(policy),
      reference_(reference),
      options_(o),
      parameters_(o.parts.state),
      text_control_(o.entropy.text_target, o.entropy.learning_rate, o.entropy.limit),
      image_control_(o.entropy.image_target, o.entropy.learning_rate, o.entropy.limit) {
  adopt_trained(parameters_, policy, o.parts);
}

jsonl::Object GrpoTrainer::state() const {
  jsonl::Object out;
  out.set("optimizer_steps", steps_done_);
  out.set("batches", batches_done_);
  const auto add = [&](const char* name, const rl::EntropyController& c) {
    jsonl::Object s;
    s.set("psi", c.state().psi);
    s.set("first", c.state().first);
    s.set("second", c.state().second);
    s.set("updates", c.state().updates);
    out.set(name, s);
  };
  add("text_entropy_control", text_control_);
  add("image_entropy_control", image_control_);
  return out;
}

void GrpoTrainer::restore(const jsonl::Object& state, int64_t batches) {
  steps_done_ = state.integer("optimizer_steps");
  batches_done_ = state.optional_integer("batches").value_or(batches);
  const auto read = [&](const char* name, rl::EntropyController& c) {
    const jsonl::Object s = state.object(name);
    c.restore({s.number("psi"), s.number("first"), s.number("second"), s.integer("updates")});
  };
  read("text_entropy_control", text_control_);
  read("image_entropy_control", image_control_);
}

model::PackLogprobs GrpoTrainer::logprobs(const model::Janus& model, const std::vector<model::Sequence>& sequences,
                                          const model::SequencePack& pack, const torch::Tensor& hidden, double clamp) const {
  model::HeadOptions o;
  o.temperature = options_.temperature;
  o.clamp = clamp;
  if (options_.cfg_weight != 1 && options_.guided_logprobs) {
    o.cfg_weight = options_.cfg_weight;
    o.unconditional = model::unconditional_features(model, sequences);
  }
  return model::pack_logprobs(model, pack, hidden, o);
}

model::PackLogprobs GrpoTrainer::logprobs(const model::Janus& model, const std::vector<model::Sequence>& sequences,
                                          const model::SequencePack& pack) const {
  return logprobs(model, sequences, pack, model::pack_hidden(model, pack), options_.logit_clamp);
}

double GrpoTrainer::logprob_bound(const std::vector<RolloutGroup>& groups) const {
  if (options_.max_logprob_difference) return *options_.max_logprob_difference;
  bool half = options_.parts.dtype != torch::kFloat32;
  for (const RolloutGroup& group : groups) {
    for (const ScoredRollout& r : group.rollouts) half |= r.record.sampling.dtype != "float32";
  }
  return half ? 2 : 1e-3;
}

void GrpoTrainer::require_recorded(double difference, double bound) const {
  if (bound <= 0 || difference <= bound) return;
  base::fail(cat("recorded and recomputed log-probs of these rollouts differ by up to ", difference, "; expected at most ", bound),
             "were they drawn from this very policy, at this precision? --max-logprob-difference sets the bound");
}

// Forward and backward of one microbatch; adds its shares to m. Returns its shares of the mean entropies.
GrpoTrainer::Entropies GrpoTrainer::accumulate(std::span<const Item> items, const Minibatch& totals,
                                                record::GrpoMetrics& m) {
  base::Stopwatch lap;
  std::vector<model::Sequence> sequences;
  // Text targets of all rollouts, then image targets: the order of pack_logprobs.
  std::vector<float> sampling[2], weights[2], advantages[2];
  for (const Item& item : items) {
    const tensor::RolloutRow& row = item.rollout->tokens;
    for (auto& s : model::rollout_sequences(row)) sequences.push_back(std::move(s));
    const auto fill = [&](int segment, const std::vector<float>& logprobs, bool trained, bool last) {
      sampling[segment].insert(sampling[segment].end(), logprobs.begin(), logprobs.end());
      weights[segment].insert(weights[segment].end(), logprobs.size(),
                              trained ? static_cast<float>(item.weight) : 0.0f);
      if (!last && !logprobs.empty()) weights[segment].back() = 0;
      advantages[segment].insert(advantages[segment].end(), logprobs.size(), static_cast<float>(item.advantage));
    };
    fill(0, replaces_text_logprobs() ? item.cot_logprobs : row.cot_logprobs, options_.train_text, closing_was_drawn(*item.rollout));
    fill(1, replaces_image_logprobs() ? item.image_logprobs : row.image_logprobs, options_.train_image, true);
  }
  const torch::Device device = policy_.lm.norm.device();
  const auto pack = model::SequencePack::make(sequences, device);
  const auto both = [&](const std::vector<float> (&parts)[2]) {
    return torch::cat({torch::tensor(parts[0]), torch::tensor(parts[1])}).to(device);
  };
  rl::LossTokens t;
  t.sampling_logprobs = both(sampling);
  t.weights = both(weights);
  t.advantages = both(advantages);
  t.is_image = torch::arange(t.weights.size(0), device) >= static_cast<int64_t>(sampling[0].size());
  t.text_token_weight = totals.text_tokens > 0 ? 1.0 / static_cast<double>(totals.text_tokens) : 0;
  t.image_token_weight = totals.image_tokens > 0 ? 1.0 / static_cast<double>(totals.image_tokens) : 0;
  if (reference_ != nullptr) {
    torch::NoGradGuard no_grad;
    const auto r = logprobs(*reference_, sequences, pack);
    t.reference_logprobs = torch::cat({r.text.logprobs, r.image.logprobs});
  }
  const auto values = logprobs(policy_, sequences, pack);
  t.policy_logprobs = torch::cat({values.text.logprobs, values.image.logprobs});
  t.entropy = torch::cat({values.text.entropy, values.image.entropy});
  const rl::LossParts parts = rl::policy_loss(
      t, {.clip_low = options_.clip_low, .clip_high = options_.clip_high, .kl_weight = options_.kl_weight,
          .text_coefficient = totals.text_coefficient, .image_coefficient = totals.image_coefficient});
  m.logprob_difference_max = std::max(m.logprob_difference_max.value_or(0), parts.logprob_difference_max);
  if (totals.logprob_bound) require_recorded(parts.logprob_difference_max, *totals.logprob_bound);
  m.seconds_forward = m.seconds_forward.value_or(0) + lap.lap();
  parts.loss.backward();
  const auto loss = parts.loss.item<double>();  // a device has then done what it was asked to do
  m.seconds_backward = m.seconds_backward.value_or(0) + lap.lap();
  const auto add = [](record::Number& to, double value) { to = to.value_or(0) + value; };
  add(m.loss, loss);
  add(m.policy_loss, parts.policy_loss);
  if (reference_ != nullptr) add(m.kl, parts.kl);
  if (totals.text_tokens > 0) add(m.text_entropy, parts.text_entropy);
  if (totals.image_tokens > 0) add(m.image_entropy, parts.image_entropy);
  const auto all = static_cast<double>(totals.text_tokens + totals.image_tokens);
  add(m.clip_fraction, static_cast<double>(parts.clipped) / all);
  add(m.ratio_mean, parts.ratio_sum / all);
  return {parts.text_entropy, parts.image_entropy};
}

void GrpoTrainer::set_coefficients(Minibatch& totals) const {
  using Kind = rl::EntropyOptions::Kind;
  if (options_.entropy.kind == Kind::kFixed) totals.text_coefficient = totals.image_coefficient = options_.entropy.fixed;
  if (options_.entropy.kind == Kind::kAdaptive) {
    totals.text_coefficient = text_control_.coefficient();
    totals.image_coefficient = image_control_.coefficient();
  }
}

// Updates the controllers by a microbatch's own means, of which `shares` are the parts of the minibatch's.
void GrpoTrainer::control_by(std::span<const Item> micro, const Entropies& shares, const Minibatch& totals) {
  int64_t text = 0, image = 0;
  for (const Item& item : micro) {
    text += item.text_tokens;
    image += item.image_tokens;
  }
  if (text > 0) text_control_.update(shares.text * static_cast<double>(totals.text_tokens) / static_cast<double>(text));
  if (image > 0) image_control_.update(shares.image * static_cast<double>(totals.image_tokens) / static_cast<double>(image));
}

void GrpoTrainer::for_microbatches(std::vector<Item>& items, const std::function<void(std::span<Item>)>& body) const {
  for (size_t begin = 0, end = 0; begin < items.size(); begin = end) {
    int64_t tokens = 0;
    while (end < items.size()) {
      const int64_t length = model::rollout_length(items[end].rollout->tokens);
      if (end > begin && tokens + length > options_.microbatch_tokens) break;
      tokens += length;
      ++end;
    }
    body({items.data() + begin, end - begin});
  }
}

void GrpoTrainer::record_own_logprobs(std::span<Item> items, Clamped& clamped) const {
  torch::NoGradGuard no_grad;
  std::vector<model::Sequence> sequences;
  for (const Item& item : items) {
    for (auto& s : model::rollout_sequences(item.rollout->tokens)) sequences.push_back(std::move(s));
  }
  const auto pack = model::SequencePack::make(sequences, policy_.lm.norm.device());
  const torch::Tensor hidden = model::pack_hidden(policy_, pack);
  const auto on_host = [](const Tensor& t) { return t.to(torch::kCPU).contiguous(); };
  const auto own = logprobs(policy_, sequences, pack, hidden, options_.logit_clamp);
  const Tensor text = on_host(own.text.logprobs), image = on_host(own.image.logprobs);
  const float *next_text = text.data_ptr<float>(), *next_image = image.data_ptr<float>();
  for (Item& item : items) {
    const size_t words = item.rollout->tokens.cot_ids.size(), codes = item.rollout->tokens.image_tokens.size();
    item.cot_logprobs.assign(next_text, next_text + words);
    item.image_logprobs.assign(next_image, next_image + codes);
    next_text += words;
    next_image += codes;
  }
  if (options_.logit_clamp == 0) return;
  // The sampler does not clamp: what it recorded is compared with what it drew from.
  const auto drawn_from = logprobs(policy_, sequences, pack, hidden, 0);
  const Tensor text0 = on_host(drawn_from.text.logprobs), image0 = on_host(drawn_from.image.logprobs);
  next_text = text0.data_ptr<float>();
  next_image = image0.data_ptr<float>();
  const auto compare = [&](const std::vector<float>& recorded, const float* at, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      clamped.recorded_difference = std::max(clamped.recorded_difference, std::abs(static_cast<double>(recorded[i]) - static_cast<double>(at[i])));
    }
  };
  for (const auto& [a, b] : {std::pair{text, text0}, std::pair{image, image0}}) {
    clamped.moved += ((a - b).abs() > 0.01).sum().item<int64_t>();
    clamped.tokens += a.numel();
  }
  for (const Item& item : items) {
    const tensor::RolloutRow& row = item.rollout->tokens;
    const bool last = closing_was_drawn(*item.rollout) || row.cot_ids.empty();
    compare(row.cot_logprobs, next_text, row.cot_ids.size() - (last ? 0 : 1));
    next_text += row.cot_ids.size();
    if (options_.cfg_weight == 1 || options_.guided_logprobs) compare(row.image_logprobs, next_image, row.image_tokens.size());
    next_image += row.image_tokens.size();
  }
}

std::vector<record::GrpoMetrics> GrpoTrainer::step(const std::vector<RolloutGroup>& groups,
                                                   int64_t version) {
  std::vector<std::vector<Item>> kept;  // by group
  for (const RolloutGroup& group : groups) {
    if (!trains_on(group)) continue;
    const auto a = rl::advantages(group.rewards(), options_.advantage);
    std::vector<Item> items;
    for (size_t i = 0; i < a.size(); ++i) {
      const ScoredRollout& r = group.rollouts[i];
      const auto text = static_cast<int64_t>(r.tokens.cot_ids.size());
      const int64_t drawn = text > 0 && !closing_was_drawn(r) ? text - 1 : text;
      items.push_back({.rollout = &r,
                       .advantage = a[i],
                       .text_tokens = options_.train_text ? drawn : 0,
                       .image_tokens = options_.train_image ? static_cast<int64_t>(r.tokens.image_tokens.size()) : 0,
                       .cot_logprobs = {},
                       .image_logprobs = {}});
    }
    kept.push_back(std::move(items));
  }
  if (kept.empty()) {
    if (std::none_of(groups.begin(), groups.end(), [](const RolloutGroup& g) { return g.scored(); })) {
      base::fail(cat("none of ", groups.size(), " groups is scored: there is nothing to learn from"),
                 "score-reward says on stderr why a rollout has no reward");
    }
    base::fail(cat("none of ", groups.size(), " groups has rewards that differ: there is nothing to learn from"),
               "is the reward always the same? more prompts, larger groups or --on-empty skip");
  }
  if (options_.most_groups > 0 && static_cast<int64_t>(kept.size()) > options_.most_groups) {
    kept.resize(static_cast<size_t>(options_.most_groups));
  }
  // Minibatches of nearly equal size: one of a single group would weigh as much as one of sixteen.
  const size_t most = options_.minibatch > 0 ? static_cast<size_t>(options_.minibatch) : kept.size();
  const size_t minibatches = (kept.size() + most - 1) / most;
  std::vector<record::GrpoMetrics> out;
  Clamped clamped;
  if (replaces_image_logprobs()) {
    for (auto& items : kept) {
      for_microbatches(items, [&](std::span<Item> micro) { record_own_logprobs(micro, clamped); });
    }
  }
  for (size_t part = 0; part < minibatches; ++part) {
    const size_t begin = kept.size() * part / minibatches, end = kept.size() * (part + 1) / minibatches;
    base::Stopwatch total;
    std::vector<Item> items;
    for (size_t g = begin; g < end; ++g) {
      items.insert(items.end(), kept[g].begin(), kept[g].end());
    }
    Minibatch totals;
    std::vector<int64_t> counts;
    for (const Item& item : items) {
      totals.text_tokens += item.text_tokens;
      totals.image_tokens += item.image_tokens;
      counts.push_back(item.text_tokens + item.image_tokens);
    }
    const auto weights = rl::aggregation_weights(options_.aggregation, counts, options_.fixed_length);
    for (size_t i = 0; i < items.size(); ++i) items[i].weight = weights[i];
    using Kind = rl::EntropyOptions::Kind;
    set_coefficients(totals);
    const bool adaptive = options_.entropy.kind == Kind::kAdaptive, often = adaptive && options_.entropy.every_microbatch;
    record::GrpoMetrics m;
    add_batch_statistics(groups, version, m);
    const bool on_policy = begin == 0 && m.staleness.value_or(0) == 0;
    m.logprob_difference_max = clamped.recorded_difference;
    if (clamped.tokens > 0) m.clamp_fraction = static_cast<double>(clamped.moved) / static_cast<double>(clamped.tokens);
    if (options_.entropy.kind != Kind::kOff) {  // those that the loss has first, as ReasonGen-R1's code logs them
      m.text_entropy_coefficient = totals.text_coefficient;
      m.image_entropy_coefficient = totals.image_coefficient;
    }
    if (on_policy) {
      totals.logprob_bound = logprob_bound(groups);
      require_recorded(clamped.recorded_difference, *totals.logprob_bound);
    }
    parameters_.zero_gradients();
    for_microbatches(items, [&](std::span<Item> micro) {
      const Entropies shares = accumulate(micro, totals, m);
      if (!often) return;
      control_by(micro, shares, totals);
      set_coefficients(totals);
    });
    base::Stopwatch lap;
    const double norm = parameters_.gradient_norm();
    if (!std::isfinite(norm)) base::fail("the gradient is not finite; the policy stays as it was");
    if (norm == 0) base::fail("the gradient is zero: this step would change nothing");
    const double rate = options_.learning_rate *
                        schedule(options_.decay, batches_done_, options_.warmup, options_.total_steps);
    parameters_.adamw_step(rate, clip_scale(norm, options_.max_gradient_norm), options_.adamw);
    if (adaptive && !often) {
      if (m.text_entropy) text_control_.update(*m.text_entropy);
      if (m.image_entropy) image_control_.update(*m.image_entropy);
    }
    m.step = ++steps_done_;
    m.policy_version = version + 1;
    m.groups_kept = static_cast<int64_t>(kept.size());
    m.groups_dropped = static_cast<int64_t>(groups.size() - kept.size());
    m.grad_norm = norm;
    m.learning_rate = rate;
    m.seconds_optimizer = lap.lap();
    m.seconds = total.seconds();
    out.push_back(std::move(m));
  }
  ++batches_done_;
  return out;
}

}  // namespace easel::train
