// validate-jsonl: check records against a schema.
#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "jsonl/schema.h"
#include "jsonl/stream.h"

namespace {

using namespace easel;
using base::cat;

struct Options {
  std::string input = "-", schema;
  int64_t show = 10;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("check records against a schema");
  t.usage("--schema NAME|FILE < records");
  t.description(
      "Reads one JSON object a line and says of the first lines that do not conform to the JSON "
      "Schema (draft-07) where and why. NAME is one of Easel's own (prompt, annotation, rollout, "
      "scene, detection, question, answer, metrics-sft, metrics-grpo, metrics-vq, eval-result, "
      "eval-summary, cot-stats, manifest). Nothing is written on standard output; the exit code is "
      "1 when a record does not conform.");
  t.example("validate-jsonl --schema rollout < rollouts.jsonl");
  t.see_also({"sample-group", "score-reward", "easel-records"});
  t.option("--schema", o.schema, "NAME", "one of Easel's own schemas, or a file").required();
  t.option("--show", o.show, "N", "lines to report").range(1, 1e9);
  t.begin_common();
  t.option("--input", o.input, "FILE", "read records from FILE (.gz and .zst too); - is stdin");
  t.end_common();
}

void run(const Options& o) {
  const jsonl::Schema schema(o.schema);
  jsonl::LineReader reader(o.input);
  int64_t records = 0, wrong = 0;
  jsonl::for_each(reader, 0, [&](jsonl::Object& record) {
    ++records;
    const auto problems = schema.violations(record.str());
    if (problems.empty()) return;
    if (++wrong <= o.show) base::warn(cat(record.at().str(), ": ", problems.front()));
  });
  if (wrong > 0) base::fail(cat(wrong, " of ", records, " records do not conform to ", o.schema));
  base::note(cat(records, " records conform to ", o.schema));
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<Options>(argc, argv, "validate-jsonl", declare, run);
}
