#include "tensor/torch_file.h"

#include "base/error.h"

namespace easel::tensor {

using base::cat;
using base::fail;
using base::quote;

namespace {

torch::Dtype dtype_of(const std::string& storage_type) {
  static const auto* table = new std::map<std::string, torch::Dtype>{
      {"DoubleStorage", torch::kFloat64}, {"FloatStorage", torch::kFloat32},   {"HalfStorage", torch::kFloat16},
      {"BFloat16Storage", torch::kBFloat16}, {"LongStorage", torch::kInt64},   {"IntStorage", torch::kInt32},
      {"ShortStorage", torch::kInt16},    {"CharStorage", torch::kInt8},       {"ByteStorage", torch::kUInt8},
      {"BoolStorage", torch::kBool}};
  return table->at(storage_type);
}

}  // namespace

TorchFile TorchFile::map(const std::filesystem::path& path) {
  TorchFile out;
  out.name_ = path.string();
  out.file_ = std::make_shared<base::MappedFile>(path);
  const std::string_view bytes = out.file_->bytes();
  if (bytes.starts_with('\x80')) {
    fail(cat(out.name_, ": a bare pickle, the format of torch.save before PyTorch 1.6; expected its zip format"),
         "load it in PyTorch and save it again");
  }
  out.zip_ = std::make_shared<ZipFile>(bytes, out.name_);
  const std::string pickle = out.zip_->find_ending("/data.pkl");
  if (pickle.empty()) fail(cat(out.name_, ": no data.pkl in it; not a file of torch.save"));
  out.folder_ = pickle.substr(0, pickle.size() - std::string("data.pkl").size());
  const std::string order = out.folder_ + "byteorder";
  if (out.zip_->has(order) && out.zip_->get(order) != "little") {
    fail(cat(out.name_, ": byte order ", quote(out.zip_->get(order)), "; expected little"));
  }
  out.zip_->check(pickle);
  out.tensors_ = read_state_dict(out.zip_->get(pickle), cat(out.name_, ": ", pickle));
  for (const PickledTensor& t : out.tensors_) {
    const std::string data = out.member(t);
    const uint64_t each = c10::elementSize(dtype_of(t.storage_type)), got = out.zip_->get(data).size();
    if (got % each != 0 || got / each != static_cast<uint64_t>(t.storage_size)) {
      fail(cat(out.name_, ": tensor ", quote(t.name), ": its storage of ", t.storage_size, " elements of ",
               t.storage_type, " has ", got, " bytes"));
    }
    out.index_[t.name] = static_cast<size_t>(&t - out.tensors_.data());
  }
  return out;
}

std::vector<std::string> TorchFile::names() const {
  std::vector<std::string> names;
  for (const PickledTensor& t : tensors_) names.push_back(t.name);
  return names;
}

const PickledTensor& TorchFile::tensor(const std::string& name) const {
  const auto found = index_.find(name);
  if (found == index_.end()) fail(cat(name_, ": tensor ", quote(name), " is missing"));
  return tensors_[found->second];
}

torch::Tensor TorchFile::get(const std::string& name) const {
  const PickledTensor& t = tensor(name);
  return view_bytes(zip_->get(member(t)).data(), {t.storage_size}, dtype_of(t.storage_type), file_)
      .as_strided(t.shape, t.strides, t.offset);
}

void TorchFile::check(const std::string& name) const { zip_->check(member(tensor(name))); }

}  // namespace easel::tensor
