#include "tensor/shard.h"

#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <memory>

#include "base/error.h"

namespace easel::tensor {

using base::cat;
using base::fail;

namespace {

constexpr size_t kOpenShards = 8;
// Above this a shard is taken for a lie: what Easel writes stays far below.
constexpr unsigned long long kMaxShard = 1ULL << 36;

// What a file of so many bytes may unpack to: zeros become a thousandth, tokens and numbers far more.
unsigned long long most_unpacked(size_t bytes) {
  return std::min(kMaxShard, std::max<unsigned long long>(1ULL << 26, 2000ULL * bytes));
}

bool is_compressed(const std::filesystem::path& path) { return path.extension() == ".zst"; }

// What any zstd may have written: a frame without its size, several, or skippable ones between them.
std::string decompressed_frames(const base::MappedFile& file, const std::string& name) {
  const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(), &ZSTD_freeDStream);
  std::string bytes(std::max<size_t>(size_t{1} << 16, 4 * file.size()), '\0');
  ZSTD_inBuffer in{file.data(), file.size(), 0};
  size_t filled = 0, whole = 0, missing = 1;  // whole: bytes of complete frames; missing: of the frame at work, 0 at its end
  while (in.pos < in.size || missing > 0) {
    if (filled == bytes.size()) {
      const auto most = most_unpacked(file.size());
      if (bytes.size() >= most) fail(cat(name, ": unpacks to more than ", base::format_bytes(static_cast<double>(most))));
      bytes.resize(2 * bytes.size());
    }
    ZSTD_outBuffer out{bytes.data(), bytes.size(), filled};
    const size_t read_before = in.pos;
    missing = ZSTD_decompressStream(stream.get(), &out, &in);
    if (ZSTD_isError(missing)) {
      const bool behind = whole > 0 && ZSTD_getErrorCode(missing) == ZSTD_error_prefix_unknown;
      fail(behind ? cat(name, ": byte ", whole, ": ", file.size() - whole, " bytes after the end of the shard")
                  : cat(name, ": byte ", in.pos, ": truncated or damaged (", ZSTD_getErrorName(missing), ")"));
    }
    if (missing > 0 && in.pos == in.size && in.pos == read_before && out.pos == filled) {
      fail(cat(name, ": byte ", file.size(), ": truncated or damaged (the frame goes on)"));
    }
    filled = out.pos;
    if (missing == 0) whole = in.pos;
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace

Safetensors read_shard(const std::filesystem::path& path) {
  if (!is_compressed(path)) return Safetensors::map(path);
  const base::MappedFile file(path);
  const unsigned long long size = ZSTD_getFrameContentSize(file.data(), file.size());
  if (file.size() == 0 || size == ZSTD_CONTENTSIZE_ERROR) {
    fail(cat(path.string(), ": byte 0: not a zstd frame"));
  }
  const size_t frame = ZSTD_findFrameCompressedSize(file.data(), file.size());
  if (ZSTD_isError(frame)) {
    fail(cat(path.string(), ": byte ", file.size(), ": truncated or damaged (",
             ZSTD_getErrorName(frame), ")"));
  }
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || frame != file.size()) {
    return Safetensors::parse(decompressed_frames(file, path.string()), path.string());
  }
  if (size > most_unpacked(file.size())) {
    fail(cat(path.string(), ": claims ", base::format_bytes(static_cast<double>(size))));
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
