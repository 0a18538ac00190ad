// sample-group: draw groups of rollouts. Prompts on stdin -> rollout records on stdout.
#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/log.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "jsonl/resumable.h"
#include "jsonl/stream.h"
#include "model/policy.h"
#include "record/manifest.h"
#include "record/prompt.h"
#include "sample/fitted_sampler.h"
#include "sample/follow.h"
#include "sample/prompt_encoder.h"
#include "sample/rollout_writer.h"
#include "tensor/compute.h"
#include "text/tokenizer.h"

namespace {

using namespace easel;
using base::cat;

struct Options {
  cli::StreamOptions stream;
  cli::ComputeOptions compute;
  std::string policy, out, mode = "single", chat = "janus";
  std::optional<std::string> prompt_template;
  int64_t group = 8, max_cot = 64, max_prompt = 256, rows = 0, max_staleness = 0, seed = 0;
  std::optional<int64_t> batch;
  double temperature = 1, cfg_weight = 1;
  std::string max_memory;
  std::optional<std::string> system;
  bool text = false, no_images = false, follow = false, refill = false, list_prompts = false;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("draw a group of rollouts for every prompt: a chain of thought, then an image");
  t.usage("--policy DIR --group G --out DIR [options] < prompts > rollouts");
  t.description(
      "Every prompt is prefilled once and drawn G times. In mode single one sequence holds prompt, "
      "chain and image; in mode direct there is no chain. The chain ends where the policy draws "
      "<begin_of_image> (finish stop) or EOS (finish eos), or after --max-cot tokens (finish "
      "length). In mode two-pass (T2I-R1) the chain answers a request for a description and ends at EOS (finish stop) or "
      "after --max-cot tokens (length), and the image is drawn from a prompt of its own, PROMPT. CHAIN. Pictures go to DIR/images, tokens and their log-probs to shards in DIR, records "
      "to stdout with the prompt's own fields.\n\n"
      "Every draw is a function of --seed, the rollout's id and the position: the same rollouts "
      "come out whatever --threads is. Another --rows or --batch changes last bits of log-probs, and with them a draw now and then.\n\n"
      "With --follow the program stays up: it draws --batch prompts, then waits until the policy "
      "folder holds a new version before it draws the next, at most --max-staleness versions "
      "behind.");
  t.example("printf 'a red circle\\n' | sample-group --text --policy share/nano/base --mode direct "
            "--group 4 --out run");
  t.see_also({"score-reward", "grpo-step", "policy-logprobs", "contact-sheet", "easel-shard"});
  t.option("--policy", o.policy, "DIR", "policy folder").required();
  t.option("--out", o.out, "DIR", "folder for shards and pictures; needed where any are drawn");
  t.option("--group", o.group, "G", "rollouts a prompt").range(1, 65536);
  t.option("--mode", o.mode, "MODE", "what is drawn").choices({"single", "direct", "two-pass"});
  t.option("--temperature", o.temperature, "T", "of the softmax; 0 is greedy").range(0, 1000);
  t.option("--cfg-weight", o.cfg_weight, "W", "guidance u + W (c - u) of image tokens; 1 is off").range(0, 1000);
  t.option("--max-cot", o.max_cot, "N", "longest chain, in tokens").range(0, 1e6);
  t.option("--max-prompt", o.max_prompt, "N", "longest prompt, in tokens, template included").range(1, 1e6);
  t.option("--template", o.prompt_template, "TEXT", "wording around the prompt: a name (plain, reasongen-r1, "
           "reasongen-r1-rl, got-r1, t2i-r1) or a text with {}").default_text("reasongen-r1; plain in mode direct, t2i-r1 in two-pass");
  t.option("--system", o.system, "TEXT", "goes before the prompt").default_text("nothing; in mode two-pass what the assistant is for");
  t.option("--chat", o.chat, "FORMAT", "chat roles").choices({"janus", "t2i-r1", "none"});
  t.option("--rows", o.rows, "N", "decoder rows at once; 0 chooses").range(0, 1e6);
  t.option("--max-memory", o.max_memory, "SIZE", "what weights and cache may take, as 24G; decides --rows");
  t.toggle("--no-images", o.no_images, "do not decode and write pictures");
  t.toggle("--text", o.text, "prompts are plain lines");
  t.toggle("--list-prompts", o.list_prompts, "draw nothing: hand on the prompts that can be drawn, so that with --max-bad none "
           "that is too long ends a run");
  t.toggle("--follow", o.follow, "stay up and take each new policy version");
  t.option("--batch", o.batch, "P", "prompts drawn together; with --follow those of a policy version").range(1, 1e9)
      .default_text("512; with --follow 32");
  t.toggle("--refill", o.refill, "with --follow: draw another batch for the same version when grpo-step --refill asks for it");
  t.option("--max-staleness", o.max_staleness, "K", "versions that a batch may lie behind").range(0, 1e6);
  cli::add_seed_option(t, o.seed);
  cli::add_stream_options(t, o.stream);
  cli::add_compute_options(t, o.compute);
}

void list_prompts(const Options& o, const sample::PromptEncoder& encoder, jsonl::LineReader& reader) {
  jsonl::Writer writer(o.stream.output);
  record::for_each_prompt(reader, o.text, o.stream.max_bad, [&](record::Prompt& prompt) {
    encoder.encode(prompt);
    writer.write(prompt.fields);
    return true;
  });
  writer.close();
}

void run(const Options& o) {
  if (o.refill && (!o.follow || o.max_staleness > 0)) base::fail_usage("--refill needs --follow, and --max-staleness 0");
  if (o.max_staleness > 0 && !o.follow) base::fail_usage("--max-staleness needs --follow");
  if (o.follow && !jsonl::is_stream(o.stream.output)) {
    base::fail_usage("--follow hands on each batch as it is drawn, and --output FILE appears when all is done",
                     "write to standard output: sample-group --follow ... > FILE");
  }
  if (o.out.empty() && !o.list_prompts) base::fail_usage("--out is required");
  const auto compute = tensor::set_up_compute(o.compute.device, o.compute.dtype, o.compute.threads);
  record::Manifest manifest("sample-group", cli::command_line());
  manifest.ran_on(tensor::libtorch_version(), o.compute.device);
  manifest.seed(o.seed);
  jsonl::LineReader reader(o.stream.input);
  reader.keep_digest();
  const text::Tokenizer tokenizer = text::Tokenizer::load(o.policy);
  const sample::Mode mode = sample::parse_mode(o.mode);
  const sample::PromptEncoder encoder(tokenizer, {.mode = mode, .template_name = o.prompt_template, .chat = o.chat,
                                                  .system = o.system, .max_tokens = o.max_prompt});
  if (o.list_prompts) return list_prompts(o, encoder, reader);

  sample::SampleOptions options;
  options.direct = mode == sample::Mode::kDirect;
  options.two_pass = mode == sample::Mode::kTwoPass;
  options.temperature = o.temperature;
  options.cfg_weight = o.cfg_weight;
  options.max_cot = options.direct ? 0 : o.max_cot;
  options.max_prompt = o.max_prompt;
  if (options.two_pass) options.max_image_prompt = o.max_prompt + o.max_cot + 1;
  options.seed = o.seed;

  sample::RolloutWriterOptions into;
  into.folder = o.out;
  into.images = !o.no_images;
  into.group_size = o.group;
  into.sampling = {.mode = o.mode, .seed = o.seed, .temperature = o.temperature, .cfg_weight = o.cfg_weight,
                   .max_cot = options.max_cot, .chat = o.chat, .template_ = encoder.template_text(),
                   .dtype = o.compute.dtype, .system = o.system};
  record::make_output_folder(o.out);  // the records may go there, too
  jsonl::Writer writer(o.stream.output);
  sample::RolloutWriter rollouts(into, tokenizer, [&](const jsonl::Object& r) { writer.write(r); });

  // Prompts are read as they are needed; those of a batch share a policy.
  std::vector<std::pair<record::Prompt, std::vector<int32_t>>> pending;
  base::Progress progress("rollouts", 0);
  sample::PolicyFollower follower(o.policy, compute.device, compute.dtype, o.max_staleness);
  sample::FittedSampler fitted(options, o.rows, cli::parse_size("--max-memory", o.max_memory));
  std::string first_policy;
  const auto draw = [&] {
    if (pending.empty()) return;
    const model::Policy& policy = follower.current();
    rollouts.set_policy(policy);
    size_t longest = 0, next = 0;
    for (const auto& [prompt, ids] : pending) longest = std::max(longest, ids.size());
    fitted.fit(policy, static_cast<int64_t>(longest), static_cast<int64_t>(pending.size()) * o.group).run(
        [&]() -> std::optional<sample::SampleJob> {
          if (next == pending.size()) return std::nullopt;
          auto& [prompt, ids] = pending[next++];
          auto job = rollouts.open_group(prompt, std::move(ids));
          if (options.two_pass) {
            job.image_prompt = [&encoder, &tokenizer, &options, text = prompt.prompt](const std::vector<int32_t>& chain) {
              return encoder.encode_second(text, sample::chain_text(tokenizer, chain), options.max_image_prompt);
            };
          }
          return job;
        },
        [&](sample::SampledRollout r) {
          rollouts.add(std::move(r));
          progress.add();
        });
    rollouts.flush();
    writer.flush();
    pending.clear();
    if (first_policy.empty()) first_policy = policy.digest();
    manifest.input("policy", first_policy);
    if (o.follow) manifest.input("last_policy", policy.digest());
  };
  const auto batch = static_cast<size_t>(o.batch.value_or(o.follow ? 32 : 512));
  record::for_each_prompt(reader, o.text, o.stream.max_bad, [&](record::Prompt& prompt) {
    auto ids = encoder.encode(prompt);  // a prompt that is too long is that record's error
    if (pending.empty() && o.follow && !follower.wait_for_turn(o.refill)) return false;
    pending.emplace_back(std::move(prompt), std::move(ids));
    if (pending.size() == batch) draw();
    return true;
  });
  draw();
  if (rollouts.written() == 0) base::warn("no prompts came in");
  manifest.input("prompts", reader.digest());
  manifest.count("rollouts", rollouts.written());
  manifest.write(o.out);
  writer.close();
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<Options>(argc, argv, "sample-group", declare, run);
}
