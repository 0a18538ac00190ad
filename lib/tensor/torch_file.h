// Checkpoints in the zip format of torch.save (pytorch_model.bin): a pickle that says which tensors there
// are, and their bytes, stored as they are.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "tensor/pickle.h"
#include "tensor/tensor_file.h"
#include "tensor/zip_file.h"

namespace easel::tensor {

class TorchFile : public TensorFile {
 public:
  // Maps the file: a tensor's pages are read when it is used. Tensors keep the mapping alive. Nothing of the
  // pickle is run (tensor/pickle.h). Throws Error naming file and place.
  static TorchFile map(const std::filesystem::path& path);

  std::vector<std::string> names() const override;  // in the state dict's order
  bool has(const std::string& name) const override { return index_.count(name) > 0; }
  torch::Tensor get(const std::string& name) const override;  // strided as it was saved
  void check(const std::string& name) const override;         // by the checksum of its storage
  void release_pages() const override { file_->release_pages(); }
  const std::string& file() const override { return name_; }

 private:
  const PickledTensor& tensor(const std::string& name) const;
  std::string member(const PickledTensor& tensor) const { return folder_ + "data/" + tensor.storage; }
  std::string name_, folder_;  // of the archive's members: "archive/"
  std::shared_ptr<const base::MappedFile> file_;
  std::shared_ptr<const ZipFile> zip_;
  std::vector<PickledTensor> tensors_;
  std::map<std::string, size_t> index_;
};

}  // namespace easel::tensor
