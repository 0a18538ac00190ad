// cot-sft: supervised fine-tuning on chains of thought. Annotations with tokens -> a policy folder.
#include "base/digest.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "jsonl/stream.h"
#include "model/policy.h"
#include "record/annotation.h"
#include "record/manifest.h"
#include "tensor/compute.h"
#include "tensor/rollout_shard.h"
#include "text/templates.h"
#include "text/tokenizer.h"
#include "train/checkpoint.h"
#include "train/memory_plan.h"
#include "train/new_policy.h"
#include "train/sft_trainer.h"
#include "train/trained_parts.h"

namespace {

using namespace easel;
using base::cat;

struct Options {
  cli::StreamOptions stream;
  cli::ComputeOptions compute;
  cli::TrainedOptions trained;
  std::string policy, out, root, mode = "single", prompt_template, chat = "janus", decay = "cosine";
  std::string chain = "detailed_caption";
  std::optional<std::string> system;
  std::string weights_dtype;
  int64_t steps = 0, checkpoint_every = 200;
  double epochs = 1;
  train::SftSequenceOptions sequences;
  train::SftOptions train;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("fine-tune a policy on annotated images: prompt, chain of thought, image tokens");
  t.usage("--policy DIR --out DIR [--epochs N | --steps N] [--lr RATE] < annotations with tokens > metrics");
  t.description(
      "Each visit of an annotation draws one style of its prompt, and of that style one wording. The loss is cross-entropy over the "
      "response, weighted by segment; in a share of the visits prompt and chain are dropped, which trains "
      "the unconditional branch of guidance. Sequences are packed without padding. Defaults are "
      "ReasonGen-R1's (arXiv 2505.24875).\n\n"
      "A checkpoint with the trainer's whole state is written every --checkpoint-every steps; the same "
      "command goes on from it after a kill and ends with the same bits. One metrics record a step goes to "
      "stdout; a resumed run repeats those of the steps already done.");
  t.example("cot-sft --policy share/nano/base --out run/sft --epochs 2 --lr 1e-3 < run/annotations.jsonl > run/sft.jsonl");
  t.see_also({"caption-gen", "vq-encode", "sample-group", "grpo-step", "run-report"});
  t.option("--policy", o.policy, "DIR", "policy folder to start from").required();
  t.option("--out", o.out, "DIR", "policy folder to write").required();
  t.option("--epochs", o.epochs, "N", "passes over the annotations").range(0, 1e9);
  t.option("--steps", o.steps, "N", "optimizer steps, instead of --epochs; 0 is unset").range(0, 1e9);
  t.option("--mode", o.mode, "MODE", "single has chains; direct is caption to image; two-pass has the prompt's chain "
           "(a description, EOS) in some visits, and in the others the image of prompt and chain").choices({"single", "direct", "two-pass"});
  t.option("--text-share", o.sequences.text_share, "SHARE", "of the visits of mode two-pass: those that end with the chain").range(0, 1);
  t.option("--chain", o.chain, "FIELD", "of annotations, for the chain")
      .choices({"detailed_caption", "got", "object_centric", "region_descriptions", "step_by_step"});
  t.option("--template", o.prompt_template, "TEXT", "wording around the prompt: a name or a text with {}")
      .default_text("reasongen-r1; plain in mode direct, t2i-r1 in two-pass");
  t.option("--system", o.system, "TEXT", "goes before the prompt").default_text("nothing; in mode two-pass what the assistant is for");
  t.option("--chat", o.chat, "FORMAT", "chat roles").choices({"janus", "t2i-r1", "none"});
  t.option("--batch", o.train.batch, "N", "sequences an optimizer step").range(1, 1e6);
  t.option("--microbatch-tokens", o.train.microbatch_tokens, "N", "tokens a forward pass; gradients are accumulated")
      .range(1, 1e9);
  t.option("--lr", o.train.learning_rate, "RATE", "peak learning rate").range(0, 10);
  t.option("--lr-decay", o.decay, "KIND", "after warm-up").choices({"cosine", "linear", "constant"});
  t.option("--warmup", o.train.warmup_share, "SHARE", "of the steps, linear").range(0, 1);
  t.option("--weight-decay", o.train.adamw.weight_decay, "W", "AdamW's, on matrices").range(0, 10);
  t.option("--beta1", o.train.adamw.beta1, "B", "AdamW's").range(0, 1);
  t.option("--beta2", o.train.adamw.beta2, "B", "AdamW's").range(0, 1);
  t.option("--clip", o.train.max_gradient_norm, "NORM", "largest gradient norm; 0 is off").range(0, 1e9);
  t.option("--text-weight", o.sequences.text_weight, "W", "loss weight of chain tokens").range(0, 1e6);
  t.option("--image-weight", o.train.image_weight, "W", "loss weight of image tokens").range(0, 1e6);
  t.option("--begin-weight", o.sequences.begin_weight, "W", "loss weight of <begin_of_image>").range(0, 1e6);
  t.option("--drop-prompt", o.sequences.drop_prompt, "SHARE", "of visits without prompt and chain").range(0, 1);
  t.option("--documents", o.sequences.documents, "SHARE",
           "of visits of mode direct that are documents: detailed_caption, then the picture, without prompt or chat "
           "roles; the loss is on both, as in pretraining")
      .range(0, 1);
  t.option("--max-length", o.sequences.max_length, "N", "longest sequence, in tokens").range(1, 1e9);
  t.option("--checkpoint-every", o.checkpoint_every, "N", "steps between checkpoints; 0 is only at the end").range(0, 1e9);
  t.option("--weights-dtype", o.weights_dtype, "TYPE", "of the finished policy's weights on disk")
      .choices({"float32", "bfloat16"})
      .default_text("as in the run: --dtype for what is trained");
  cli::add_trained_options(t, o.trained);
  t.option("--root", o.root, "DIR", "where relative shard paths start");
  cli::add_seed_option(t, o.train.seed);
  cli::add_stream_options(t, o.stream);
  cli::add_compute_options(t, o.compute);
}

struct Annotations {
  std::vector<train::SftExample> examples;
  std::string digest;
};

// What no visit could be made of is a bad record here, not an error in the middle of a run.
Annotations read_annotations(const Options& o, const train::SftSequences& sequences) {
  Annotations out;
  tensor::ShardCache shards(o.root);
  jsonl::LineReader reader(o.stream.input);
  reader.keep_digest();
  jsonl::for_each(reader, o.stream.max_bad, [&](jsonl::Object& record) {
    const auto a = record::Annotation::parse(record);
    if (!a.tokens) record.fail("field \"tokens\" is missing", "vq-encode adds it");
    out.examples.push_back(jsonl::about(record, [&] {
      train::SftExample example{a.id, a.prompt_styles(), record::Annotation::chain(record, o.chain),
                                tensor::read_image_tokens(shards.open(a.tokens->shard), a.tokens->row)};
      sequences.require_usable(example);
      return example;
    }));
  });
  out.digest = reader.digest();
  return out;
}

void run(const Options& o) {
  const auto compute = tensor::set_up_training(o.compute.device, o.compute.dtype, o.compute.threads);
  train::require_replaceable(o.out);
  record::Manifest manifest("cot-sft", cli::command_line());
  manifest.ran_on(tensor::libtorch_version(), o.compute.device);
  manifest.seed(o.train.seed);
  const train::TrainedParts parts = train::trained_parts(o.trained, compute.dtype, o.train.seed);
  const std::string memory = train::require_memory(
      train::memory_question(o.policy, parts, compute.device, o.train.microbatch_tokens, false),
      cli::parse_size("--max-memory", o.trained.max_memory));
  auto policy = model::load_policy(o.policy, train::load_options(parts, compute.device));
  const auto tokenizer = text::Tokenizer::load(o.policy);
  train::adopt_tokenizer(policy.model.config, tokenizer);
  const model::JanusConfig config = policy.model.config;

  train::SftSequenceOptions visits = o.sequences;
  visits.seed = o.train.seed;
  visits.direct = o.mode == "direct";
  visits.two_pass = o.mode == "two-pass";
  visits.system = o.system.value_or(visits.two_pass ? text::kVisualizationSystem : "");
  if (!visits.direct && visits.documents > 0) {
    base::fail_usage("--documents: only mode direct has documents beside its prompts");
  }
  visits.prompt_template = text::resolve_template(
      !o.prompt_template.empty() ? o.prompt_template : visits.direct ? "plain" : visits.two_pass ? "t2i-r1" : "reasongen-r1");
  visits.chat = text::parse_chat_format(o.chat);
  const train::SftSequences sequences(config, tokenizer, visits);
  const Annotations annotations = read_annotations(o, sequences);
  const auto& examples = annotations.examples;
  train::SftOptions options = o.train;
  options.decay = train::parse_decay(o.decay);
  options.parts = parts;
  options.steps = o.steps > 0 ? o.steps
                              : std::max<int64_t>(1, std::llround(o.epochs * static_cast<double>(examples.size()) /
                                                                  static_cast<double>(options.batch)));
  base::Digest run;
  for (const auto& word : cli::settings({"--out", "--threads", "--input", "--output", "--checkpoint-every", "--quiet",
                                         "--progress", "--recompute", "--max-memory", "--policy", "--root"})) {
    run.add(word);
  }
  run.add(policy.digest());
  run.add(annotations.digest);

  train::TrainerState state{.program = "cot-sft", .run = run.hex(), .step = 0, .done = false, .extra = {}, .metrics = {}};
  jsonl::Writer writer(o.stream.output);
  if (!train::take_up(o.out, train::read_trainer(o.out, "cot-sft"), state, writer)) return writer.close();
  if (state.step > 0) {
    auto stopped = model::load_policy(o.out, train::load_options(parts, compute.device));
    policy.model = std::move(stopped.model);
    policy.adapter = stopped.adapter;
    train::adopt_tokenizer(policy.model.config, tokenizer);
  }
  train::prepare(policy, parts);
  train::SftTrainer trainer(policy.model, sequences, examples, options);
  if (state.step > 0) trainer.parameters().load_state(train::trainer_tensors(o.out));

  manifest.input("policy", policy.digest());
  manifest.input("annotations", annotations.digest);
  manifest.count("annotations", static_cast<int64_t>(examples.size()));
  const auto checkpoint = [&] {
    train::publish_policy(o.out, policy.model,
                          {.version = policy.version + 1, .lineage = policy.lineage, .tokenizer_folder = o.policy,
                           .dtype = state.done && !o.weights_dtype.empty()
                                        ? std::optional(tensor::parse_dtype(o.weights_dtype)) : std::nullopt,
                           .adapter = policy.adapter},
                          manifest, [&](const std::filesystem::path& folder) {
                            train::write_trainer(folder, state, trainer.parameters().state());
                          });
  };
  const auto step = [&](int64_t number) {
    jsonl::Object metrics;
    trainer.step(number).write(metrics);
    return metrics;
  };
  base::note(memory);
  train::train_to_end(state, options.steps, o.checkpoint_every, writer, step, checkpoint);
  writer.close();
}

}  // namespace

int main(int argc, char** argv) { return cli::run_tool<Options>(argc, argv, "cot-sft", declare, run); }
