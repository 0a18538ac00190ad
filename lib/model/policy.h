// A policy folder: a Janus checkpoint in transformers' layout plus easel.json
// (policy version and lineage). Read-only for everyone but cot-sft and grpo-step.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/janus.h"

namespace easel::model {

struct Policy {
  Janus model;
  std::filesystem::path folder;
  int64_t version = 0;
  std::vector<std::string> lineage;  // JSON text of the manifests that made it, oldest first
  std::string digest;                // of config, tokenizer and weights
};

// Reads the folder. Weights are copied into aligned memory in `dtype` on `device`.
// Throws Error naming the file and the tensor: missing, unexpected, wrong shape.
Policy load_policy(const std::filesystem::path& folder, torch::Device device = torch::kCPU,
                   torch::Dtype dtype = torch::kFloat32);

// Version and digest alone, without reading the weights into memory.
int64_t policy_version(const std::filesystem::path& folder);
std::string policy_digest(const std::filesystem::path& folder);

// Writes into an existing (temporary) folder: config, weights as `dtype`, easel.json, and the
// tokenizer's files copied from `tokenizer_folder`.
void write_policy(const std::filesystem::path& into, Janus& model, int64_t version,
                  const std::vector<std::string>& lineage,
                  const std::filesystem::path& tokenizer_folder,
                  torch::Dtype dtype = torch::kFloat32);

}  // namespace easel::model
