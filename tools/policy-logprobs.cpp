// policy-logprobs: a policy's own log-probs and entropies of rollouts' tokens.
#include "base/error.h"
#include "base/log.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "jsonl/batches.h"
#include "jsonl/stream.h"
#include "model/policy.h"
#include "model/rollout_tokens.h"
#include "record/manifest.h"
#include "record/rollout.h"
#include "sample/recompute.h"
#include "sample/sharded_records.h"
#include "tensor/compute.h"
#include "tensor/rollout_shard.h"

namespace {

using namespace easel;

struct Options {
  cli::StreamOptions stream;
  cli::ComputeOptions compute;
  std::string policy, out, root;
  int64_t batch = 64;
  double cfg_weight = 1;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("compute a policy's log-probs and entropies of rollouts' tokens");
  t.usage("--policy DIR --out DIR < rollouts > rollouts with logprobs");
  t.description(
      "Every token is looked at, a closing token that the sampler put there included: natural logarithm, "
      "temperature 1, the conditional branch alone unless --cfg-weight is given. The values go to shards in "
      "--out (cot_logprobs, cot_entropy, image_logprobs, image_entropy); each record gets logprobs {shard, row}.");
  t.example("policy-logprobs --policy run/policy --out run/logprobs < rollouts.jsonl > with-logprobs.jsonl");
  t.see_also({"sample-group", "grpo-step", "shard-cat", "easel-shard"});
  t.option("--policy", o.policy, "DIR", "policy folder").required();
  t.option("--out", o.out, "DIR", "folder for shards").required();
  t.option("--cfg-weight", o.cfg_weight, "W", "guidance u + W (c - u) of image tokens; 1 is off").range(0, 1000);
  t.option("--batch", o.batch, "N", "rollouts at a time").range(1, 65536);
  t.option("--root", o.root, "DIR", "where relative shard paths start");
  cli::add_stream_options(t, o.stream);
  cli::add_compute_options(t, o.compute);
}

void run(const Options& o) {
  const auto compute = tensor::set_up_compute(o.compute.device, o.compute.dtype, o.compute.threads);
  record::Manifest manifest("policy-logprobs", cli::command_line());
  manifest.ran_on(tensor::libtorch_version(), o.compute.device);
  const model::Policy policy = model::load_policy(o.policy, {compute.device, compute.dtype, model::Use::kScore});
  manifest.input("policy", policy.digest());
  record::make_output_folder(o.out);
  tensor::ShardCache shards(o.root);
  jsonl::LineReader reader(o.stream.input);
  reader.keep_digest();
  jsonl::Writer writer(o.stream.output);
  sample::ShardedRecords<tensor::LogprobRow> out(
      {o.out, "logprobs",
       {{"format", "easel-rollouts"}, {"version", "1"}, {"created_by", base::cat("easel ", EASEL_VERSION)},
        {"policy_digest", policy.digest()}},
       4096},
      "logprobs", [&](const jsonl::Object& record) { writer.write(record); });
  base::Progress progress("rollouts", 0);
  jsonl::Batches<tensor::RolloutRow> batches(o.batch, [&](auto& records, auto& rows) {
    auto values = sample::recompute_logprobs(policy.model, rows, o.cfg_weight);
    for (size_t i = 0; i < records.size(); ++i) out.add(std::move(records[i]), std::move(values[i]));
    progress.add(static_cast<int64_t>(records.size()));
  });
  jsonl::for_each(reader, o.stream.max_bad, [&](jsonl::Object& record) {
    const auto r = record::Rollout::parse(record);
    if (!r.tokens) record.fail("field \"tokens\" is missing");
    auto row = jsonl::about(
        record, [&] { return tensor::read_rollout(shards.open(r.tokens->shard), r.tokens->row, r.tokens->digest); });
    const auto problem = model::rollout_problem(policy.model.config, row);
    if (!problem.empty()) record.fail(problem);
    batches.add(std::move(record), std::move(row));
  });
  batches.finish();
  out.flush();
  manifest.input("rollouts", reader.digest());
  manifest.count("rollouts", out.emitted());
  manifest.write(o.out);
  writer.close();
}

}  // namespace

int main(int argc, char** argv) { return cli::run_tool<Options>(argc, argv, "policy-logprobs", declare, run); }
