#include "train/grpo_run.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "model/adapter.h"
#include "model/rollout_tokens.h"
#include "record/refill.h"
#include "train/new_policy.h"

namespace easel::train {

using base::cat;
using base::quote;

namespace {
constexpr int64_t kMostUnscored = 3;  // batches in a row

const std::string& replaceable(const std::string& folder) {
  require_replaceable(folder);
  return folder;
}
}  // namespace

GrpoRun::GrpoRun(const std::string& folder, const std::string& reference, torch::Device device, const GrpoOptions& options,
                 std::optional<int64_t> max_memory, record::Manifest& manifest)
    : folder_(replaceable(folder)),
      memory_(memory_question(folder, reference, options.parts, device, options.microbatch_tokens), max_memory),
      policy_(model::load_policy(folder, load_options(options.parts, device))),
      manifest_(manifest),
      trained_(options.parts.words()) {
  manifest_.input("policy", policy_.digest());
  began_ = policy_.version;
  prepare(policy_, options.parts);
  if (!reference.empty()) {
    model::Policy loaded = model::load_policy(reference, {device, options.parts.dtype, model::Use::kScore});
    manifest_.input("reference", loaded.digest());
    reference_ = std::make_unique<model::Janus>(std::move(loaded.model));
    require_same_tokens(reference);
  } else if (options.kl_weight > 0) {
    reference_ = std::make_unique<model::Janus>(model::without_adapter(policy_.model));
  }
  trainer_ = std::make_unique<GrpoTrainer>(policy_.model, reference_.get(), options);
  if (auto saved = read_trainer(folder, "grpo-step")) {
    state_ = std::move(*saved);
    const auto before = state_.extra.optional_string("trained");
    if (before && *before != trained_) {
      const auto shown = [](const std::string& words) { return words.empty() ? std::string("no such option") : words; };
      base::fail(cat(folder, ": what it trains was set by ", shown(*before), "; this run has ", shown(trained_)),
                 cat("the same options go on with it; without ", folder, "/trainer the optimizer begins anew"));
    }
    trainer_->parameters().load_state(trainer_tensors(folder));
    taken_ = state_.extra.strings("taken");
    trainer_->restore(state_.extra.object("trainer"), static_cast<int64_t>(taken_.size()));
    groups_taken_ = state_.extra.optional_integer("groups_taken").value_or(0);
    // One manifest stands for all steps of one command, from the policy that it began with: ours takes the place of the
    // last run's of the same.
    if (!policy_.lineage.empty() && manifest_.goes_on_with(policy_.lineage.back(), "policy")) policy_.lineage.pop_back();
  } else {
    state_.program = "grpo-step";
  }
}

// Rollouts may be longer than usual: that is known when they come.
void GrpoRun::make_room_for(const std::vector<RolloutGroup>& batch) {
  int64_t longest = 0;
  for (const RolloutGroup& group : batch) {
    for (const ScoredRollout& r : group.rollouts) {
      for (const model::Sequence& s : model::rollout_sequences(r.tokens)) longest = std::max(longest, s.length());
    }
  }
  memory_.make_room_for(longest);
}

void GrpoRun::require_same_tokens(const std::string& folder) const {
  const auto agree = [&](const char* what, int64_t got, int64_t expected) {
    if (got != expected) base::fail(cat(folder, ": the reference has ", got, " ", what, "; expected the policy's ", expected));
  };
  const model::JanusConfig &ours = policy_.model.config, &theirs = reference_->config;
  agree("text tokens", theirs.text.vocab_size, ours.text.vocab_size);
  agree("image tokens", theirs.vq.num_embeddings, ours.vq.num_embeddings);
  agree("image positions", theirs.image_tokens(), ours.image_tokens());
}

std::vector<jsonl::Object> GrpoRun::metrics_of(int64_t version) const {
  std::vector<jsonl::Object> metrics;
  int64_t line = 0;
  for (const std::string& text : state_.metrics) {
    auto record = jsonl::Object::parse(text, {folder_ + "/trainer/metrics.jsonl", ++line});
    if (record.integer("policy_version") == version) metrics.push_back(std::move(record));
  }
  return metrics;
}

void GrpoRun::publish() {
  jsonl::Object extra;
  extra.set("trainer", trainer_->state());
  extra.set("groups_taken", groups_taken_);
  extra.set("trained", trained_);
  std::string list = "[";
  for (const auto& digest : taken_) list += cat(list.size() > 1 ? "," : "", "\"", digest, "\"");
  extra.set_raw("taken", list + "]");
  state_.extra = extra;
  state_.step = trainer_->steps_done();
  manifest_.count("steps", state_.step);
  manifest_.count("groups", groups_taken_);
  publish_policy(folder_, policy_.model,
                 {.version = policy_.version, .lineage = policy_.lineage, .tokenizer_folder = folder_,
                  .dtype = {}, .adapter = policy_.adapter},
                 manifest_, [&](const std::filesystem::path& into) {
                   write_trainer(into, state_, trainer_->parameters().state());
                 });
}

void GrpoRun::ask_for_batches(int64_t batches) const { record::RefillRequest{policy_.version, batches}.write(folder_); }

void GrpoRun::want_no_more() const {
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  record::RefillRequest{policy_.version, 1, cat(::getpid(), "-", now)}.write(folder_);
}

std::vector<jsonl::Object> GrpoRun::take(const std::vector<RolloutGroup>& batch, const std::string& digest,
                                         std::optional<int64_t> max_staleness, bool skip_empty) {
  const auto before = std::find(taken_.begin(), taken_.end(), digest);
  if (before != taken_.end()) {
    began_ = std::min(began_, policy_.version - (taken_.end() - before));  // each batch made one version
    base::note(cat(folder_, ": version ", policy_.version, " has already taken this batch; nothing to do"));
    return metrics_of(policy_.version + 1 - (taken_.end() - before));
  }
  const int64_t oldest = max_staleness ? std::max<int64_t>(0, policy_.version - *max_staleness) : began_;
  bool variance = false, scored = false;
  for (const RolloutGroup& group : batch) {
    variance |= trainer_->trains_on(group);
    scored |= group.scored();
    for (const ScoredRollout& r : group.rollouts) {
      if (r.record.policy_version < oldest || r.record.policy_version > policy_.version) {
        base::fail(cat(r.at.str(), ": rollout ", quote(r.record.id), " was drawn by policy version ", r.record.policy_version,
                       "; expected ", oldest < policy_.version ? cat(oldest, " to ") : "", policy_.version));
      }
    }
  }
  // A judge may be away for a while; a run without one would go on to its end and learn nothing.
  unscored_ = scored ? 0 : unscored_ + 1;
  if (skip_empty && unscored_ == kMostUnscored) {
    base::fail(cat("none of the last ", kMostUnscored, " batches has a group that is scored; the policy stays as it was"),
               "score-reward says on stderr why a rollout has no reward");
  }
  if (variance) {
    make_room_for(batch);
    if (!std::exchange(memory_told_, true)) base::note(memory_.words());
  }
  std::vector<jsonl::Object> metrics;
  if (variance || !skip_empty) {
    for (const auto& m : trainer_->step(batch, policy_.version)) {
      if (m.clamp_fraction.value_or(0) > 0.01 && !std::exchange(clamp_told_, true)) {
        base::warn(cat("--logit-clamp moves the log-probs of ", std::lround(100 * *m.clamp_fraction),
                       " % of the tokens: a logit that is clamped has no gradient"));
      }
      m.write(metrics.emplace_back());
      state_.metrics.push_back(metrics.back().str());
    }
  } else {
    base::warn(cat("version ", policy_.version, scored ? ": no group has rewards that differ" : ": no group is scored", "; no update"));
    trainer_->pass_over();
  }
  ++policy_.version;
  taken_.push_back(digest);
  groups_taken_ += static_cast<int64_t>(batch.size());
  publish();
  return metrics;
}

}  // namespace easel::train
