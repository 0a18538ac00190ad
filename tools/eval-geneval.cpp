// eval-geneval: GenEval's scores of an image folder or of rollouts, in its own formats.
#include <unordered_set>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "eval/detector.h"
#include "eval/geneval.h"
#include "eval/geneval_images.h"
#include "jsonl/stream.h"

namespace {

using namespace easel;
using base::cat;

struct Options {
  cli::StreamOptions stream;
  cli::ComputeOptions compute;
  std::string detector, images, summary, root;
  std::vector<std::string> settings;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("GenEval's scores of an image folder or of rollouts");
  t.usage("--detector shapes|replay:FILE --images DIR --output FILE [--summary FILE]");
  t.usage("--detector shapes|replay:FILE --output FILE [--summary FILE] < rollouts");
  t.description(
      "Judges every image by GenEval's rule and writes its official result lines, one an image. "
      "The summary goes to stderr in the official words, and with --summary to a file as JSON; "
      "the overall score is the unweighted mean of the tasks' scores.\n\n"
      "DIR has GenEval's layout: DIR/00000/metadata.jsonl and DIR/00000/samples/0000.png. "
      "Rollouts bring image, prompt, tag and include, or a prompt of the nano world. The "
      "detector shapes is the nano world's own; replay:FILE takes detections made elsewhere, "
      "lines {\"filename\":..., \"detections\": {class: [[x1,y1,x2,y2,score],...]}, \"colors\": "
      "{class: [name,...]}} before any threshold.\n\n"
      "Prompts without images, groups that are not whole and an official prompt set that is not "
      "whole are pointed out: they make a score that compares with no other.");
  t.example("eval-geneval --detector shapes --output results.jsonl < rollouts.jsonl");
  t.example("eval-geneval --detector replay:found.jsonl --images outputs --output results.jsonl");
  t.see_also({"sample-group", "score-reward", "run-report"});
  t.option("--detector", o.detector, "NAME", "shapes or replay:FILE").required();
  t.option("--images", o.images, "DIR", "images in GenEval's layout, in place of rollouts");
  t.option("--summary", o.summary, "FILE", "write the summary as JSON, too");
  t.option("--options", o.settings, "KEY=VALUE",
           "threshold, counting_threshold, max_objects, "
           "max_overlap, position_threshold, as the official script has them");
  t.option("--root", o.root, "DIR", "where rollouts' relative image paths start");
  cli::add_stream_options(t, o.stream);
  cli::add_compute_options(t, o.compute);
}

std::vector<eval::GenevalImage> read_images(const Options& o, jsonl::BadRecords& bad) {
  if (!o.images.empty()) return eval::geneval_folder(o.images);
  std::vector<eval::GenevalImage> images;
  std::unordered_set<std::string> seen;
  jsonl::LineReader reader(o.stream.input);
  jsonl::for_each(reader, bad, [&](jsonl::Object& record) {
    images.push_back(eval::geneval_rollout(record, o.root));
    seen.insert(images.back().path);
  });
  if (seen.size() < images.size()) base::warn(cat(images.size() - seen.size(), " rollouts name an image that came before; each counts"));
  if (images.empty()) base::fail("no rollouts to evaluate");
  return images;
}

void run(const Options& o) {
  cli::require_plain_cpu(o.compute);
  if (!o.images.empty() && o.stream.input != "-") {
    base::fail_usage("--images and --input exclude each other");
  }
  std::vector<std::string> ignored;
  const world::GenevalOptions options = eval::parse_geneval_options(o.settings, &ignored);
  for (const auto& key : ignored) {
    base::warn(cat("--options ", key, " has no effect with detector ", o.detector));
  }
  const auto detector = eval::make_detector(o.detector);
  jsonl::BadRecords bad(o.stream.max_bad);
  const auto images = read_images(o, bad);
  for (const auto& problem : eval::missing_images(images, !o.images.empty())) base::warn(problem);

  eval::GenevalSummary scores;
  jsonl::Writer writer(o.stream.output);
  eval::geneval_evaluate(images, *detector, options, o.compute.threads, bad,
                         [&](const record::EvalResult& result) {
                           writer.write_line(result.line());
                           scores.add(result);
                         });
  if (!detector->remark().empty()) base::warn(detector->remark());
  if (bad.count() > 0) base::warn(cat(bad.count(), " images were left out of the scores"));
  const record::EvalSummary summary = scores.summary();
  if (summary.images == 0) base::fail("no image could be judged");
  writer.close();  // not before: results without a line would look like results
  if (!o.summary.empty()) {
    jsonl::Object record;
    summary.write(record);
    base::write_file(o.summary, record.str() + "\n");
  }
  base::note_block(eval::summary_text(summary));
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<Options>(argc, argv, "eval-geneval", declare, run);
}
