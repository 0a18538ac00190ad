// Options that many programs share, declared in one place so that they read the same everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/option_table.h"

namespace easel::cli {

// Filters: stdin to stdout unless named.
struct StreamOptions {
  std::string input = "-";
  std::string output = "-";
  int64_t max_bad = 0;
};
void add_stream_options(OptionTable& table, StreamOptions& o);
void add_input_option(OptionTable& table, StreamOptions& o);  // --input, --max-bad alone

void add_seed_option(OptionTable& table, int64_t& seed);

struct ComputeOptions {
  int64_t threads = 0;  // 0: all cores
  std::string device = "cpu";
  std::string dtype = "float32";
};
void add_compute_options(OptionTable& table, ComputeOptions& o);

// For programs that train a policy: all of its generator, parts of it, or an adapter; and what memory that takes.
struct TrainedOptions {
  std::vector<std::string> freeze, lora_targets;
  int64_t lora_rank = 0;
  double lora_alpha = 32;
  bool recompute = false, stochastic_rounding = false, optimizer_8bit = false, optimizer_on_host = false;
  std::string max_memory;
};
// `parts` names those that --freeze knows.
void add_trained_options(OptionTable& table, TrainedOptions& o, const std::string& parts);
extern const char* const kGeneratorParts;

// For programs that fine-tune a policy into a new folder.
struct SftOptions {
  std::string policy, out, decay = "cosine", weights_dtype;
  double epochs = 1;
  int64_t steps = 0, batch = 128, microbatch_tokens = 8192, checkpoint_every = 200, seed = 0;
  double learning_rate = 1e-5, warmup_share = 0.05, max_gradient_norm = 1;
  double weight_decay = 0.01, beta1 = 0.9, beta2 = 0.95;
};
void add_sft_options(OptionTable& table, SftOptions& o);
// Of this process's command line: what a fine-tuning run depends on (run_tool.h, settings).
std::vector<std::string> sft_settings();

// For programs that ask models behind OpenAI-compatible endpoints.
struct EndpointOptions {
  std::vector<std::string> endpoints;
  std::string model, key_env, cache;
  int64_t concurrency = 16, retries = 8, picture_size = 768;
  double connect_timeout = 10, timeout = 300, requests_per_minute = 0, tokens_per_minute = 0, temperature = 0;
  bool allow_plain_http = false;
};
// `model_flag` names the model: --model or --judge-model.
void add_endpoint_options(OptionTable& table, EndpointOptions& o, const std::string& model_flag);

// Bytes of a size given as 24G; nullopt for an empty text. Throws UsageError naming the flag.
std::optional<int64_t> parse_size(const std::string& flag, const std::string& text);

// For programs whose arithmetic is on the CPU alone. Throws Error for another device, UsageError for
// another type: what cannot be had is said, and not passed over.
void require_plain_cpu(const ComputeOptions& o);

}  // namespace easel::cli
