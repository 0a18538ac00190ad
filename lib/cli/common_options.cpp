#include "cli/common_options.h"

#include <limits>

#include "base/device.h"
#include "base/error.h"
#include "base/strings.h"
#include "cli/run_tool.h"

namespace easel::cli {

void add_input_option(OptionTable& table, StreamOptions& o) {
  table.begin_common();
  table.option("--input", o.input, "FILE", "read records from FILE (.gz and .zst too); - is stdin");
  table.option("--max-bad", o.max_bad, "N", "go on past N bad records, each reported on stderr")
      .range(0, std::numeric_limits<double>::infinity());
  table.end_common();
}

void add_stream_options(OptionTable& table, StreamOptions& o) {
  add_input_option(table, o);
  table.begin_common();
  table.option("--output", o.output, "FILE", "write records to FILE, whole or not at all; - is stdout");
  table.end_common();
}

void add_seed_option(OptionTable& table, int64_t& seed) {
  table.begin_common();
  table.option("--seed", seed, "N", "every random draw is a function of this seed and the record");
  table.end_common();
}

void add_compute_options(OptionTable& table, ComputeOptions& o) {
  table.begin_common();
  table.option("--threads", o.threads, "N", "processor threads; 0 is one per core").range(0, 4096);
  table.option("--device", o.device, "DEVICE", "cpu, cuda or cuda:N");
  table.option("--dtype", o.dtype, "TYPE", "arithmetic")
      .choices({"float32", "bfloat16", "float16"});
  table.end_common();
}

const char* const kGeneratorParts =
    "embeddings, decoder, text_head, generation_embeddings (or gen_embed), generation_aligner (gen_aligner) or "
    "generation_head (gen_head); vision_tower, aligner and image_tokenizer (gen_vision_model) always stay";

void add_sft_options(OptionTable& t, SftOptions& o) {
  t.option("--policy", o.policy, "DIR", "policy folder to start from").required();
  t.option("--out", o.out, "DIR", "policy folder to write").required();
  t.option("--epochs", o.epochs, "N", "passes over the annotations, in whole batches").range(1e-6, 1e9);
  t.option("--steps", o.steps, "N", "optimizer steps, instead of --epochs; 0 is unset").range(0, 1e9);
  t.option("--batch", o.batch, "N", "sequences an optimizer step").range(1, 1e6);
  t.option("--microbatch-tokens", o.microbatch_tokens, "N", "tokens a forward pass; gradients are accumulated")
      .range(1, 1e9);
  t.option("--lr", o.learning_rate, "RATE", "peak learning rate").range(0, 10);
  t.option("--lr-decay", o.decay, "KIND", "after warm-up").choices({"cosine", "linear", "constant"});
  t.option("--warmup", o.warmup_share, "SHARE", "of the steps, linear").range(0, 1);
  t.option("--weight-decay", o.weight_decay, "W", "AdamW's, on matrices").range(0, 10);
  t.option("--beta1", o.beta1, "B", "AdamW's").range(0, 0.999999);
  t.option("--beta2", o.beta2, "B", "AdamW's").range(0, 0.999999);
  t.option("--clip", o.max_gradient_norm, "NORM", "largest gradient norm; 0 is off").range(0, 1e9);
  t.option("--checkpoint-every", o.checkpoint_every, "N", "steps between checkpoints; 0 is only at the end").range(0, 1e9);
  t.option("--weights-dtype", o.weights_dtype, "TYPE", "of the finished policy's weights on disk")
      .choices({"float32", "bfloat16"})
      .default_text("as in the run: --dtype for what is trained");
  add_seed_option(t, o.seed);
}

std::vector<std::string> sft_settings() {
  return settings({"--out", "--threads", "--input", "--output", "--checkpoint-every", "--quiet", "--progress", "--recompute",
                   "--max-memory", "--policy", "--root"});
}

void add_trained_options(OptionTable& table, TrainedOptions& o, const std::string& parts) {
  table.option("--freeze", o.freeze, "PART", base::cat("leave a part as it is: ", parts, "; may be given several times"));
  table.option("--lora-rank", o.lora_rank, "R", "train a low-rank adapter of the decoder alone; 0 trains the weights")
      .range(0, 65536);
  table.option("--lora-alpha", o.lora_alpha, "A", "scale of the adapter: A / R").range(0, 1e6);
  table.option("--lora-target", o.lora_targets, "NAME",
               "a projection that gets an adapter: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj or down_proj; may "
               "be given several times (without it: all)");
  table.toggle("--recompute", o.recompute,
               "keep only each layer's input for the backward pass and compute the layer again there: much less memory, "
               "a third more work, the same bits");
  table.toggle("--optimizer-8bit", o.optimizer_8bit,
               "hold the optimizer's moments of matrices in eight bits, in blocks with a scale each");
  table.toggle("--stochastic-rounding", o.stochastic_rounding,
               "with --dtype bfloat16: round updated weights up or down by chance, without bias, instead of keeping a "
               "float32 copy of each");
  table.toggle("--optimizer-on-host", o.optimizer_on_host,
               "with --device cuda: hold the optimizer's state in the processor's memory and update there");
  table.option("--max-memory", o.max_memory, "SIZE",
               "refuse to start when more would be needed, as 24G (without it: than is free)");
}

void add_endpoint_options(OptionTable& table, EndpointOptions& o, const std::string& model_flag) {
  table.option("--endpoint", o.endpoints, "URL",
               "an OpenAI-compatible server, as https://host/v1; several share the questions, and one that fails is left "
               "alone for a while");
  table.option(model_flag, o.model, "NAME", "the model to ask, by the name that the endpoint knows");
  table.option("--key-env", o.key_env, "VAR", "environment variable that holds the endpoint's key");
  table.toggle("--allow-plain-http", o.allow_plain_http, "let the key go to another machine over http");
  table.option("--concurrency", o.concurrency, "N", "questions at work at once").range(1, 4096);
  table.option("--retries", o.retries, "N",
               "times that a failed call is made again: no connection, too late, 408, 409, 425, 429, 5xx, a body that is "
               "no answer; waits double, or last as long as the server asks; ten times as often where a server that answers "
               "others says that calls are too many (429, or 503 with a time); an answer that is of no use is asked for twice more, "
               "whatever N")
      .range(0, 1000);
  table.option("--connect-timeout", o.connect_timeout, "S", "seconds until there is a connection").range(0.001, 1e6);
  table.option("--timeout", o.timeout, "S", "seconds of a whole call").range(0.001, 1e6);
  table.option("--requests-per-minute", o.requests_per_minute, "N", "limit of calls; 0 is none").range(0, 1e9);
  table.option("--tokens-per-minute", o.tokens_per_minute, "N", "limit of tokens, both ways; 0 is none").range(0, 1e12);
  table.option("--picture-size", o.picture_size, "N", "pictures are sent as PNG, at most N pixels wide and high").range(1, 8192);
  table.option("--model-temperature", o.temperature, "T", "of the model's answers").range(0, 2);
  table.option("--cache", o.cache, "DIR", "keep answers there, and take those that are there instead of asking again");
}

std::optional<int64_t> parse_size(const std::string& flag, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto size = base::parse_bytes(text);
  if (!size) base::fail_usage(base::cat(flag, ": expected a size like 24G, got ", base::quote(text)));
  return size;
}

void require_plain_cpu(const ComputeOptions& o) {
  if (o.dtype != "float32") base::fail_usage(base::cat("--dtype: this program computes in float32, got ", o.dtype));
  if (base::parse_device(o.device) != base::kCpu) {
    base::fail(base::cat("--device: this program computes on the CPU, got ", base::quote(o.device)));
  }
}

}  // namespace easel::cli
