// run-report: metrics, evaluations and sample rollouts as one self-contained HTML page.
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "jsonl/stream.h"
#include "record/metrics.h"
#include "report/run_page.h"

namespace {

using namespace easel;
using base::cat;

struct Options {
  std::vector<std::string> metrics, rollouts, evaluations;
  std::string out, root, title = "Run report";
  int64_t max_bad = 0;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("metrics to one self-contained HTML page with plots");
  t.usage("--out FILE.html METRICS... [--rollouts FILE]... [--eval LABEL=FILE]... [--title TEXT]");
  t.description(
      "METRICS are the records that cot-sft, grpo-step and vq-train write, one file a run; - is "
      "stdin. A run is named after its file, or LABEL=FILE names it, and runs of the same "
      "program share their plots. --eval takes what eval-geneval --summary wrote, in the order "
      "to compare: the gain is the last one's over the first. Files of one label are the seeds of one setting: curves and "
      "bars are their mean, with one standard deviation. --rollouts shows samples of up to "
      "eight policy versions; files of one label are one strip of images.\n\n"
      "The page needs no network and no script, follows the reader's light or dark setting, and "
      "is the same bytes for the same input. A series that no record has is not plotted.");
  t.example("run-report --out run.html run/metrics.jsonl --rollouts run/rollouts.jsonl");
  t.example("run-report --out all.html new=a.jsonl old=b.jsonl --eval SFT=s.json --eval RL=r.json");
  t.example("run-report --out arms.html off=1/a.jsonl off=2/a.jsonl on=1/b.jsonl on=2/b.jsonl");
  t.see_also({"grpo-step", "cot-sft", "eval-geneval", "contact-sheet", "cot-stats"});
  t.positional(o.metrics, "METRICS", "metrics files, FILE or LABEL=FILE");
  t.option("--out", o.out, "FILE", "the page, written whole or not at all").required();
  t.option("--rollouts", o.rollouts, "FILE", "rollouts to show samples of, FILE or LABEL=FILE");
  t.option("--eval", o.evaluations, "FILE", "an evaluation's summary, FILE or LABEL=FILE");
  t.option("--title", o.title, "TEXT", "the page's title");
  t.option("--root", o.root, "DIR", "where relative image paths start");
  t.begin_common();
  t.option("--max-bad", o.max_bad, "N", "go on past N bad records, each reported on stderr")
      .range(0, 1e18);
  t.end_common();
}

void run(const Options& o) {
  if (o.out == "-") base::fail_usage("--out: expected a file; the page is put in its place whole");
  jsonl::BadRecords bad(o.max_bad);
  report::RunReport report;
  report.title = o.title;
  for (const auto& file : report::parse_labels(o.metrics)) {
    if (report::read_metrics(file, bad, &report.runs) == 0) {
      base::warn(cat(file.path, ": no metrics records"));
    }
  }
  for (const auto& file : report::parse_labels(o.evaluations)) {
    const std::string text = base::read_file(file.path);
    const auto record = jsonl::Object::parse(text, {file.path, 0});
    report.evaluations.push_back({file.label, record::EvalSummary::parse(record)});
  }
  int64_t rollouts = 0;
  for (const auto& file : report::parse_labels(o.rollouts)) {
    // Files without a label of their own (one for each step, say) make one strip.
    report::SampleStrip& strip = report.strip(file.named ? file.label : "");
    rollouts += report::read_samples(file.path, bad, &strip);
  }
  if (report.runs.empty() && report.evaluations.empty() && rollouts == 0) {
    base::fail("nothing to report: no metrics, no evaluation, no rollouts");
  }
  base::write_file(o.out, report::run_page(report, o.root, bad));
  base::note(cat("wrote ", o.out));
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<Options>(argc, argv, "run-report", declare, run);
}
