// Shards: safetensors in one zstd frame with content size and checksum (schemas/shard.md).
// Ragged fields are a flat tensor NAME_x plus int64 offsets [rows + 1].
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tensor/safetensors.h"

namespace easel::tensor {

// Reads .safetensors (mapped) or .safetensors.zst (into memory). Throws Error naming the file.
Safetensors read_shard(const std::filesystem::path& path);

// Writes .safetensors.zst or .safetensors, by the name's ending.
void write_shard(const std::filesystem::path& path, const NamedTensors& tensors,
                 const Metadata& metadata);

// Rows of ragged values gathered one by one, then made into (flat, offsets).
template <class T>
class RaggedBuilder {
 public:
  void add(const std::vector<T>& row) {
    flat_.insert(flat_.end(), row.begin(), row.end());
    offsets_.push_back(static_cast<int64_t>(flat_.size()));
  }
  torch::Tensor flat() const {
    return torch::tensor(flat_, torch::CppTypeToScalarType<T>::value);
  }
  torch::Tensor offsets() const { return torch::tensor(offsets_, torch::kInt64); }

 private:
  std::vector<T> flat_;
  std::vector<int64_t> offsets_{0};
};

// The part of `flat` that is row `row`; checks the offsets. Throws Error.
torch::Tensor ragged_row(const Safetensors& shard, const torch::Tensor& flat,
                         const torch::Tensor& offsets, int64_t row);

// Opens each shard once, the last few kept: records of one run refer to few shards.
class ShardCache {
 public:
  explicit ShardCache(std::string root = "") : root_(std::move(root)) {}
  const Safetensors& open(const std::string& path);

 private:
  std::string root_;
  std::map<std::string, std::shared_ptr<Safetensors>> open_;
  std::vector<std::string> order_;
};

}  // namespace easel::tensor
