// score-reward: add rewards to rollouts. stdin JSONL -> stdout JSONL.
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
  std::vector<std::string> experts;
  std::string combine = "mean", root, on_unscored = "keep";
  int64_t batch = 64;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("add rewards to rollouts");
  t.usage("--expert NAME[:ARGS]... [--combine EXPR] [--root DIR] < rollouts > scored");
  t.description(
      "Every expert maps a rollout to a number: shapes (1 if the image is right by GenEval's "
      "rule, else 0), shapes:partial (the share of the prompt's clauses that hold), exec:COMMAND "
      "(any program that reads rollout records and writes {\"id\":..., \"value\":...} lines; it "
      "is started once for each batch). NAME=EXPERT:ARGS renames one.\n\n"
      "--combine is an expression over expert names: numbers, + - * / and parentheses, mean, "
      "min, max, sum and product (of their arguments, or of all experts), clip(x, low, high). A "
      "name may hold a '-'; the longest expert name that fits is taken, and spaces make a minus "
      "sign plain.\n\n"
      "The records go through with rewards {name: value} and reward, in their order, as soon as "
      "they are scored. What no expert could score has the reward null, never 0; a record that "
      "is itself at fault (its image is missing) is a bad record.");
  t.example("score-reward --expert shapes < rollouts.jsonl > scored.jsonl");
  t.example("score-reward --expert shapes --expert n=exec:./words --combine 'shapes - n / 99'");
  t.see_also({"sample-group", "grpo-step", "eval-geneval", "contact-sheet"});
  t.option("--expert", o.experts, "SPEC", "an expert, [NAME=]EXPERT[:ARGS]").required();
  t.option("--combine", o.combine, "EXPR", "how the experts' values become one reward");
  t.option("--root", o.root, "DIR", "where relative image paths start");
  t.option("--batch", o.batch, "N", "rollouts scored at a time").range(1, 1e6);
  t.option("--on-unscored", o.on_unscored, "WHAT",
           "a rollout without a reward: pass it on, leave out "
           "its group, or stop")
      .choices({"keep", "drop-group", "fail"});
  cli::add_stream_options(t, o.stream);
  cli::add_compute_options(t, o.compute);
}

void run(const Options& o) {
  cli::require_plain_cpu(o.compute);
  reward::Scorer scorer(reward::make_experts(o.experts, {o.root, o.compute.threads}), o.combine);
  jsonl::BadRecords bad(o.stream.max_bad);
  jsonl::LineReader reader(o.stream.input);
  jsonl::Writer writer(o.stream.output);
  reward::ScoreStream stream(scorer, reward::parse_on_unscored(o.on_unscored),
                             static_cast<size_t>(o.batch), bad,
                             [&](const jsonl::Object& record) { writer.write(record); });
  reader.on_wait([&] {
    stream.flush();
    writer.flush();
  });
  jsonl::for_each(reader, bad, [&](jsonl::Object& record) { stream.add(std::move(record)); });
  stream.finish();
  writer.close();
  for (const auto& tally : scorer.tallies()) base::note(tally.line());
  if (stream.unscored() > 0 || stream.dropped_groups() > 0) {
    base::note(cat(stream.unscored(), " rollouts unscored, ", stream.dropped_groups(),
                   " groups left out"));
  }
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<Options>(argc, argv, "score-reward", declare, run);
}
