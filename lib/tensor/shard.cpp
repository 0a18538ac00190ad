#include "tensor/shard.h"

#include <zstd.h>

#include "base/error.h"

namespace easel::tensor {

using base::cat;
using base::fail;

namespace {

constexpr size_t kOpenShards = 8;
// Above this a shard is taken for a lie: what Easel writes stays far below.
constexpr unsigned long long kMaxShard = 1ULL << 36;

bool is_compressed(const std::filesystem::path& path) { return path.extension() == ".zst"; }

}  // namespace

Safetensors read_shard(const std::filesystem::path& path) {
  if (!is_compressed(path)) return Safetensors::map(path);
  const base::MappedFile file(path);
  const unsigned long long size = ZSTD_getFrameContentSize(file.data(), file.size());
  if (file.size() == 0 || size == ZSTD_CONTENTSIZE_ERROR) {
    fail(cat(path.string(), ": byte 0: not a zstd frame"));
  }
  if (size == ZSTD_CONTENTSIZE_UNKNOWN) fail(cat(path.string(), ": the zstd frame lacks its size"));
  if (size > kMaxShard) {
    fail(cat(path.string(), ": claims ", base::format_bytes(static_cast<double>(size))));
  }
  const size_t frame = ZSTD_findFrameCompressedSize(file.data(), file.size());
  if (ZSTD_isError(frame)) {
    fail(cat(path.string(), ": byte ", file.size(), ": truncated or damaged (",
             ZSTD_getErrorName(frame), ")"));
  }
  if (frame != file.size()) {
    fail(cat(path.string(), ": byte ", frame, ": ", file.size() - frame,
             " bytes after the end of the shard"));
  }
  std::string bytes;
  try {
    bytes.resize(size);
  } catch (const std::exception&) {
    fail(cat(path.string(), ": not enough memory for ",
             base::format_bytes(static_cast<double>(size))));
  }
  const size_t got = ZSTD_decompress(bytes.data(), bytes.size(), file.data(), file.size());
  if (ZSTD_isError(got) || got != size) {
    fail(cat(path.string(), ": damaged: ",
             ZSTD_isError(got) ? ZSTD_getErrorName(got) : "shorter than it claims"));
  }
  return Safetensors::parse(std::move(bytes), path.string());
}

void write_shard(const std::filesystem::path& path, const NamedTensors& tensors,
                 const Metadata& metadata) {
  if (!is_compressed(path)) return write_safetensors(path, tensors, metadata);
  const std::string bytes = to_safetensors(tensors, metadata);
  std::string compressed(ZSTD_compressBound(bytes.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 3);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  const size_t size = ZSTD_compress2(context, compressed.data(), compressed.size(), bytes.data(),
                                     bytes.size());
  ZSTD_freeCCtx(context);
  if (ZSTD_isError(size)) fail(cat(path.string(), ": zstd: ", ZSTD_getErrorName(size)));
  compressed.resize(size);
  base::write_file(path, compressed);
}

torch::Tensor ragged_row(const Safetensors& shard, const torch::Tensor& flat,
                         const torch::Tensor& offsets, int64_t row) {
  const int64_t rows = offsets.size(0) - 1;
  if (row < 0 || row >= rows) {
    fail(cat(shard.file(), ": row ", row, " of ", rows, " was asked for"));
  }
  const auto* o = offsets.data_ptr<int64_t>();
  if (o[row] < 0 || o[row] > o[row + 1] || o[row + 1] > flat.size(0)) {
    fail(cat(shard.file(), ": offsets of row ", row, " (", o[row], ", ", o[row + 1],
             ") do not fit ", flat.size(0), " values"));
  }
  return flat.slice(0, o[row], o[row + 1]);
}

const Safetensors& ShardCache::open(const std::string& path) {
  const auto found = open_.find(path);
  if (found != open_.end()) return *found->second;
  const std::filesystem::path full =
      root_.empty() || std::filesystem::path(path).is_absolute() ? std::filesystem::path(path)
                                                                 : std::filesystem::path(root_) / path;
  auto shard = std::make_shared<Safetensors>(read_shard(full));
  if (order_.size() >= kOpenShards) {
    open_.erase(order_.front());
    order_.erase(order_.begin());
  }
  order_.push_back(path);
  return *open_.emplace(path, std::move(shard)).first->second;
}

}  // namespace easel::tensor
