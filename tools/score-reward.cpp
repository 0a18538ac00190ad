// score-reward: add rewards to rollouts. stdin JSONL -> stdout JSONL.
#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "jsonl/stream.h"
#include "reward/expert.h"
#include "reward/score_stream.h"
#include "reward/scorer.h"

namespace {

using namespace easel;
using base::cat;

struct Options {
  cli::StreamOptions stream;
  cli::ComputeOptions compute;
  cli::EndpointOptions endpoint;
  std::vector<std::string> experts, judge_prompts;
  std::string combine = "mean", root, on_unscored = "keep", spa_from = "layout", compat = "none";
  std::optional<std::string> judge_system;
  int64_t batch = 0;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("add rewards to rollouts");
  t.usage("--expert NAME[:ARGS]... [--combine EXPR] [--endpoint URL --judge-model NAME] [--root DIR] < rollouts > scored");
  t.description(
      "Every expert maps a rollout to a number, and NAME=EXPERT:ARGS renames one.\n\n"
      "Exact: shapes (1 if the image is right by GenEval's rule, else 0), shapes:partial (the share of the prompt's "
      "clauses that hold).\n\n"
      "Judges behind --endpoint: binary (ReasonGen-R1: the judge ends with \\boxed{1}, or it is 0); got-sem, got-spa, "
      "got-pi (GoT-R1: the chain, the layout that it plans, the picture, each against the prompt, 0 to 10, over 10); got-ri "
      "(mean overlap of planned boxes with those that the judge finds; got-ri:shapes and got-ri:exec:COMMAND take "
      "detections instead, and got-spa:shapes judges planned boxes of the nano world exactly); vqa (T2I-R1: mean probability of yes over attr_nouns or nouns); orm (probability that the "
      "picture is what the prompt asks for). binary, vqa, orm and got-spa also ask a Janus policy on this machine: orm:janus:DIR. A "
      "malformed chain, or one of prose, has 0 from all four, and is counted; a picture drawn without a chain (mode direct) has its "
      "got-pi judged.\n\n"
      "Detections: detector:shapes and detector:exec:COMMAND (T2I-R1: relations, counts, or the share of nouns); COMMAND "
      "writes {\"id\":..., \"detections\":{NAME:[[x1,y1,x2,y2,score]]}} lines.\n\n"
      "exec:COMMAND: any program that reads rollout records and writes {\"id\":..., \"value\":...} lines; it is started once "
      "for each batch.\n\n"
      "--combine is an expression over expert names: numbers, + - * / and parentheses, mean, "
      "min, max, sum and product (of their arguments, or of all experts), clip(x, low, high); or a paper's total: "
      "reasongen-r1, got-r1, got-r1-hps, t2i-r1 (mean), t2i-r1-sum. A name may hold a '-'; the longest expert name that "
      "fits is taken, and spaces make a minus sign plain.\n\n"
      "The records go through with rewards {name: value} and reward, in their order, as soon as "
      "they are scored. What no expert could score (a judge that could not be reached, or gave no answer) has the reward "
      "null, never 0; a record that is itself at fault (its image is missing) is a bad record.");
  t.example("score-reward --expert shapes < rollouts.jsonl > scored.jsonl");
  t.example("score-reward --expert shapes --expert n=exec:./words --combine 'shapes - n / 99'");
  t.example("score-reward --expert binary --endpoint https://judge.example/v1 --judge-model qwen2.5-vl-7b --key-env JUDGE_KEY");
  t.see_also({"sample-group", "grpo-step", "eval-geneval", "contact-sheet", "janus-answer"});
  t.option("--expert", o.experts, "SPEC", "an expert, [NAME=]EXPERT[:ARGS]").required();
  t.option("--combine", o.combine, "EXPR", "how the experts' values become one reward");
  t.option("--root", o.root, "DIR", "where relative image paths start");
  t.option("--batch", o.batch, "N", "rollouts scored at a time").range(1, 1e6).default_text("64; with --endpoint 8 for each of --concurrency");
  t.option("--on-unscored", o.on_unscored, "WHAT",
           "a rollout without a reward: pass it on, leave out its group, or stop; before a grpo-step that counts the groups "
           "of a batch (--batch) pass it on, and leave the group out there")
      .choices({"keep", "drop-group", "fail"});
  t.option("--judge-prompt", o.judge_prompts, "EXPERT=FILE", "what that expert asks, instead of its own words");
  t.option("--judge-system", o.judge_system, "TEXT", "what a judge is told before each question")
      .default_text("a Janus policy: what Janus-Pro was told; an endpoint: nothing");
  t.option("--spa-from", o.spa_from, "WHAT", "got-spa looks at a drawing of the layout, with names or as the nano world's shapes, "
           "or reads its coordinates")
      .choices({"layout", "shapes", "text"});
  t.option("--compat", o.compat, "CODE", "detector: relations as in T2I-R1's released code").choices({"none", "t2i-r1"});
  cli::add_endpoint_options(t, o.endpoint, "--judge-model");
  cli::add_stream_options(t, o.stream);
  cli::add_compute_options(t, o.compute);
}

reward::ExpertOptions expert_options(const Options& o) {
  reward::EndpointOptions endpoint = reward::endpoint_options(o.endpoint);
  endpoint.system = o.judge_system.value_or("");
  return {.root = o.root, .threads = o.compute.threads, .device = o.compute.device, .dtype = o.compute.dtype,
          .endpoint = endpoint, .judge_prompts = o.judge_prompts, .judge_system = o.judge_system,
          .layout_view = o.spa_from, .compat = o.compat};
}

// Where nothing waits for a batch, large ones keep every place at the endpoint busy.
size_t batch_size(const Options& o) {
  if (o.batch > 0) return static_cast<size_t>(o.batch);
  return static_cast<size_t>(o.endpoint.endpoints.empty() ? 64 : std::max<int64_t>(64, 8 * o.endpoint.concurrency));
}

bool asks_janus(const std::string& spec) { return spec.find(":janus:") != std::string::npos; }

void run(const Options& o) {
  // Device and type are those of a Janus policy that judges.
  if (std::none_of(o.experts.begin(), o.experts.end(), asks_janus)) cli::require_plain_cpu(o.compute);
  const reward::ExpertOptions experts = expert_options(o);
  reward::Scorer scorer(reward::make_experts(o.experts, experts), o.combine);
  jsonl::BadRecords bad(o.stream.max_bad);
  jsonl::LineReader reader(o.stream.input);
  jsonl::Writer writer(o.stream.output);
  reward::ScoreStream stream(scorer, reward::parse_on_unscored(o.on_unscored), batch_size(o), bad,
                             [&](const jsonl::Object& record) { writer.write(record); });
  reader.on_wait([&] {
    stream.flush();
    writer.flush();
  });
  jsonl::for_each(reader, bad, [&](jsonl::Object& record) { stream.add(std::move(record)); });
  stream.finish();
  writer.close();
  for (const auto& tally : scorer.tallies()) base::note(tally.line());
  for (const auto& summary : scorer.summaries()) base::note(summary);
  if (stream.unscored() > 0 || stream.dropped_groups() > 0) {
    base::note(cat(stream.unscored(), " rollouts unscored, ", stream.dropped_groups(),
                   " groups left out"));
  }
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<Options>(argc, argv, "score-reward", declare, run);
}
