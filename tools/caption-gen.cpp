// caption-gen: annotate images with captions in several styles and a chain of thought.
#include <limits>

#include "annotate/annotation_run.h"
#include "annotate/published.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/subprocess.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "http/chat_client.h"
#include "jsonl/resumable.h"
#include "jsonl/stream.h"
#include "record/manifest.h"

namespace {

using namespace easel;
using base::cat;

struct Options {
  std::string annotator = "shapes", out, root, styles = "all", draw_boxes;
  std::string question = "Describe the image in detail: every object, its color, its place and how it stands to the others.";
  cli::ComputeOptions compute;
  cli::EndpointOptions endpoint;
  double noise = 0;
  int64_t seed = 0, max_bad = 0;
  bool resume = false, got = false;
  std::vector<std::string> images, prompts;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("annotate images with captions in several styles and a chain of thought");
  t.usage(
      "[--annotator shapes|janus:DIR|endpoint|published|exec:COMMAND] [--endpoint URL --model NAME] [--got] [--noise P] [--seed N] "
      "[--resume] --out FILE IMAGES...");
  t.description(
      "IMAGES are PNG and JPEG files, tar archives of them as WebDataset has (plain or compressed; nothing is unpacked), "
      "folders that are searched for both (but for hidden files), or - for a list of such "
      "names or of records with image on standard input, one a line. An image's id is its record's, or else its path below "
      "its folder, or its own name, without the extension; of a member of an archive it is the archive's name and the path "
      "in it. Images that would share one keep the extension, and "
      "those that still would have their folder in front; only one image named twice is an error. A record's other "
      "fields go through unchanged, before what is annotated.\n\n"
      "The annotator shapes reads the nano world from pixels; with --noise it errs as a "
      "vision-language model does. janus:DIR asks the Janus policy in DIR about every picture (janus-answer): for "
      "one sentence, the brief caption, and --question, whose answer is the chain of thought. endpoint asks a model "
      "behind --endpoint for ReasonGen-R1's fields (brief_caption, detailed_caption and those of --styles), and with --got "
      "for a chain with boxes in GoT's form. "
      "published asks nobody: IMAGES are then JSON or JSONL files of records that are annotated already, as ReasonGen-R1's "
      "SFT data, and what is missing of an id or a path is filled in. "
      "exec:COMMAND runs COMMAND once with /bin/sh, writes {\"id\":...,\"image\":...} lines to it and reads one "
      "annotation record for each id from it, in any order.\n\n"
      "Records come in the order of the images. FILE appears whole or not at all: until then they "
      "stand in FILE.partial, with --got the answers for pictures that are half done in FILE.answers, and --resume goes on "
      "with what a stopped run left there; no answer that stands there is asked for twice.");
  t.example("shapes-world scenes --count 100 --out scenes > scenes.jsonl");
  t.example("caption-gen --annotator shapes --noise 0.1 --seed 1 --out captions.jsonl scenes");
  t.example("find scenes -name '*.png' | caption-gen --out - - | head -n 1");
  t.example("caption-gen --annotator endpoint --endpoint https://api.example/v1 --model gpt-4.1 --key-env API_KEY --resume "
            "--out captions.jsonl laion/*.tar");
  t.example("caption-gen --annotator published --out captions.jsonl reasongen-r1-sft/train.jsonl");
  t.see_also({"janus-answer", "shapes-world", "vq-encode", "cot-sft"});
  t.option("--annotator", o.annotator, "NAME", "shapes, janus:DIR, endpoint, published or exec:COMMAND");
  t.option("--question", o.question, "TEXT", "what janus:DIR is asked for a chain of thought");
  t.option("--styles", o.styles, "LIST",
           "what endpoint is asked for beside both captions: all, none, or some of short_caption,paraphrases,tags,"
           "varied_captions,object_prompts,object_centric,region_descriptions,step_by_step,cot_tags");
  t.toggle("--got", o.got, "a chain with boxes too, field got; of endpoint one whose boxes are not from 0 to 999 and in "
           "order is asked for again");
  t.option("--draw-boxes", o.draw_boxes, "DIR", "with --got: a folder for pictures with the planned boxes on them, for a look");
  t.option("--annotator-prompt", o.prompts, "NAME=FILE", "what endpoint is asked (captions, got), instead of our words");
  t.option("--out", o.out, "FILE", "the annotations; - is stdout").required();
  t.option("--root", o.root, "DIR", "where relative paths of the list on stdin start");
  t.option("--noise", o.noise, "P", "share of sentences and captions in which shapes errs")
      .range(0, 1);
  t.toggle("--resume", o.resume, "go on with FILE.partial, or with FILE when IMAGES now has more than it holds");
  t.option("--max-bad", o.max_bad, "N", "go on past N images that are damaged, show no shape, or got no answer")
      .range(0, std::numeric_limits<double>::infinity());
  t.positional(o.images, "IMAGES", "files, folders, archives, or - for a list on stdin").required();
  cli::add_endpoint_options(t, o.endpoint, "--model");
  cli::add_seed_option(t, o.seed);
  cli::add_compute_options(t, o.compute);  // of janus:DIR
}

bool asks_endpoint(const Options& o) { return o.annotator == "endpoint"; }
bool is_published(const Options& o) { return o.annotator == "published"; }
bool asks_janus(const Options& o) { return o.annotator.starts_with("janus:"); }

// What annotates, if not this program. It starts without tensors: another one answers for janus:DIR.
std::string annotating_command(const Options& o) {
  if (o.annotator == "shapes" || asks_endpoint(o)) return "";
  if (!asks_janus(o)) return o.annotator.substr(5);
  std::string command = base::shell_quote(base::sibling_program("janus-answer"));
  for (const auto& word :
       {std::string("--quiet"), std::string("--policy"), o.annotator.substr(6), std::string("--device"), o.compute.device,
        std::string("--dtype"), o.compute.dtype, std::string("--threads"), cat(o.compute.threads), std::string("--ask"),
        std::string("brief_caption=Describe the image in one short sentence."), std::string("--ask"),
        cat("detailed_caption=", o.question)}) {
    command += " " + base::shell_quote(word);
  }
  return command;
}

// What a record says that wrote it; records of another setting are not mixed in by --resume.
std::string annotator_text(const Options& o) {
  if (asks_janus(o)) return cat(o.annotator, " ", o.question);
  if (asks_endpoint(o)) {
    std::string text = cat("endpoint ", o.endpoint.model, " styles=", o.styles, o.got ? " got" : "", " temperature=",
                           base::format_double(o.endpoint.temperature), " picture-size=", o.endpoint.picture_size);
    for (const auto& prompt : o.prompts) {
      const size_t equals = prompt.find('=');
      if (equals == std::string::npos) continue;  // refused later
      text += cat(" ", prompt.substr(0, equals), "=", base::digest_file(prompt.substr(equals + 1)));
    }
    return text;
  }
  if (o.annotator != "shapes") return "";
  return cat("shapes noise=", base::format_double(o.noise), " seed=", o.seed, o.got ? " got" : "");
}

void require_meant(const Options& o) {
  if (o.annotator != "shapes" && !is_published(o) && !o.annotator.starts_with("exec:") && !asks_janus(o) && !asks_endpoint(o)) {
    base::fail_usage(
        cat("--annotator: expected shapes, janus:DIR, endpoint, published or exec:COMMAND, got ", base::quote(o.annotator)));
  }
  if (o.annotator.starts_with("exec:") && base::trim(o.annotator.substr(5)).empty()) {
    base::fail_usage("--annotator exec: expected exec:COMMAND, got no command");
  }
  if (asks_janus(o) && base::trim(o.annotator.substr(6)).empty()) {
    base::fail_usage("--annotator janus: expected janus:DIR, got no folder");
  }
  if (is_published(o) && o.resume) base::fail_usage("--resume: published annotations are written at once");
  if (o.annotator != "shapes" && o.noise > 0) {
    base::fail_usage("--noise: only the annotator shapes can be made to err");
  }
  if (o.got && !asks_endpoint(o) && o.annotator != "shapes") {
    base::fail_usage("--got: only the annotators endpoint and shapes give boxes");
  }
  if (!o.draw_boxes.empty() && !o.got) base::fail_usage("--draw-boxes needs --got");
}

void write_published(const Options& o) {
  jsonl::BadRecords bad(o.max_bad);
  jsonl::Writer writer(o.out);
  int64_t count = 0;
  annotate::read_published(o.images, bad, [&](const jsonl::Object& record) {
    writer.write(record);
    ++count;
  });
  if (count == 0) base::fail("no annotation came in");
  writer.close();
}

void run(const Options& o) {
  require_meant(o);
  if (is_published(o)) return write_published(o);
  record::Manifest manifest("caption-gen", cli::command_line());  // of the drawn boxes
  manifest.seed(o.seed);
  // A picture with two questions has no record while one of them is open: their answers are kept by themselves until then.
  const bool keeps = asks_endpoint(o) && o.got && o.endpoint.cache.empty() && !jsonl::is_stream(o.out);
  annotate::AnnotationRunOptions run{.out = o.out, .resume = o.resume, .max_bad = o.max_bad,
                                     .command = annotating_command(o), .endpoint = {},
                                     .answers = keeps ? o.out + ".answers" : "", .noise = o.noise, .got = o.got, .seed = o.seed,
                                     .drawn_boxes = o.draw_boxes, .annotator = annotator_text(o)};
  if (asks_endpoint(o)) {
    run.endpoint = annotate::EndpointOptions{.client = http::client_options(o.endpoint), .model = o.endpoint.model,
                                             .picture_size = o.endpoint.picture_size, .temperature = o.endpoint.temperature,
                                             .styles = record::parse_annotation_styles(o.styles), .got = o.got,
                                             .prompts = o.prompts};
    if (keeps) run.endpoint->client.cache = run.answers;
  }
  if (!o.draw_boxes.empty()) record::make_output_folder(o.draw_boxes);
  const auto made = annotate::annotate_pictures(annotate::PictureList(o.images, o.root), run);
  if (o.draw_boxes.empty()) return;
  manifest.input("images", made.pictures);
  manifest.count("pictures", made.drawn);
  manifest.write(o.draw_boxes);
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<Options>(argc, argv, "caption-gen", declare, run);
}
