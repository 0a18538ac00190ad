// A policy folder: a Janus checkpoint plus easel.json
// (policy version and lineage). Read-only for everyone but cot-sft and grpo-step.
#pragma once

#include <filesystem>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/janus.h"
#include "model/weights.h"

namespace easel::model {

struct Policy {
  Janus model;
  std::filesystem::path folder;
  int64_t version = 0;
  std::vector<std::string> lineage;  // JSON text of the manifests that made it, oldest first
  int64_t load = 0;                  // number of this process's load_policy that made it
  std::optional<LoraConfig> adapter;  // of the model's projections, unless it was merged
  // Of config, tokenizer, weights and adapter as they were loaded; empty for a policy that was not. A thread reads
  // all of them for it while the policy is used already; the call waits for that.
  std::string digest() const { return pending_digest.valid() ? pending_digest.get() : ""; }
  std::shared_future<std::string> pending_digest;
};

// What is going to be done with a policy. Large weights that nobody writes to stay in the mapped file where they
// are of the wanted type.
enum class Use {
  kChange,  // any weight may be written to
  kTrain,   // those of the generator may; the others are only passed on, and stay as they are stored
  kAdapt,   // none but an adapter's; the others as with kTrain
  kScore,   // none: log-probs of the generator; an adapter is merged, the others stay as they are stored
  kRead,    // none: anything else; an adapter is merged, and what the decoder multiplies together lies together
};

struct LoadOptions {
  torch::Device device = torch::kCPU;
  torch::Dtype dtype = torch::kFloat32;
  Use use = Use::kChange;
};

// Reads the folder, in transformers' layout or DeepSeek's; the ids of its config are its tokenizer's, where it has one
// (token_ids.h). Throws Error naming the file and the tensor: missing, unexpected, wrong shape.
Policy load_policy(const std::filesystem::path& folder, const LoadOptions& options = {});

// The weights that may stay in their mapped file, each with its type, where that is wanted and nobody writes to them: large
// ones that lie there as a copy would lie in memory (kernels choose their path by alignment). Python's safetensors aligns
// tensors to 8 bytes, so that it is chance there. An adapter that is merged into them makes new ones.
std::map<std::string, torch::Dtype> weights_in_place(const std::filesystem::path& folder);

// Throws Error with a list of the weights that are missing, and of those that `model` does not have, or naming
// the first of another shape.
void require_weights(Janus& model, const Weights& weights);

// Version, lineage and digest alone, without loading the weights.
int64_t policy_version(const std::filesystem::path& folder);
std::vector<std::string> policy_lineage(const std::filesystem::path& folder);
std::string policy_digest(const std::filesystem::path& folder);

// Writes easel.json and the tokenizer's files, copied from `tokenizer_folder`, into an existing folder.
void write_policy_files(const std::filesystem::path& into, int64_t version, const std::vector<std::string>& lineage,
                        const std::filesystem::path& tokenizer_folder);
// The values of a parameter, by its name and shape: for one that has none.
using ParameterValues = std::function<Tensor(const std::string& name, const Tensor& shape)>;
// The same with config and weights as `dtype`, or each in the type that it has. Parameters without values get those of
// `values`, one at a time, as they are written.
void write_policy(const std::filesystem::path& into, Janus& model, int64_t version,
                  const std::vector<std::string>& lineage,
                  const std::filesystem::path& tokenizer_folder,
                  std::optional<torch::Dtype> dtype = std::nullopt, const ParameterValues& values = nullptr);
// The same of a policy whose adapter alone changes: what stands in the folder `base` is put into the new one as it
// is, weights as links where the file system has them, and the adapter beside it.
void write_adapted_policy(const std::filesystem::path& into, Janus& model, const LoraConfig& adapter, int64_t version,
                          const std::vector<std::string>& lineage, const std::filesystem::path& base);

}  // namespace easel::model
