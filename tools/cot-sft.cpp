// cot-sft: supervised fine-tuning on chains of thought. Annotations with tokens -> a policy folder.
#include <algorithm>
#include <iterator>

#include "base/error.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "jsonl/stream.h"
#include "record/annotation.h"
#include "record/got_chain.h"
#include "record/manifest.h"
#include "tensor/compute.h"
#include "tensor/rollout_shard.h"
#include "text/templates.h"
#include "train/new_policy.h"
#include "train/sft_run.h"
#include "train/sft_sequences.h"

namespace {

using namespace easel;
using base::cat;

struct Options {
  cli::StreamOptions stream;
  cli::ComputeOptions compute;
  cli::TrainedOptions trained;
  cli::SftOptions sft;
  std::string root, mode = "single", chat = "janus", chain = "detailed_caption";
  std::optional<std::string> prompt_template, system;
  double image_weight = 1;
  train::SftSequenceOptions sequences;
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
  cli::add_sft_options(t, o.sft);
  t.option("--mode", o.mode, "MODE", "single has chains; direct is caption to image; two-pass has the prompt's chain "
           "(a description, EOS) in some visits, and in the others the image of prompt and chain").choices({"single", "direct", "two-pass"});
  t.option("--text-share", o.sequences.text_share, "SHARE", "of the visits of mode two-pass: those that end with the chain").range(0, 1);
  t.option("--chain", o.chain, "FIELD", "of annotations, for the chain")
      .choices({"detailed_caption", "got", "object_centric", "region_descriptions", "step_by_step", "cot_tags"});
  t.option("--template", o.prompt_template, "TEXT", "wording around the prompt: a name or a text with {}")
      .default_text("reasongen-r1; plain in mode direct, t2i-r1 in two-pass");
  t.option("--system", o.system, "TEXT", "goes before the prompt").default_text("nothing; in mode two-pass what the assistant is for");
  t.option("--chat", o.chat, "FORMAT", "chat roles").choices({"janus", "t2i-r1", "none"});
  t.option("--text-weight", o.sequences.text_weight, "W", "loss weight of chain tokens").range(0, 1e6);
  t.option("--image-weight", o.image_weight, "W", "loss weight of image tokens").range(0, 1e6);
  t.option("--begin-weight", o.sequences.begin_weight, "W", "loss weight of <begin_of_image>").range(0, 1e6);
  t.option("--drop-prompt", o.sequences.drop_prompt, "SHARE", "of visits without prompt and chain").range(0, 1);
  t.option("--documents", o.sequences.documents, "SHARE",
           "of visits of mode direct that are documents: detailed_caption, then the picture, without prompt or chat "
           "roles; the loss is on both, as in pretraining")
      .range(0, 1);
  t.option("--max-length", o.sequences.max_length, "N", "longest sequence, in tokens").range(1, 1e9);
  cli::add_trained_options(t, o.trained, cli::kGeneratorParts);
  t.option("--root", o.root, "DIR", "where relative shard paths start");
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
                                tensor::read_image_tokens(shards.open(a.tokens->shard), a.tokens->row, a.tokens->digest)};
      sequences.require_usable(example);
      return example;
    }));
  });
  out.digest = reader.digest();
  return out;
}

void run(const Options& o) {
  const auto compute = tensor::set_up_training(o.compute.device, o.compute.dtype, o.compute.threads);
  record::Manifest manifest("cot-sft", cli::command_line());
  manifest.ran_on(tensor::libtorch_version(), o.compute.device);
  manifest.seed(o.sft.seed);
  train::SftRunOptions options =
      train::sft_run_options(o.sft, train::trained_parts(o.trained, compute.dtype, o.sft.seed));
  if (options.train.parts.adapter.rank > 0 && options.weights_dtype) {
    base::fail_usage("--weights-dtype: with --lora-rank the weights stay as they are stored, and the adapter is float32");
  }
  options.program = "cot-sft";
  options.settings = cli::sft_settings();
  options.train.image_weight = o.image_weight;
  options.max_memory = cli::parse_size("--max-memory", o.trained.max_memory);
  options.device = compute.device;

  train::SftSequenceOptions visits = o.sequences;
  visits.seed = o.sft.seed;
  visits.direct = o.mode == "direct";
  visits.two_pass = o.mode == "two-pass";
  visits.system = o.system.value_or(visits.two_pass ? text::kVisualizationSystem : "");
  if (!visits.direct && visits.documents > 0) {
    base::fail_usage("--documents: only mode direct has documents beside its prompts");
  }
  visits.prompt_template = text::resolve_template(o.prompt_template.value_or(text::default_template(visits.direct, visits.two_pass)));
  visits.chat = text::parse_chat_format(o.chat);

  train::require_outside(o.stream.output, o.sft.out);
  train::SftRun run(options, manifest);
  const auto lacks = [&](const char* token) { return !run.tokenizer().id_of(token); };
  if (o.chain == "got" && std::any_of(std::begin(record::kGotTokens), std::end(record::kGotTokens), lacks)) {
    base::fail(base::cat(o.sft.policy, ": its tokenizer lacks the tokens of chains with boxes"), "janus-convert --add-token got adds them");
  }
  const train::SftSequences sequences(run.config(), run.tokenizer(), visits);
  const Annotations annotations = read_annotations(o, sequences);
  jsonl::Writer writer(o.stream.output);
  const auto longest = std::max_element(annotations.examples.begin(), annotations.examples.end(),
                                        [&](const auto& a, const auto& b) { return sequences.bytes(a) < sequences.bytes(b); });
  run.train(static_cast<int64_t>(annotations.examples.size()), longest == annotations.examples.end() ? 0 : sequences.length(*longest),
            [&](int64_t example, int64_t number) {
              return sequences.visit(annotations.examples[static_cast<size_t>(example)], number);
            },
            annotations.digest, writer);
}

}  // namespace

int main(int argc, char** argv) { return cli::run_tool<Options>(argc, argv, "cot-sft", declare, run); }
