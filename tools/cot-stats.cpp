// cot-stats: word and length statistics of chains of thought. stdin JSONL -> stdout JSON.
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "jsonl/stream.h"
#include "record/cot_summary.h"
#include "record/rollout.h"
#include "report/cot_stats.h"

namespace {

using namespace easel;

struct Options {
  cli::StreamOptions stream;
  int64_t top = 50;
  bool json = false, table = false;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("word and length statistics of chains of thought");
  t.usage("[--json | --table] [--top N] < rollouts");
  t.description(
      "Counts the rollouts, their chains (a field cot that is not empty) and how many of these "
      "differ; lengths in words and sentences; how often each word comes and in what share of "
      "the chains; and the share of rollouts by finish reason. The result is one JSON object, or "
      "with --table columns for people.");
  t.example("cot-stats --table --top 20 < run/rollouts.jsonl");
  t.see_also({"sample-group", "run-report", "contact-sheet"});
  t.toggle("--json", o.json, "one JSON object (what is written without --table)");
  t.toggle("--table", o.table, "columns for people");
  t.option("--top", o.top, "N", "the N most frequent words").range(0, 1e9);
  cli::add_stream_options(t, o.stream);
}

void run(const Options& o) {
  if (o.json && o.table) base::fail_usage("--json and --table exclude each other");
  report::CotStats stats;
  jsonl::LineReader reader(o.stream.input);
  jsonl::for_each(reader, o.stream.max_bad,
                  [&](jsonl::Object& record) { stats.add(record::Rollout::parse(record)); });
  const record::CotSummary summary = stats.summary(static_cast<size_t>(o.top));
  jsonl::Writer writer(o.stream.output);
  if (o.table) {
    std::string text = report::cot_table(summary);
    text.pop_back();  // the writer ends the last line
    writer.write_line(text);
  } else {
    jsonl::Object record;
    summary.write(record);
    writer.write(record);
  }
  writer.close();
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<Options>(argc, argv, "cot-stats", declare, run);
}
