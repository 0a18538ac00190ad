// A policy folder: a Janus checkpoint plus easel.json
// (policy version and lineage). Read-only for everyone but cot-sft and grpo-step.
#pragma once

#include <filesystem>
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
  std::string digest;                // of config, tokenizer, weights and adapter
  std::optional<LoraConfig> adapter;  // of the model's projections, unless it was merged
};

struct LoadOptions {
  torch::Device device = torch::kCPU;
  torch::Dtype dtype = torch::kFloat32;
  // Nobody will write to the weights: large ones of the same type stay in the mapped file, and an adapter is
  // merged.
  bool read_only = false;
};

// Reads the folder, in transformers' layout or DeepSeek's. Throws Error naming the file and the tensor:
// missing, unexpected, wrong shape.
Policy load_policy(const std::filesystem::path& folder, const LoadOptions& options = {});

// Throws Error with a list of the weights that are missing, and of those that `model` does not have, or naming
// the first of another shape.
void require_weights(Janus& model, const Weights& weights);

// Version, lineage and digest alone, without reading the weights into memory.
int64_t policy_version(const std::filesystem::path& folder);
std::vector<std::string> policy_lineage(const std::filesystem::path& folder);
std::string policy_digest(const std::filesystem::path& folder);

// Writes easel.json and the tokenizer's files, copied from `tokenizer_folder`, into an existing folder.
void write_policy_files(const std::filesystem::path& into, int64_t version, const std::vector<std::string>& lineage,
                        const std::filesystem::path& tokenizer_folder);
// The same with config and weights as `dtype`.
void write_policy(const std::filesystem::path& into, Janus& model, int64_t version,
                  const std::vector<std::string>& lineage,
                  const std::filesystem::path& tokenizer_folder,
                  torch::Dtype dtype = torch::kFloat32);
// The same of a policy whose adapter alone changes: what stands in the folder `base` is put into the new one as it
// is, weights as links where the file system has them, and the adapter beside it.
void write_adapted_policy(const std::filesystem::path& into, Janus& model, const LoraConfig& adapter, int64_t version,
                          const std::vector<std::string>& lineage, const std::filesystem::path& base);

}  // namespace easel::model
