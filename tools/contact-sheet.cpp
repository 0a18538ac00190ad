// contact-sheet: rollouts as a PNG grid with prompt, chain of thought and rewards.
#include "base/error.h"
#include "base/log.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "image/image.h"
#include "jsonl/stream.h"
#include "record/rollout.h"
#include "report/sheet.h"

namespace {

using namespace easel;
using base::cat;

struct Options {
  cli::StreamOptions stream;
  std::string out, root;
  bool group = false;
  int64_t count = 32, size = 192;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("rollouts as a PNG grid: image, rewards, prompt, chain of thought");
  t.usage("--out FILE.png [--group] [--count N] [--size PX] < rollouts");
  t.description(
      "Shows the first rollouts of its input, or with --group the first groups, one row each "
      "with the prompt above it and the members in the order of their index. Pictures smaller "
      "than a cell are enlarged by a whole factor. A rollout without an image gets an empty "
      "frame; an image that is missing or damaged is a bad record.");
  t.example("contact-sheet --group --count 8 --out sheet.png < scored.jsonl");
  t.see_also({"sample-group", "score-reward", "run-report"});
  t.option("--out", o.out, "FILE", "the picture, written whole or not at all").required();
  t.toggle("--group", o.group, "one row a group");
  t.option("--count", o.count, "N", "rollouts to show, or groups with --group").range(1, 100000);
  t.option("--size", o.size, "PX", "width and height of a picture in the grid").range(16, 2048);
  t.option("--root", o.root, "DIR", "where relative image paths start");
  cli::add_input_option(t, o.stream);
}

void run(const Options& o) {
  if (o.out == "-") base::fail_usage("--out: expected a file; the picture is put in its place whole");
  report::Sheet sheet({o.group, o.count, static_cast<int>(o.size), o.root});
  jsonl::LineReader reader(o.stream.input);
  jsonl::for_each(reader, o.stream.max_bad, [&](jsonl::Object& record) {
    sheet.add(record::Rollout::parse(record), record.at());
  });
  image::write_png(o.out, sheet.draw());
  base::note(cat("wrote ", o.out, " with ", sheet.shown(), " rollouts"));
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<Options>(argc, argv, "contact-sheet", declare, run);
}
