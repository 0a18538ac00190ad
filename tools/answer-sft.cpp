// answer-sft: fine-tune a policy to answer questions about pictures. Questions with answers -> a policy folder.
#include <algorithm>

#include "base/error.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "jsonl/stream.h"
#include "model/preprocessor.h"
#include "record/answer.h"
#include "record/image_ref.h"
#include "record/manifest.h"
#include "tensor/compute.h"
#include "text/templates.h"
#include "train/answer_sequences.h"
#include "train/new_policy.h"
#include "train/sft_run.h"

namespace {

using namespace easel;

struct Options {
  cli::StreamOptions stream;
  cli::ComputeOptions compute;
  cli::TrainedOptions trained;
  cli::SftOptions sft;
  std::string root, chat = "janus", system = "janus";
  train::AnswerSequenceOptions sequences;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("fine-tune a policy to answer questions about pictures, as a judge does");
  t.usage("--policy DIR --out DIR [--epochs N | --steps N] [--lr RATE] < questions with answers > metrics");
  t.description(
      "Each record has a picture (or none), a question and its answer. The picture goes through the vision tower; the loss is "
      "cross-entropy over the answer. Vision tower, aligner, decoder and text head learn; what draws stays as it is. The "
      "policy that comes out answers with janus-answer and judges with score-reward --expert orm:janus:DIR.\n\n"
      "A checkpoint with the trainer's whole state is written every --checkpoint-every steps; the same "
      "command goes on from it after a kill and ends with the same bits. One metrics record a step goes to "
      "stdout; a resumed run repeats those of the steps already done.");
  t.example("jq -c '{id, image, question: \"Is \\(.prompt) here? Answer yes or no.\", answer: (if .reward == 1 then \"yes\" else "
            "\"no\" end)}' run/rollouts.jsonl | answer-sft --policy share/nano/base --out run/judge --steps 1000 --lr 1e-3");
  t.see_also({"janus-answer", "score-reward", "cot-sft"});
  cli::add_sft_options(t, o.sft);
  t.option("--system", o.system, "TEXT", "what the policy is told first; janus: what Janus-Pro was told");
  t.option("--chat", o.chat, "FORMAT", "chat roles").choices({"janus", "t2i-r1", "none"});
  t.option("--max-length", o.sequences.max_length, "N", "longest sequence, in tokens").range(1, 1e9);
  cli::add_trained_options(t, o.trained, "embeddings, decoder, text_head, vision_tower or aligner");
  t.option("--root", o.root, "DIR", "where relative image paths start");
  cli::add_stream_options(t, o.stream);
  cli::add_compute_options(t, o.compute);
}

void run(const Options& o) {
  const auto compute = tensor::set_up_training(o.compute.device, o.compute.dtype, o.compute.threads);
  record::Manifest manifest("answer-sft", cli::command_line());
  manifest.ran_on(tensor::libtorch_version(), o.compute.device);
  manifest.seed(o.sft.seed);
  train::SftRunOptions options = train::sft_run_options(
      o.sft, train::trained_parts(o.trained, compute.dtype, o.sft.seed, train::Task::kAnswer));
  options.program = "answer-sft";
  options.settings = cli::sft_settings();
  options.max_memory = cli::parse_size("--max-memory", o.trained.max_memory);
  options.device = compute.device;

  train::require_outside(o.stream.output, o.sft.out);
  train::SftRun run(options, manifest);
  model::require_usual_preprocessor(o.sft.policy, run.config().vision);
  train::AnswerSequenceOptions about = o.sequences;
  about.chat = text::parse_chat_format(o.chat);
  if (o.system != "janus") about.system = o.system;
  const train::AnswerSequences sequences(run.config(), run.tokenizer(), about);
  // A question that no sequence can be made of is a bad record here, not an error in the middle of a run.
  std::vector<train::AnswerExample> examples;
  int64_t longest = 0;
  jsonl::LineReader reader(o.stream.input);
  reader.keep_digest();
  jsonl::for_each(reader, o.stream.max_bad, [&](jsonl::Object& record) {
    const auto q = record::PictureQuestion::parse(record);
    train::AnswerExample example{q.id, q.image.empty() ? "" : record::resolve_path(q.image, o.root), q.question, q.answer};
    longest = std::max(longest, jsonl::about(record, [&] { return sequences.require_usable(example); }));
    examples.push_back(std::move(example));
  });
  jsonl::Writer writer(o.stream.output);
  run.train(static_cast<int64_t>(examples.size()), longest,
            [&](int64_t example, int64_t) { return sequences.visit(examples[static_cast<size_t>(example)]); },
            reader.digest(), writer);
}

}  // namespace

int main(int argc, char** argv) { return cli::run_tool<Options>(argc, argv, "answer-sft", declare, run); }
