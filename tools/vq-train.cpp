// vq-train: train a policy folder's image tokenizer on pictures. Metrics on stdout.
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/strings.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "image/files.h"
#include "image/image.h"
#include "jsonl/stream.h"
#include "model/policy.h"
#include "record/image_ref.h"
#include "record/manifest.h"
#include "record/metrics.h"
#include "tensor/compute.h"
#include "text/tokenizer.h"
#include "train/checkpoint.h"
#include "train/new_policy.h"
#include "train/vq_trainer.h"
#include "world/scenes.h"

namespace {

using namespace easel;

struct Options {
  std::vector<std::string> images;
  std::string preset = "nano", policy, out, root, output = "-";
  int64_t checkpoint_every = 200, max_bad = 0;
  train::VqTrainOptions train;
  cli::ComputeOptions compute;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("train a policy folder's image tokenizer on pictures");
  t.usage("--images DIR|FILE|LIST... (--preset NAME | --policy DIR) --out DIR > metrics.jsonl");
  t.description(
      "--images takes folders, PNG and JPEG files, and lists: files of any other name, or - for stdin, with a "
      "path or a record with image on each line. Pictures are cut to their middle square and brought to the "
      "tokenizer's size. The first part of the run trains without codes; k-means then makes the codebook, "
      "and the rest trains with codes. With --policy everything else of that folder is kept; without it the "
      "other weights are those of janus-init with the same preset and seed.\n\n"
      "A checkpoint with the trainer's whole state is written every --checkpoint-every steps; the same "
      "command goes on from it after a kill and ends with the same bits. A resumed run repeats the metrics "
      "of the steps already done.");
  t.example("vq-train --images run/scenes --preset nano --steps 3000 --out run/vq > run/vq.jsonl");
  t.see_also({"vq-encode", "vq-decode", "janus-init", "run-report"});
  t.option("--images", o.images, "PATH", "folder of pictures, a picture, or a list").required();
  t.option("--preset", o.preset, "NAME", "shape of a new policy").choices({"nano", "janus-pro-1b", "janus-pro-7b"});
  t.option("--policy", o.policy, "DIR", "start from this policy folder instead");
  t.option("--out", o.out, "DIR", "policy folder to write").required();
  t.option("--steps", o.train.steps, "N", "optimizer steps").range(1, 1e9);
  t.option("--batch", o.train.batch, "N", "pictures a step").range(1, 65536);
  t.option("--lr", o.train.learning_rate, "RATE", "peak learning rate, falling linearly to 0").range(0, 10);
  t.option("--warmup", o.train.warmup, "N", "steps of linear warm-up").range(0, 1e9);
  t.option("--continuous", o.train.continuous_share, "SHARE", "of the steps without codes").range(0, 1);
  t.option("--commitment", o.train.commitment, "W", "weight of the distance to the codes").range(0, 1000);
  t.option("--foreground-weight", o.train.foreground_weight, "W",
           "weight of pixels on or near what differs from the picture's median colour").range(0, 1000);
  t.option("--edge-weight", o.train.edge_weight, "W", "weight of differences between neighbouring pixels").range(0, 1000);
  t.option("--clip", o.train.max_gradient_norm, "NORM", "largest gradient norm; 0 is off").range(0, 1e9);
  t.option("--checkpoint-every", o.checkpoint_every, "N", "steps between checkpoints; 0 is only at the end").range(0, 1e9);
  t.option("--root", o.root, "DIR", "where a list's relative paths start");
  t.option("--max-bad", o.max_bad, "N", "go on past N pictures that cannot be read, each reported").range(0, 1e18);
  t.option("--output", o.output, "FILE", "metrics; - is stdout");
  cli::add_seed_option(t, o.train.seed);
  cli::add_compute_options(t, o.compute);
}

// Folders and pictures; other files are lists of both.
std::vector<std::string> list_images(const Options& o) {
  std::vector<std::string> paths;
  for (const auto& argument : o.images) {
    const std::string ending = base::to_lower(std::filesystem::path(argument).extension().string());
    const bool picture = ending == ".png" || ending == ".jpg" || ending == ".jpeg";
    if (picture || std::filesystem::is_directory(argument)) {
      paths.push_back(argument);
    } else {
      for (const auto& path : record::read_image_list(argument)) paths.push_back(record::resolve_path(path, o.root));
    }
  }
  if (paths.empty()) base::fail("no picture: the list is empty");
  return paths;
}

void run(const Options& o) {
  cli::require_plain_cpu(o.compute);
  tensor::set_up_compute("cpu", "float32", o.compute.threads);
  train::require_replaceable(o.out);
  record::Manifest manifest("vq-train", cli::command_line());
  manifest.ran_on(tensor::libtorch_version(), o.compute.device);
  manifest.seed(o.train.seed);
  model::Policy policy;
  base::AtomicFolder scratch(base::without_trailing_slash(o.out).string() + ".tokenizer");
  std::string tokenizer_folder = o.policy;
  if (o.policy.empty()) {
    tokenizer_folder = scratch.path();
    train::write_nano_tokenizer(world::corpus(train::kNanoCorpusLines), model::preset(o.preset).text.vocab_size,
                                tokenizer_folder);
    policy.model = train::preset_model(o.preset, tokenizer_folder);
    policy.model.initialize(o.train.seed);
  } else {
    policy = model::load_policy(o.policy);
    manifest.input("policy", policy.digest());
  }
  std::vector<image::Image> images;
  jsonl::BadRecords bad(o.max_bad);
  for (const auto& path : image::image_paths(list_images(o))) {
    try {
      images.push_back(image::read(path));
    } catch (const base::Error& e) {
      bad.add(base::RecordError(e.what()));
    }
  }
  if (images.empty()) base::fail("no picture could be read");
  const auto pictures = train::load_pictures(images, policy.model.config.picture_size());
  const std::string_view pixels(static_cast<const char*>(pictures.data_ptr()), static_cast<size_t>(pictures.numel()));
  manifest.input("images", base::digest_hex(pixels));
  manifest.count("images", pictures.size(0));

  base::Digest run;
  for (const auto& word : cli::settings({"--out", "--threads", "--output", "--checkpoint-every", "--quiet", "--progress",
                                         "--policy", "--images", "--root", "--max-bad"})) {
    run.add(word);
  }
  run.add(policy.digest());
  run.add(pixels);
  train::TrainerState state{.program = "vq-train", .run = run.hex(), .step = 0, .done = false, .extra = {}, .metrics = {}};
  jsonl::Writer writer(o.output);
  if (!train::take_up(o.out, train::read_trainer(o.out, "vq-train"), state, writer)) return writer.close();
  if (state.step > 0) policy.model = model::load_policy(o.out).model;
  train::VqTrainer trainer(policy.model.vq, pictures, o.train);
  if (state.step > 0) trainer.restore(train::trainer_tensors(o.out), state.extra);

  const auto checkpoint = [&] {
    state.extra = trainer.state();
    train::publish_policy(o.out, policy.model,
                          {.version = policy.version, .lineage = policy.lineage, .tokenizer_folder = tokenizer_folder},
                          manifest, [&](const std::filesystem::path& folder) {
                            train::write_trainer(folder, state, trainer.tensors());
                          });
  };
  const auto step = [&](int64_t number) {
    jsonl::Object metrics;
    trainer.step(number).write(metrics);
    return metrics;
  };
  train::train_to_end(state, o.train.steps, o.checkpoint_every, writer, step, checkpoint);
  writer.close();
}

}  // namespace

int main(int argc, char** argv) { return cli::run_tool<Options>(argc, argv, "vq-train", declare, run); }
