// janus-convert: a checkpoint in another layout or type. A policy folder -> a policy folder.
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "model/adapter.h"
#include "model/convert.h"
#include "model/policy.h"
#include "model/preprocessor.h"
#include "model/token_ids.h"
#include "record/manifest.h"
#include "tensor/compute.h"
#include "text/bpe_trainer.h"
#include "text/extend_tokenizer.h"
#include "train/new_policy.h"

namespace {

using namespace easel;

struct Options {
  std::string policy, to = "transformers", dtype = "keep", adapter, out;
  std::vector<std::string> add_tokens;
  bool merge_lora = false;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("write a Janus checkpoint in another layout or type");
  t.usage("--policy DIR --to transformers|deepseek [--dtype T] [--merge-lora [--adapter DIR]] [--add-token TOKEN]... --out DIR");
  t.description(
      "Reads a checkpoint in transformers' layout (model_type janus) or DeepSeek's (multi_modality), from "
      "safetensors or torch.save files, in one file or in parts, and writes one model.safetensors in the layout "
      "that --to names, with its config.json and the tokenizer's files where there are any. One tensor is in memory at a time. "
      "Of DeepSeek's files SigLIP's pooling head and the count of used codes are dropped: nothing computes with "
      "them. A pickle is read for its tensors only; one that names anything else is refused.");
  t.example("janus-convert --policy Janus-Pro-1B --to transformers --out run/janus-pro-1b");
  t.example("janus-convert --policy Janus-Pro-1B --to transformers --add-token got --out run/for-got-r1");
  t.see_also({"janus-init", "sample-group", "shard-cat"});
  t.option("--policy", o.policy, "DIR", "checkpoint to read").required();
  t.option("--to", o.to, "LAYOUT", "naming to write").choices({"transformers", "deepseek"});
  t.option("--dtype", o.dtype, "T", "type of the weights; keep: each as it is")
      .choices({"keep", "float32", "bfloat16", "float16"});
  t.toggle("--merge-lora", o.merge_lora, "put the policy's adapter into its weights; without it a policy that has "
           "one is refused");
  t.option("--adapter", o.adapter, "DIR", "with --merge-lora: a folder with the adapter, of a policy that has none itself");
  t.option("--add-token", o.add_tokens, "TOKEN", "a token that the tokenizer is to have, in one of the embedding's spare rows; "
           "got: the four of GoT's chains; may be given several times");
  t.option("--out", o.out, "DIR", "policy folder to make").required();
}

void add_tokens(const std::vector<std::string>& names, const model::JanusConfig& config, const base::fs::path& folder) {
  std::vector<std::string> tokens;
  for (const auto& name : names) {
    if (name == "got") {
      tokens.insert(tokens.end(), text::got_tokens().begin(), text::got_tokens().end());
    } else {
      tokens.push_back(name);
    }
  }
  const auto ids = text::extend_tokenizer(folder, tokens, config.text.vocab_size);
  for (size_t i = 0; i < ids.size(); ++i) base::note(base::cat("token ", ids[i], ": ", tokens[i]));
}

// The folder whose adapter goes into the weights; empty: there is none.
std::string adapter_to_merge(const Options& o) {
  if (!o.adapter.empty() && !o.merge_lora) base::fail_usage("--adapter needs --merge-lora");
  if (model::has_adapter(o.policy) && (!o.merge_lora || !o.adapter.empty())) {
    if (o.merge_lora) base::fail(base::cat(o.policy, ": has an adapter already; expected none beside --adapter"));
    base::fail(base::cat(o.policy, ": has an adapter, which has no place in a checkpoint of one file"),
               "--merge-lora puts it into the weights");
  }
  const std::string folder = o.adapter.empty() ? o.policy : o.adapter;
  if (o.merge_lora && !model::has_adapter(folder)) base::fail(base::cat(folder, ": has no adapter to merge"));
  return o.merge_lora ? folder : "";
}

void run(const Options& o) {
  record::Manifest manifest("janus-convert", cli::command_line());
  manifest.ran_on(tensor::libtorch_version(), "cpu");
  train::require_replaceable(o.out);
  const model::Weights weights = model::Weights::map(o.policy);
  model::JanusConfig config = model::JanusConfig::load(o.policy);
  model::require_usual_preprocessor(o.policy, config.vision);
  if (weights.has("lm_head.weight")) config.text.tie_word_embeddings = false;
  model::adopt_token_ids(config.ids, base::fs::path(o.policy));
  model::Conversion conversion;
  if (o.to == "deepseek") conversion.to = model::Layout::kDeepSeek;
  if (o.dtype != "keep") conversion.dtype = tensor::parse_dtype(o.dtype);

  conversion.adapter = adapter_to_merge(o);
  if (!o.add_tokens.empty() && !base::fs::exists(base::fs::path(o.policy) / "tokenizer.json")) {
    base::fail(base::cat(o.policy, ": has no tokenizer.json to add tokens to"));
  }

  base::AtomicFolder into(o.out);
  model::convert_checkpoint(weights, config, conversion, into.path());
  manifest.count("tensors", static_cast<int64_t>(weights.others({}).size()));
  manifest.input("policy", model::policy_digest(o.policy));
  if (!o.adapter.empty()) manifest.input("adapter", model::adapter_digest(o.adapter));
  std::vector<std::string> lineage = model::policy_lineage(o.policy);
  const std::string made = manifest.finish().str();
  lineage.push_back(made);
  model::write_policy_files(into.path(), model::policy_version(o.policy), lineage, o.policy);
  if (!o.add_tokens.empty()) add_tokens(o.add_tokens, config, into.path());
  base::write_file(into.path() / "manifest.json", made + "\n");
  into.commit();
}

}  // namespace

int main(int argc, char** argv) { return cli::run_tool<Options>(argc, argv, "janus-convert", declare, run); }
