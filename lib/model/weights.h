// The weights of a checkpoint folder, whatever its files (safetensors or torch.save, one or parts with an
// index) and whatever its naming, under transformers' names.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/layout.h"
#include "tensor/tensor_file.h"

namespace easel::model {

// The files: model.safetensors, or the parts of its index, or the same of pytorch_model.bin.
// Throws Error naming what is missing.
std::vector<std::filesystem::path> weight_files(const std::filesystem::path& folder);

// Names for a message: all of them up to twenty, then how many more there are.
std::string listed(const std::vector<std::string>& names);

class Weights {
 public:
  static Weights map(const std::filesystem::path& folder);

  Layout layout() const { return layout_; }
  const std::filesystem::path& folder() const { return folder_; }
  bool has(const std::string& name) const;
  // A view of the file's bytes, of the shape that transformers gives it; do not write to it. Its bytes are
  // checked where the format has a checksum. Throws Error naming file and tensor: missing, damaged, no
  // floating point.
  torch::Tensor get(const std::string& name) const;
  // The bytes of all tensors, on every core; and then the view without a check of its own.
  void check() const;
  torch::Tensor view(const std::string& name) const;
  // Its shape and type, without reading or checking its bytes.
  std::vector<int64_t> shape(const std::string& name) const;
  torch::Dtype dtype(const std::string& name) const;
  // "FILE: tensor NAME", as the file calls it, for errors about its contents.
  std::string where(const std::string& name) const;
  // Tensors that are none of these, in the files' own names and order.
  std::vector<std::string> others(const std::vector<std::string>& names) const;
  // Extents of a tensor by the files' own name; empty when there is none.
  std::vector<int64_t> stored_shape(const std::string& stored_name) const;
  void release_pages() const;

 private:
  struct Stored {
    size_t part;
    std::string name;  // in the file, with what wraps it
  };
  const Stored* find(const std::string& name) const;
  std::filesystem::path folder_;
  Layout layout_ = Layout::kTransformers;
  std::vector<std::unique_ptr<tensor::TensorFile>> parts_;
  std::vector<std::string> order_;
  std::map<std::string, Stored> stored_;  // by name without what wraps it
};

}  // namespace easel::model
