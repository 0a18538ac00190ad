// shapes-world: the nano world's prompts, scenes and detector.
#include <limits>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/signals.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "image/image.h"
#include "jsonl/stream.h"
#include "record/manifest.h"
#include "record/scene.h"
#include "world/detect_stream.h"
#include "world/layout.h"
#include "world/prompts.h"
#include "world/scenes.h"

namespace {

using namespace easel;
using base::cat;

struct Options {
  std::string command;
  cli::StreamOptions stream;
  int64_t count = 0, seed = 0, start = 0;
  cli::ComputeOptions compute;
  std::string split, out, images, root;
  std::vector<std::string> tasks;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("prompts, scenes and an exact detector of a world of coloured shapes");
  t.usage("prompts --split train|test --count N [--seed S] [--task TAG]... > prompts");
  t.usage("scenes --count N [--seed S] --out DIR > scenes");
  t.usage("layouts --out DIR < rollouts > records with image");
  t.usage("detect [--images DIR | < records with image] > detections");
  t.description(
      "The world is a grid of 3 x 3 cells, 48 x 48 pixels, with 8 shapes in GenEval's 10 colours. "
      "Prompts are GenEval's six tasks on it, in many wordings; each prompt string belongs to the "
      "train or to the test split, whatever the seed. Scenes are random pictures with a prompt "
      "that "
      "is true of them, always a train prompt. The detector works from pixels alone, on pictures "
      "of "
      "any size, and writes boxes in GenEval's form with the colour of each.");
  t.example("shapes-world prompts --split test --count 120 --seed 1 > test.jsonl");
  t.example("shapes-world scenes --count 1000 --seed 1 --out scenes > scenes.jsonl");
  t.example("shapes-world detect --images scenes > detections.jsonl");
  t.see_also({"caption-gen", "sample-group", "score-reward", "eval-geneval"});
  constexpr double kInfinity = std::numeric_limits<double>::infinity();

  auto& prompts = t.command("prompts", &o.command, "draw distinct prompts with GenEval's metadata");
  prompts.option("--split", o.split, "SPLIT", "which of all prompt strings to draw from")
      .choices({"train", "test"})
      .required();
  prompts.option("--count", o.count, "N", "how many")
      .range(1, 1e9)
      .required()
      .default_text("");
  prompts.option("--task", o.tasks, "TAG", "only this task; all six in turn without it; one named twice comes twice as often")
      .choices(world::task_tags());
  prompts.option("--seed", o.seed, "N", "which of them, and their order");
  prompts.option("--output", o.stream.output, "FILE", "write records to FILE; - is stdout");

  auto& scenes = t.command("scenes", &o.command, "draw random pictures with what is in them");
  scenes.option("--count", o.count, "N", "how many")
      .range(1, 1e9)
      .required()
      .default_text("");
  scenes.option("--out", o.out, "DIR", "folder for the pictures").required();
  scenes
      .option("--start", o.start, "N", "the first scene's number: 0 to 9 and 10 to 19 are 0 to 19")
      .range(0, 1e9);
  scenes.option("--seed", o.seed, "N", "a scene is a function of this seed and its number");
  scenes.option("--output", o.stream.output, "FILE", "write records to FILE; - is stdout");

  auto& layouts = t.command("layouts", &o.command, "draw the layouts that chains with boxes plan");
  layouts.option("--out", o.out, "DIR", "folder for the pictures").required();
  layouts.option("--input", o.stream.input, "FILE", "read rollouts; - is stdin");
  layouts.option("--output", o.stream.output, "FILE", "write the records, the drawing as their image; - is stdout");
  layouts.option("--max-bad", o.stream.max_bad, "N", "go on past N records whose chain is malformed, each reported")
      .range(0, kInfinity);

  auto& detect = t.command("detect", &o.command, "find the objects in pictures");
  detect.option("--images", o.images, "DIR", "all pictures below DIR, in place of records");
  detect.option("--root", o.root, "DIR", "where relative paths in records start");
  detect.option("--input", o.stream.input, "FILE", "read records with an image; - is stdin");
  detect.option("--output", o.stream.output, "FILE", "write records to FILE; - is stdout");
  detect.option("--max-bad", o.stream.max_bad, "N", "go on past N bad records, each reported")
      .range(0, kInfinity);
  cli::add_compute_options(detect, o.compute);
}

void draw_prompts(const Options& o) {
  jsonl::Writer out(o.stream.output);
  for (const auto& prompt : world::draw_prompts(o.split, o.count, o.seed, o.tasks)) {
    jsonl::Object record;
    record.set("id", prompt.id);
    prompt.metadata.write(record);
    record.set("prompt", prompt.prompt);
    out.write(record);
  }
  out.close();
}

void draw_scenes(const Options& o) {
  record::Manifest manifest("shapes-world", cli::command_line());
  manifest.seed(o.seed);
  record::make_output_folder(o.out);
  jsonl::Writer out(o.stream.output);
  base::Progress progress("scenes", o.count);
  for (int64_t i = o.start; i < o.start + o.count; ++i) {
    base::throw_if_stopped();
    const world::RandomScene drawn = world::random_scene(o.seed, i);
    record::DrawnScene scene{
        drawn.id, (base::fs::path(o.out) / (drawn.id + ".png")).string(), drawn.prompt, {}};
    for (const auto& object : drawn.scene.objects) {
      scene.objects.push_back({world::shape_names()[static_cast<size_t>(object.shape)],
                               world::color_names()[static_cast<size_t>(object.color)],
                               world::cell_names()[static_cast<size_t>(object.cell)],
                               world::object_box(object)});
    }
    base::AtomicFile file(scene.image);
    file.write(image::encode_png(world::render(drawn.scene)));
    file.commit(false);
    jsonl::Object record;
    scene.write(record);
    out.write(record);
    progress.add();
  }
  out.close();
  manifest.count("scenes", o.count);
  manifest.write(o.out);
}

void detect(const Options& o) {
  cli::require_plain_cpu(o.compute);
  if (!o.images.empty() && (o.stream.input != "-" || !o.root.empty())) {
    base::fail_usage("--images takes the place of records: it goes without --input and --root");
  }
  jsonl::Writer out(o.stream.output);
  jsonl::BadRecords bad(o.stream.max_bad);
  world::DetectStream stream(o.compute.threads, out, bad);
  if (o.images.empty()) {
    jsonl::LineReader reader(o.stream.input);
    stream.add_records(reader, o.root);
  } else {
    stream.add_pictures(o.images);
  }
  out.close();
}

// As score-reward's got-spa sees them with --spa-from shapes.
void draw_layouts(const Options& o) {
  record::Manifest manifest("shapes-world", cli::command_line());
  record::make_output_folder(o.out);
  jsonl::LineReader reader(o.stream.input);
  reader.keep_digest();
  jsonl::Writer out(o.stream.output);
  reader.on_wait([&] { out.flush(); });
  int64_t drawn = 0;
  jsonl::for_each(reader, o.stream.max_bad, [&](jsonl::Object& record) {
    const auto chain = record::parse_got_chain(record.string("cot"));
    if (!chain.problem.empty()) record.fail(cat("field \"cot\": ", chain.problem));
    const base::fs::path path = base::fs::path(o.out) / (base::safe_file_name(record.string("id")) + ".png");
    base::AtomicFile file(path);
    file.write(image::encode_png(world::render_layout(world::planned_objects(chain))));
    file.commit(false);
    record.set("image", path.string());
    out.write(record);
    ++drawn;
  });
  out.close();
  manifest.input("records", reader.digest());
  manifest.count("layouts", drawn);
  manifest.write(o.out);
}

void run(const Options& o) {
  if (o.command == "layouts") return draw_layouts(o);
  if (o.command == "prompts") return draw_prompts(o);
  if (o.command == "scenes") return draw_scenes(o);
  detect(o);
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<Options>(argc, argv, "shapes-world", declare, run);
}
