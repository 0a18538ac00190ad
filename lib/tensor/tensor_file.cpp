#include "tensor/tensor_file.h"

#include <cstring>

#include "tensor/safetensors.h"
#include "tensor/torch_file.h"

namespace easel::tensor {

std::unique_ptr<TensorFile> map_tensor_file(const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  if (ending == ".bin" || ending == ".pt" || ending == ".pth") return std::make_unique<TorchFile>(TorchFile::map(path));
  auto file = std::make_unique<Safetensors>(Safetensors::map(path));
  file->require_readable();
  return file;
}

torch::Tensor view_bytes(const char* data, torch::IntArrayRef shape, torch::Dtype dtype,
                         const std::shared_ptr<const void>& owner) {
  const auto options = torch::TensorOptions().dtype(dtype);
  const size_t size = c10::elementSize(dtype);
  if (reinterpret_cast<uintptr_t>(data) % size != 0) {
    torch::Tensor copy = torch::empty(shape, options);
    if (copy.numel() > 0) std::memcpy(copy.data_ptr(), data, copy.nbytes());
    return copy;
  }
  return torch::from_blob(const_cast<char*>(data), shape, [owner](void*) {}, options);
}

}  // namespace easel::tensor
