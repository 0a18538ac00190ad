// grpo-step: update a policy from scored rollouts. Rollouts on stdin -> a new policy version.
#include <optional>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/signals.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "jsonl/stream.h"
#include "model/policy.h"
#include "record/manifest.h"
#include "record/refill.h"
#include "tensor/compute.h"
#include "train/grpo_run.h"
#include "train/memory_plan.h"
#include "train/new_policy.h"

namespace {

using namespace easel;
using base::cat;

struct Options {
  cli::StreamOptions stream;
  cli::ComputeOptions compute;
  cli::TrainedOptions trained;
  std::string policy, reference, root, entropy = "off", aggregation = "token", advantage = "std", decay = "constant";
  std::string on_empty = "fail", on_unscored = "fail", equal_rewards = "drop", train_segments = "both";
  std::string cfg_logprobs = "guided", compat = "none";
  int64_t steps = 0, batch = 0, refill = 1, seed = 0;
  std::optional<int64_t> max_staleness;
  std::optional<double> logit_clamp;
  bool publish = false;
  train::GrpoOptions train;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("take a GRPO step: update a policy from groups of scored rollouts");
  t.usage("--policy DIR [--reference DIR] [--lr RATE] [--entropy KIND] [--batch P] < scored rollouts > metrics");
  t.description(
      "Makes one step of all it reads, or with --batch P one for every P whole groups as they come, and puts "
      "each new version of the policy in place in one move (sample-group --follow takes it up). Groups whose "
      "rewards are all equal are dropped and counted (--equal-rewards). One metrics record per optimizer step goes to stdout.\n\n"
      "A batch that this policy has already taken (same records, by digest) is not taken twice, so a killed "
      "pipeline is simply run again. Refused: truncated groups, unscored rollouts, rollouts of another policy "
      "version (--max-staleness), temperature or guidance weight, and recorded log-probs that differ "
      "from recomputed ones.");
  t.example("sample-group --policy run/policy --group 8 --out run/step < prompts.jsonl | score-reward --expert shapes "
            "| grpo-step --policy run/policy --lr 5e-5");
  t.see_also({"sample-group", "score-reward", "cot-sft", "run-report"});
  t.option("--policy", o.policy, "DIR", "policy folder to update").required();
  t.option("--reference", o.reference, "DIR", "frozen policy of the KL term; without it, with --lora-rank, the policy without its adapter");
  t.option("--batch", o.batch, "P", "prompts a step; 0 takes all input as one step").range(0, 1e9);
  t.option("--refill", o.refill, "N", "with --batch P: while fewer than P groups have rewards that differ, take another batch of "
           "the same version, N at most; sample-group --refill draws it").range(1, 1000);
  t.option("--steps", o.steps, "N", "stop after N batches; 0 reads to the end").range(0, 1e9);
  t.toggle("--publish", o.publish, "put each new version in place as soon as its batch is done (as --batch does anyway)");
  t.option("--minibatch", o.train.minibatch, "P", "groups an optimizer step; 0 is the whole batch").range(0, 1e9);
  t.option("--microbatch-tokens", o.train.microbatch_tokens, "N", "tokens a forward pass").range(1, 1e9);
  t.option("--lr", o.train.learning_rate, "RATE", "learning rate").range(0, 10);
  t.option("--lr-decay", o.decay, "KIND", "over --total-steps").choices({"constant", "cosine", "linear"});
  t.option("--warmup", o.train.warmup, "N", "batches of linear warm-up").range(0, 1e9);
  t.option("--total-steps", o.train.total_steps, "N", "batches that --lr-decay spans, those that make no step among them").range(0, 1e9);
  t.option("--weight-decay", o.train.adamw.weight_decay, "W", "AdamW's, on matrices").range(0, 10);
  t.option("--beta1", o.train.adamw.beta1, "B", "AdamW's").range(0, 0.999999);
  t.option("--beta2", o.train.adamw.beta2, "B", "AdamW's").range(0, 0.999999);
  t.option("--clip", o.train.max_gradient_norm, "NORM", "largest gradient norm; 0 is off").range(0, 1e9);
  t.option("--advantage", o.advantage, "NORM", "reward minus group mean, over its standard deviation or not").choices({"std", "none"});
  t.option("--advantage-eps", o.train.advantage.eps, "EPS", "added to the standard deviation").range(0, 1);
  t.option("--clip-low", o.train.clip_low, "E", "ratio is clipped below 1 - E").range(0, 1);
  t.option("--clip-high", o.train.clip_high, "E", "ratio is clipped above 1 + E").range(0, 1e6);
  t.option("--kl-weight", o.train.kl_weight, "B", "weight of the k3 estimate of KL to the reference").range(0, 1e6);
  t.option("--aggregation", o.aggregation, "KIND", "how tokens of different rollouts count").choices({"token", "sequence", "fixed"});
  t.option("--fixed-length", o.train.fixed_length, "N", "tokens that --aggregation fixed divides by").range(1, 1e9);
  t.option("--entropy", o.entropy, "KIND", "off, fixed:A, adaptive or adaptive:TEXT,IMAGE (targets in nats)");
  t.option("--entropy-lr", o.train.entropy.learning_rate, "RATE", "of the adaptive coefficients").range(0, 10);
  t.option("--entropy-limit", o.train.entropy.limit, "A", "largest adaptive coefficient").range(0, 10);
  t.option("--compat", o.compat, "CODE", "reasongen-r1, as in ReasonGen-R1's released code: adaptive coefficients change after each "
           "microbatch, by its own entropies, instead of once an optimizer step; --logit-clamp 30").choices({"none", "reasongen-r1"});
  t.option("--segments", o.train_segments, "WHICH", "tokens that are trained").choices({"both", "text", "image"});
  t.option("--temperature", o.train.temperature, "T", "that rollouts must have been drawn with").range(1e-6, 1000);
  t.option("--cfg-weight", o.train.cfg_weight, "W", "guidance that rollouts must have been drawn with").range(0, 1000);
  t.option("--cfg-logprobs", o.cfg_logprobs, "KIND", "with guidance, image log-probs of the guided distribution, "
           "its unconditional branch held constant, or of the conditional branch alone, as T2I-R1")
      .choices({"guided", "conditional"});
  t.option("--logit-clamp", o.logit_clamp, "X", "clamp logits to +-X, in the ratio's both policies; 0 is off")
      .range(0, 1e6)
      .default_text("0; with --compat reasongen-r1 30");
  t.option("--max-staleness", o.max_staleness, "K", "versions that a rollout may lie behind").range(0, 1e6)
      .default_text("none behind the version that the first batch of this input came to");
  t.option("--max-logprob-difference", o.train.max_logprob_difference, "X",
           "between recorded and recomputed log-probs, on-policy; 0 is unchecked")
      .range(0, 1e6).default_text("1e-3; 2 where either was computed in half precision");
  t.option("--equal-rewards", o.equal_rewards, "WHAT", "a group whose rewards are all equal: left out, or kept for what it says of "
           "KL and entropy, as in T2I-R1").choices({"drop", "keep"});
  t.option("--on-empty", o.on_empty, "WHAT", "a batch in which every group is dropped").choices({"fail", "skip"});
  t.option("--on-unscored", o.on_unscored, "WHAT", "a group with a rollout whose reward is null: stop, or count it to "
           "the batch and do not train on it").choices({"fail", "drop-group"});
  cli::add_trained_options(t, o.trained, cli::kGeneratorParts);
  t.option("--root", o.root, "DIR", "where relative shard paths start");
  cli::add_seed_option(t, o.seed);  // of a new adapter
  cli::add_stream_options(t, o.stream);
  cli::add_compute_options(t, o.compute);
}

void run(const Options& o) {
  const auto compute = tensor::set_up_training(o.compute.device, o.compute.dtype, o.compute.threads);
  if (o.train.kl_weight > 0 && o.reference.empty() && o.trained.lora_rank == 0) {
    base::fail_usage("--kl-weight needs --reference, or --lora-rank, under which the weights stay what they were");
  }
  if (o.decay != "constant" && o.train.total_steps <= o.train.warmup) {
    base::fail_usage(cat("--lr-decay ", o.decay, " needs --total-steps, more than --warmup"));
  }
  train::GrpoOptions options = o.train;
  rl::parse_entropy(o.entropy, &options.entropy);
  options.entropy.every_microbatch = o.compat == "reasongen-r1";
  options.logit_clamp = o.logit_clamp.value_or(o.compat == "reasongen-r1" ? 30 : 0);
  options.aggregation = rl::parse_aggregation(o.aggregation);
  options.advantage.norm = o.advantage == "std" ? rl::AdvantageNorm::kStd : rl::AdvantageNorm::kNone;
  options.decay = train::parse_decay(o.decay);
  if (o.refill > 1 && o.batch == 0) base::fail_usage("--refill needs --batch");
  if (o.refill > 1) options.most_groups = o.batch;
  options.guided_logprobs = o.cfg_logprobs == "guided";
  options.train_text = o.train_segments != "image";
  options.train_image = o.train_segments != "text";
  options.keep_equal = o.equal_rewards == "keep";
  if (o.refill > 1 && options.keep_equal) base::fail_usage("--refill draws in the place of groups that --equal-rewards keeps");
  options.parts = train::trained_parts(o.trained, compute.dtype, o.seed);
  train::require_outside(o.stream.output, o.policy);
  const base::FileLock lock(record::file_beside(o.policy, "lock"));
  record::Manifest manifest("grpo-step", cli::command_line());
  manifest.ran_on(tensor::libtorch_version(), o.compute.device);
  manifest.seed(o.seed);
  train::GrpoRun grpo(o.policy, o.reference, compute.device, options, cli::parse_size("--max-memory", o.trained.max_memory), manifest);
  train::GroupAssembler assembler({.temperature = options.temperature, .cfg_weight = options.cfg_weight,
                                   .drop_unscored = o.on_unscored == "drop-group", .config = grpo.config()},
                                  o.root);
  jsonl::LineReader reader(o.stream.input);
  reader.keep_digest();
  jsonl::Writer writer(o.stream.output);
  base::Progress progress("steps", o.steps);
  std::vector<train::RolloutGroup> batch;
  base::Digest digest;
  int64_t batches = 0;
  const auto take = [&] {
    if (batches + 1 == o.steps) grpo.want_no_more();
    manifest.input("rollouts", reader.digest());
    const auto metrics = grpo.take(batch, digest.hex(), o.max_staleness, o.on_empty == "skip");
    for (const auto& record : metrics) {
      writer.write(record);
      progress.add(1, cat("reward ", base::format_fixed(record.optional_number("reward_mean").value_or(0), 3)));
    }
    writer.flush();
    batch.clear();
    assembler.next_batch();
    digest = base::Digest();
    ++batches;
  };
  jsonl::BadRecords bad(o.stream.max_bad);
  jsonl::for_each_while(reader, bad, [&](jsonl::Object& record) {
    digest.add(record.str());
    train::RolloutGroup group;
    try {
      if (!assembler.add(record, &group)) return true;
    } catch (const base::RecordError& e) {
      bad.add(e);
      if (!assembler.lose(record, &group)) return true;
    }
    batch.push_back(std::move(group));
    if (o.batch > 0 && static_cast<int64_t>(batch.size()) % o.batch == 0) {
      const auto draws = static_cast<int64_t>(batch.size()) / o.batch;
      const bool enough = draws == o.refill || train::teaching_groups(batch) >= o.batch;
      enough ? take() : grpo.ask_for_batches(draws + 1);
    }
    return o.steps == 0 || batches < o.steps;
  });
  base::throw_if_stopped();
  if (o.steps == 0 || batches < o.steps) {
    assembler.finish();
    if (o.batch == 0 && !batch.empty()) take();
  }
  if (!batch.empty()) {
    // Whoever wrote them may have been killed: a step of fewer prompts would not be the step of an undisturbed run.
    const std::string rest = cat("the input ended after ", batch.size(), " of ", o.batch * o.refill, " prompts of a batch");
    if (batches == 0) base::fail(cat(rest, "; the policy stays as it was"), "--batch 0 takes all input as one step");
    base::warn(cat(rest, "; they are not trained on"));
  }
  if (batches == 0) base::fail("no rollouts came in; the policy stays as it was");
  writer.close();
}

}  // namespace

int main(int argc, char** argv) { return cli::run_tool<Options>(argc, argv, "grpo-step", declare, run); }
