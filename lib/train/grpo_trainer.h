// One GRPO step on whole groups of scored rollouts (Shao et al., 2024; RECIPES section 4): group
// advantages, minibatches, the clipped loss with KL and entropy terms, AdamW.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/janus.h"
#include "model/sequence_pack.h"
#include "record/metrics.h"
#include "rl/advantage.h"
#include "rl/entropy_control.h"
#include "rl/policy_loss.h"
#include "train/checkpoint.h"
#include "train/parameter_set.h"
#include "train/rollout_batch.h"
#include "train/trained_parts.h"

namespace easel::train {

struct GrpoOptions {
  int64_t most_groups = 0;  // a step trains on the first so many whose rewards differ; 0: on all
  rl::AdvantageOptions advantage;
  rl::EntropyOptions entropy;
  rl::Aggregation aggregation = rl::Aggregation::kToken;
  int64_t fixed_length = 1024;
  double clip_low = 0.2, clip_high = 0.2, kl_weight = 0;
  double temperature = 1;
  double cfg_weight = 1;  // guidance that the rollouts' image tokens were drawn with
  // With guidance: whether image log-probs are of the distribution drawn from, its unconditional branch held
  // constant, or of the conditional branch alone (T2I-R1). The second are not what the sampler recorded: the
  // ratio is then to the policy as the batch finds it.
  bool guided_logprobs = true;
  // ReasonGen-R1's code clamps to +-30; 0: off. The sampler does not: the ratio is then to the clamped policy as the batch
  // finds it, as in that code, which recomputes the old log-probs.
  double logit_clamp = 0;
  bool train_text = true, train_image = true;
  int64_t minibatch = 0;           // groups an optimizer step; 0: all
  int64_t microbatch_tokens = 8192;
  double learning_rate = 5e-6, max_gradient_norm = 1;
  int64_t warmup = 0, total_steps = 0;  // of the learning rate, in batches
  Decay decay = Decay::kConstant;
  AdamWOptions adamw;
  TrainedParts parts;
  // Largest |policy - sampling| log-prob of on-policy rollouts before the first update; beyond it
  // the step is an error. 0: not checked. Without one it is that of two ways to add up the same products: measured on the
  // nano policy 7e-6, where logits reach 50, and in bfloat16 up to 0.54.
  std::optional<double> max_logprob_difference;
  bool keep_equal = false;  // train on groups whose rewards are all equal too: they have KL and entropy
};

class GrpoTrainer {
 public:
  // Adopts the generator's parameters of `policy`. reference may be null (no KL term).
  GrpoTrainer(model::Janus& policy, const model::Janus* reference, const GrpoOptions& options);

  // The optimizer steps of one batch; one record each. `version` is the policy's before the step.
  // Throws Error when no group has variance (nothing to learn from), when log-probs differ beyond
  // the bound, or when a gradient is not finite; the weights are then as they were, or the whole
  // batch is to be thrown away by the caller.
  std::vector<record::GrpoMetrics> step(const std::vector<RolloutGroup>& groups, int64_t version);

  bool trains_on(const RolloutGroup& group) const { return options_.keep_equal ? group.scored() : group.teaches(); }

  ParameterSet& parameters() { return parameters_; }
  // A batch that makes no step: the learning rate's schedule goes on.
  void pass_over() { ++batches_done_; }
  int64_t steps_done() const { return steps_done_; }
  // Optimizer steps, batches and entropy controllers, for TrainerState::extra.
  jsonl::Object state() const;
  // batches: taken so far, for a state that was written before it counted them.
  void restore(const jsonl::Object& state, int64_t batches);

 private:
  struct Item;       // a rollout with its advantage
  struct Minibatch;  // totals over its items
  // The sampler's log-probs are of another distribution than is trained: of logits that are not clamped, or of guided ones.
  bool replaces_text_logprobs() const { return options_.logit_clamp > 0; }
  bool replaces_image_logprobs() const {
    return options_.logit_clamp > 0 || (options_.cfg_weight != 1 && !options_.guided_logprobs);
  }
  // Of the sequences and of the pack made of them.
  model::PackLogprobs logprobs(const model::Janus& model, const std::vector<model::Sequence>& sequences,
                               const model::SequencePack& pack) const;
  // Of its final hidden states.
  model::PackLogprobs logprobs(const model::Janus& model, const std::vector<model::Sequence>& sequences,
                               const model::SequencePack& pack, const torch::Tensor& hidden, double clamp) const;
  void require_recorded(double difference, double bound) const;
  double logprob_bound(const std::vector<RolloutGroup>& groups) const;
  void for_microbatches(std::vector<Item>& items, const std::function<void(std::span<Item>)>& body) const;
  struct Clamped {
    double recorded_difference = 0;  // how far the recorded log-probs are from those of logits that are not clamped
    int64_t moved = 0, tokens = 0;   // tokens whose log-prob the clamp moves by more than 0.01, of so many
  };
  // The policy's own log-probs before the first update, into the items. With a clamp, adds to `clamped`; accumulate compares
  // the recorded ones without.
  void record_own_logprobs(std::span<Item> items, Clamped& clamped) const;
  struct Entropies {
    double text, image;
  };
  void set_coefficients(Minibatch& totals) const;
  void control_by(std::span<const Item> micro, const Entropies& shares, const Minibatch& totals);
  Entropies accumulate(std::span<const Item> items, const Minibatch& totals, record::GrpoMetrics& m);
  model::Janus& policy_;
  const model::Janus* reference_;
  GrpoOptions options_;
  ParameterSet parameters_;
  rl::EntropyController text_control_, image_control_;
  int64_t steps_done_ = 0, batches_done_ = 0;
};

}  // namespace easel::train
