// The safetensors format: eight bytes of header length, a JSON header, then the tensors' bytes.
// https://github.com/huggingface/safetensors (format section of its README)
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "tensor/tensor_file.h"

namespace easel::tensor {

using Metadata = std::map<std::string, std::string>;

// A file's tensors by name. The bytes are checked against the header when it is read: offsets in
// range and not overlapping, sizes as dtype and shape say. Throws Error naming file and place. A tensor of a
// type that nothing here computes with (U16, F8_E4M3) can be described, but not got.
class Safetensors : public TensorFile {
 public:
  // Maps the file: a tensor's pages are read when it is used. Tensors keep the mapping alive.
  static Safetensors map(const std::filesystem::path& path);
  // From bytes in memory (a decompressed shard).
  static Safetensors parse(std::string bytes, const std::string& name);

  // What the header says of a tensor.
  struct Entry {
    std::string code;                   // the dtype as the format spells it: "F32"
    std::optional<torch::Dtype> dtype;  // absent: get() refuses it
    std::vector<int64_t> shape;
    uint64_t begin, end;  // of the data
  };
  const Entry& entry(const std::string& name) const;  // throws Error when absent
  // Throws Error unless every tensor can be got: of a checkpoint nothing may be left out.
  void require_readable() const;

  std::vector<std::string> names() const override;
  bool has(const std::string& name) const override { return entries_.count(name) > 0; }
  torch::Tensor get(const std::string& name) const override;
  // The same, checked: throws Error for another dtype or another number of dimensions.
  torch::Tensor get(const std::string& name, torch::Dtype dtype, int64_t dimensions) const;
  void check(const std::string&) const override {}  // the format has no checksum
  void release_pages() const override;
  const Metadata& metadata() const { return metadata_; }
  const std::string& file() const override { return name_; }
  uint64_t bytes() const { return size_; }

 private:
  void read_header(const char* data, size_t size);
  torch::Dtype dtype_of(const std::string& name) const;
  std::string name_;
  std::shared_ptr<const void> owner_;
  const base::MappedFile* mapped_ = nullptr;  // the owner, unless the bytes were given
  const char* data_ = nullptr;  // first tensor's byte 0
  uint64_t size_ = 0;
  std::map<std::string, Entry> entries_;
  std::vector<std::string> order_;
  Metadata metadata_;
};

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

// Written tensor by tensor, in the order in which they were declared, whose bytes need not be in memory at
// once. The file appears whole or not at all.
class SafetensorsWriter {
 public:
  struct Declared {
    std::string name;
    torch::Dtype dtype;
    std::vector<int64_t> shape;
  };
  SafetensorsWriter(const std::filesystem::path& path, std::vector<Declared> tensors, const Metadata& metadata);
  // The next tensor, of the shape that was declared. One of another type is converted, some rows at a time.
  void write(const torch::Tensor& tensor);
  void commit();

 private:
  base::AtomicFile file_;
  std::vector<Declared> tensors_;
  size_t next_ = 0;
};

// The file's bytes. The header is padded so that the data starts at a multiple of 64.
std::string to_safetensors(const NamedTensors& tensors, const Metadata& metadata);
// Written tensor by tensor: no copy of the whole. The file appears whole or not at all.
void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                       const Metadata& metadata);

}  // namespace easel::tensor
