// janus-init: a policy folder with random weights, shaped by a preset.
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "model/janus.h"
#include "record/manifest.h"
#include "tensor/compute.h"
#include "text/bpe_trainer.h"
#include "text/tokenizer.h"
#include "train/new_policy.h"
#include "world/scenes.h"

namespace {

using namespace easel;

struct Options {
  std::string preset = "nano", out, tokenizer;
  int64_t seed = 0;
  cli::ComputeOptions compute;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("make a policy folder with random weights");
  t.usage("--preset nano|janus-pro-1b|janus-pro-7b --seed N --out DIR [--tokenizer FILE]");
  t.description(
      "The folder has transformers' layout and loads there as it is. Without --tokenizer a small "
      "byte-level tokenizer of the nano world's words is made. Each weight is a function of the "
      "seed and its own name.");
  t.example("janus-init --preset nano --seed 1 --out run/random");
  t.see_also({"vq-train", "cot-sft", "janus-convert"});
  t.option("--preset", o.preset, "NAME", "shape").choices({"nano", "janus-pro-1b", "janus-pro-7b"});
  t.option("--out", o.out, "DIR", "policy folder to make").required();
  t.option("--tokenizer", o.tokenizer, "FILE", "a tokenizer.json, or a folder with one");
  cli::add_seed_option(t, o.seed);
  cli::add_compute_options(t, o.compute);
}

void run(const Options& o) {
  const auto compute = tensor::set_up_compute(o.compute.device, o.compute.dtype, o.compute.threads);
  record::Manifest manifest("janus-init", cli::command_line());
  manifest.ran_on(tensor::libtorch_version(), o.compute.device);
  manifest.seed(o.seed);
  train::require_replaceable(o.out);
  base::AtomicFolder scratch(base::without_trailing_slash(o.out).string() + ".tokenizer");  // never committed: gone when we return
  const std::string tokenizer_folder = scratch.path();
  if (o.tokenizer.empty()) {
    train::write_nano_tokenizer(world::corpus(train::kNanoCorpusLines), model::preset(o.preset).text.vocab_size,
                                tokenizer_folder);
  } else {
    train::copy_tokenizer(o.tokenizer, tokenizer_folder);
    manifest.input("tokenizer", base::digest_file(tokenizer_folder + "/tokenizer.json"));
  }
  model::Janus model = train::preset_model(o.preset, tokenizer_folder, o.tokenizer);
  manifest.count("parameters", model.parameter_count());
  train::publish_policy(o.out, model,
                        {.version = 0, .lineage = {}, .tokenizer_folder = tokenizer_folder, .dtype = compute.dtype,
                         .values = [&](const std::string& name, const torch::Tensor& p) { return model.random_values(name, p, o.seed); }},
                        manifest);
  base::note(base::cat(o.out, ": ", o.preset, ", ", model.parameter_count(), " parameters"));
}

}  // namespace

int main(int argc, char** argv) { return cli::run_tool<Options>(argc, argv, "janus-init", declare, run); }
