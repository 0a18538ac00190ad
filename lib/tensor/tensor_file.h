// A file of named tensors, in either of the formats that checkpoints come in.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tensor/torch.h"

namespace easel::tensor {

class TensorFile {
 public:
  virtual ~TensorFile() = default;
  virtual std::vector<std::string> names() const = 0;  // in file order
  virtual bool has(const std::string& name) const = 0;
  // A view of the file's bytes, which live as long as it does; do not write to it. Throws Error when absent.
  virtual torch::Tensor get(const std::string& name) const = 0;
  // Throws Error when the tensor's bytes are not those that were saved, as far as the format can tell.
  virtual void check(const std::string& name) const = 0;
  // Gives back the memory of the pages that were read; they are read again when they are used.
  virtual void release_pages() const = 0;
  virtual const std::string& file() const = 0;
};

// Maps a file: torch.save's format by the endings .bin, .pt and .pth, else safetensors. Throws Error also for a tensor
// of a type that cannot be computed with.
std::unique_ptr<TensorFile> map_tensor_file(const std::filesystem::path& path);

// Bytes as a tensor that keeps `owner`; a copy where they do not stand as the type wants it.
torch::Tensor view_bytes(const char* data, torch::IntArrayRef shape, torch::Dtype dtype,
                         const std::shared_ptr<const void>& owner);

}  // namespace easel::tensor
