// Metrics records: what a training program writes on stdout after every optimizer step
// (schemas/metrics-sft.v1.schema.json, schemas/metrics-grpo.v1.schema.json,
// schemas/metrics-vq.v1.schema.json), and the summary of an evaluation
// (schemas/eval-summary.v1.schema.json).
//
// Every value but the step may be absent; an absent one is not written. A value that is not finite
// is written as null and read back as absent, so that a diverged run still leaves a readable file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "jsonl/object.h"

namespace easel::record {

using Number = std::optional<double>;
using Count = std::optional<int64_t>;
using NamedNumbers = std::vector<std::pair<std::string, double>>;  // in the order written

// One optimizer step of cot-sft or answer-sft, which writes its own name.
struct SftMetrics {
  static constexpr const char* kProgram = "cot-sft";
  int64_t step = 0;   // 1 is the first
  Number epoch;       // passes over the data so far, with fraction
  Number loss;        // weighted by segment, as it is minimised
  Number text_loss;   // nats per chain token, unweighted
  Number image_loss;  // nats per image token, unweighted
  Count tokens;       // trained on in this step
  Count sequences;    // in this step
  Number learning_rate;
  Number grad_norm;  // before clipping
  Number seconds;    // of the whole step
  Number seconds_load, seconds_forward, seconds_backward, seconds_optimizer;

  static SftMetrics parse(const jsonl::Object& record);
  void write(jsonl::Object& record) const;
};

// One optimizer step of grpo-step.
struct GrpoMetrics {
  static constexpr const char* kProgram = "grpo-step";
  int64_t step = 0;                    // optimizer steps of this policy so far, 1 is the first
  Count policy_version;                // of the policy that this step made
  Number loss;                         // everything that is minimised
  Number policy_loss;                  // the clipped surrogate alone
  Number kl;                           // k3 to the reference, nats per token
  Number text_entropy, image_entropy;  // nats per token
  Number text_entropy_coefficient, image_entropy_coefficient;
  Number clip_fraction;               // of tokens whose ratio was clipped
  Number clamp_fraction;              // of tokens whose log-prob --logit-clamp moves by more than 0.01
  Number ratio_mean;                  // of exp(policy - sampling log-prob)
  Number logprob_difference_max;      // largest |policy - sampling| before the first update
  Number reward_mean, reward_std;     // over the rollouts of the step, dropped groups included
  NamedNumbers rewards;               // mean of every expert
  Count groups_kept, groups_dropped;  // dropped: all rewards equal, or unscored
  Count rollouts;                     // read for this step
  Number cot_length_mean;             // tokens
  Number finish_stop, finish_eos, finish_length;  // shares of the rollouts, in [0, 1]
  Number grad_norm;                               // before clipping
  Number learning_rate;
  Count staleness;  // largest policy_version - that of a rollout
  Number seconds;   // of the whole step
  Number seconds_load, seconds_forward, seconds_backward, seconds_optimizer;

  static GrpoMetrics parse(const jsonl::Object& record);
  void write(jsonl::Object& record) const;
};

// One optimizer step of vq-train.
struct VqMetrics {
  static constexpr const char* kProgram = "vq-train";
  int64_t step = 0;
  Number loss, reconstruction_loss, codebook_loss;
  Count codes_used;  // distinct codebook entries in this step's batch
  Number learning_rate;
  Number seconds;

  static VqMetrics parse(const jsonl::Object& record);
  void write(jsonl::Object& record) const;
};

using Metrics = std::variant<SftMetrics, GrpoMetrics, VqMetrics>;

// A metrics record of any program: told by its field "program", or by the fields it has.
Metrics parse_metrics(const jsonl::Object& record);

// The fields "seconds_STAGE" of a record, in its order, by STAGE; those named above and any other.
NamedNumbers stage_seconds(const jsonl::Object& record);

// What eval-geneval --summary writes.
struct EvalSummary {
  struct Task {
    std::string tag;
    int64_t correct = 0, total = 0;
    double score() const { return total > 0 ? double(correct) / double(total) : 0; }
  };
  int64_t images = 0, prompts = 0;                  // prompts: distinct ones
  int64_t correct_images = 0, correct_prompts = 0;  // a prompt with one correct image is correct
  std::vector<Task> tasks;                          // in the order in which they first came
  double overall = 0;                               // unweighted mean of the tasks' scores

  static EvalSummary parse(const jsonl::Object& record);
  void write(jsonl::Object& record) const;
};

}  // namespace easel::record
