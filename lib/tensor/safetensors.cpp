#include "tensor/safetensors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"

namespace easel::tensor {

using base::cat;
using base::fail;
using base::quote;
using Json = nlohmann::ordered_json;

namespace {

constexpr uint64_t kMaxHeader = 100'000'000;  // the reference implementation's limit

struct StoredType {
  const char* code;
  size_t bytes;
  std::optional<torch::Dtype> dtype = {};  // absent: nothing here computes with it
};

constexpr StoredType kTypes[] = {
    {"F64", 8, torch::kFloat64}, {"F32", 4, torch::kFloat32}, {"F16", 2, torch::kFloat16}, {"BF16", 2, torch::kBFloat16},
    {"I64", 8, torch::kInt64},   {"I32", 4, torch::kInt32},   {"I16", 2, torch::kInt16},   {"I8", 1, torch::kInt8},
    {"U8", 1, torch::kUInt8},    {"BOOL", 1, torch::kBool},   {"U16", 2},                  {"U32", 4},
    {"U64", 8},                  {"F8_E4M3", 1},              {"F8_E5M2", 1},              {"F8_E8M0", 1},
    {"F8_E4M3FNUZ", 1},          {"F8_E5M2FNUZ", 1},          {"C64", 8}};

const StoredType& type_of(const std::string& code, const std::string& where) {
  for (const auto& type : kTypes) {
    if (type.code == code) return type;
  }
  fail(cat(where, ": unknown dtype ", quote(code)));
}

std::string code_of(torch::Dtype dtype) {
  for (const auto& type : kTypes) {
    if (type.dtype == dtype) return type.code;
  }
  fail(cat("safetensors cannot hold ", c10::toString(dtype)));
}

std::string readable_types() {
  std::vector<std::string> codes;
  for (const auto& type : kTypes) {
    if (type.dtype) codes.push_back(type.code);
  }
  return base::join(codes, ", ");
}

using Declared = SafetensorsWriter::Declared;

std::vector<Declared> declare(const NamedTensors& tensors) {
  std::vector<Declared> declared;
  for (const auto& [name, t] : tensors) declared.push_back({name, t.scalar_type(), t.sizes().vec()});
  return declared;
}

std::string make_header(const std::vector<Declared>& tensors, const Metadata& metadata) {
  Json header = Json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const auto& [name, dtype, shape] : tensors) {
    const uint64_t bytes = static_cast<uint64_t>(c10::multiply_integers(shape)) * c10::elementSize(dtype);
    header[name] = {{"dtype", code_of(dtype)}, {"shape", shape}, {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
  }
  std::string text = header.dump();
  while ((text.size() + 8) % 64 != 0) text += ' ';
  std::string out(8, '\0');
  for (int i = 0; i < 8; ++i) out[i] = static_cast<char>(uint64_t{text.size()} >> (8 * i));
  return out + text;
}

torch::Tensor plain(const torch::Tensor& t) { return t.detach().to(torch::kCPU).contiguous(); }

}  // namespace

Safetensors Safetensors::map(const std::filesystem::path& path) {
  auto file = std::make_shared<base::MappedFile>(path);
  Safetensors out;
  out.name_ = path.string();
  out.read_header(file->data(), file->size());
  out.mapped_ = file.get();
  out.owner_ = file;
  return out;
}

Safetensors Safetensors::parse(std::string bytes, const std::string& name) {
  auto owned = std::make_shared<std::string>(std::move(bytes));
  Safetensors out;
  out.name_ = name;
  out.read_header(owned->data(), owned->size());
  out.owner_ = owned;
  return out;
}

void Safetensors::read_header(const char* data, size_t size) {
  if (size < 8) fail(cat(name_, ": ", size, " bytes are too few for a safetensors file"));
  uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length << 8 | static_cast<unsigned char>(data[i]);
  if (length > kMaxHeader || length > size - 8) {
    fail(cat(name_, ": byte 0: the header claims ", length, " bytes, but the file has ", size - 8,
             " after it; truncated, or no safetensors file"));
  }
  std::set<std::string> keys;
  std::optional<std::string> twice;  // the parser would keep the last one and say nothing
  const auto note_keys = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event != Json::parse_event_t::key || depth != 1) return true;
    const auto& key = parsed.get_ref<const std::string&>();
    if (!keys.insert(key).second) twice = key;
    return true;
  };
  const Json header = Json::parse(data + 8, data + 8 + length, note_keys, false);
  if (!header.is_object()) fail(cat(name_, ": byte 8: the header is not a JSON object"));
  if (twice) fail(cat(name_, ": tensor ", quote(*twice), ": appears twice"));
  data_ = data + 8 + length;
  size_ = size - 8 - length;
  std::vector<std::pair<uint64_t, uint64_t>> spans;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") {
      if (!value.is_object()) fail(cat(name_, ": __metadata__ is not an object"));
      for (const auto& [key, text] : value.items()) {
        if (!text.is_string()) fail(cat(name_, ": __metadata__ ", quote(key), " is not a string"));
        metadata_[key] = text;
      }
      continue;
    }
    const std::string where = cat(name_, ": tensor ", quote(name));
    const auto bad = [&](const std::string& what) { fail(cat(where, ": ", what)); };
    if (!value.is_object() || !value.contains("dtype") || !value["dtype"].is_string() ||
        !value.contains("shape") || !value["shape"].is_array() ||
        !value.contains("data_offsets") || !value["data_offsets"].is_array() ||
        value["data_offsets"].size() != 2) {
      bad("expected dtype, shape and data_offsets");
    }
    Entry entry;
    const StoredType type = type_of(value["dtype"], where);
    entry.code = type.code;
    entry.dtype = type.dtype;
    uint64_t count = 1;
    for (const auto& d : value["shape"]) {
      if (!d.is_number_unsigned()) bad("a dimension is not a whole number");
      const uint64_t extent = d;
      if (extent > (uint64_t{1} << 48) || (extent != 0 && count > (uint64_t{1} << 48) / extent)) {
        bad("the shape is too large");
      }
      count *= extent;
      entry.shape.push_back(static_cast<int64_t>(extent));
    }
    for (const auto& o : value["data_offsets"]) {
      if (!o.is_number_unsigned()) bad("an offset is not a whole number");
    }
    entry.begin = value["data_offsets"][0];
    entry.end = value["data_offsets"][1];
    const uint64_t bytes = count * type.bytes;
    if (entry.begin > entry.end || entry.end > size_) {
      bad(cat("bytes ", entry.begin, " to ", entry.end, " lie outside the data of ", size_,
              " bytes; the file is truncated or its header lies"));
    }
    if (entry.end - entry.begin != bytes) {
      bad(cat("shape and dtype need ", bytes, " bytes, the offsets give ",
              entry.end - entry.begin));
    }
    if (bytes > 0) spans.emplace_back(entry.begin, entry.end);
    order_.push_back(name);
    entries_.emplace(name, std::move(entry));
  }
  // As in the reference implementation the tensors are the whole of the data.
  std::sort(spans.begin(), spans.end());
  uint64_t end = 0;
  for (const auto& [first, last] : spans) {
    if (first < end) fail(cat(name_, ": two tensors share byte ", first, " of the data"));
    if (first > end) fail(cat(name_, ": bytes ", end, " to ", first, " of the data belong to no tensor"));
    end = last;
  }
  if (end != size_) {
    fail(cat(name_, ": ", size_ - end, " bytes follow the last tensor; expected the end of the file"));
  }
}

std::vector<std::string> Safetensors::names() const { return order_; }

const Safetensors::Entry& Safetensors::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) fail(cat(name_, ": tensor ", quote(name), " is missing"));
  return found->second;
}

torch::Dtype Safetensors::dtype_of(const std::string& name) const {
  const Entry& e = entry(name);
  if (e.dtype) return *e.dtype;
  fail(cat(name_, ": tensor ", quote(name), ": its values cannot be read: expected one of ", readable_types(), ", got ", e.code));
}

torch::Tensor Safetensors::get(const std::string& name) const {
  const Entry& e = entry(name);
  return view_bytes(data_ + e.begin, e.shape, dtype_of(name), owner_);
}

void Safetensors::require_readable() const {
  for (const auto& name : order_) dtype_of(name);
}

void Safetensors::release_pages() const {
  if (mapped_ != nullptr) mapped_->release_pages();
}

torch::Tensor Safetensors::get(const std::string& name, torch::Dtype dtype,
                               int64_t dimensions) const {
  torch::Tensor t = get(name);
  if (t.scalar_type() != dtype || t.dim() != dimensions) {
    fail(cat(name_, ": tensor ", quote(name), ": expected ", c10::toString(dtype), " with ",
             dimensions, " dimensions, got ", c10::toString(t.scalar_type()), " with ", t.dim()));
  }
  return t;
}

std::string to_safetensors(const NamedTensors& tensors, const Metadata& metadata) {
  std::string out = make_header(declare(tensors), metadata);
  for (const auto& [name, t] : tensors) {
    const torch::Tensor p = plain(t);
    out.append(static_cast<const char*>(p.data_ptr()), p.nbytes());
  }
  return out;
}

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& path, std::vector<Declared> tensors,
                                     const Metadata& metadata)
    : file_(path), tensors_(std::move(tensors)) {
  file_.write(make_header(tensors_, metadata));
}

void SafetensorsWriter::write(const torch::Tensor& tensor) {
  TORCH_CHECK(next_ < tensors_.size() && tensor.sizes() == at::IntArrayRef(tensors_[next_].shape),
              "a tensor is not as it was declared");
  const torch::Dtype dtype = tensors_[next_].dtype;
  const auto put = [&](const torch::Tensor& t) {
    const torch::Tensor p = plain(t.to(dtype));
    if (dtype == torch::kFloat16 && t.scalar_type() != dtype && p.isinf().any().item<bool>() && !t.isinf().any().item<bool>()) {
      fail(cat("tensor ", quote(tensors_[next_].name), " has values that float16 does not hold; bfloat16 does"));
    }
    file_.write(p.data_ptr(), p.nbytes());
  };
  constexpr int64_t kPiece = int64_t{64} << 20;
  if (tensor.scalar_type() == dtype || tensor.dim() == 0 || static_cast<int64_t>(tensor.nbytes()) <= kPiece) {
    put(tensor);
  } else {  // a second copy of a text head is more than some machines have
    const int64_t rows = std::max<int64_t>(1, kPiece * tensor.size(0) / static_cast<int64_t>(tensor.nbytes()));
    for (int64_t row = 0; row < tensor.size(0); row += rows) put(tensor.slice(0, row, row + rows));
  }
  ++next_;
}

void SafetensorsWriter::commit() {
  TORCH_CHECK(next_ == tensors_.size(), "a declared tensor was not written");
  file_.commit();
}

void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                       const Metadata& metadata) {
  SafetensorsWriter writer(path, declare(tensors), metadata);
  for (const auto& [name, t] : tensors) writer.write(t);
  writer.commit();
}

}  // namespace easel::tensor
