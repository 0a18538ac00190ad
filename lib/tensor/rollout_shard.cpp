#include "tensor/rollout_shard.h"

#include <cstdio>

#include "base/digest.h"
#include "base/error.h"

namespace easel::tensor {

using base::cat;

namespace {

// [rows, N] of equal rows.
template <class T, class Rows, class Get>
torch::Tensor matrix(const Rows& rows, const Get& get, const std::string& what) {
  const auto width = static_cast<int64_t>(get(rows[0]).size());
  std::vector<T> flat;
  for (const auto& row : rows) {
    const std::vector<T>& values = get(row);
    if (static_cast<int64_t>(values.size()) != width) {
      base::fail(cat(what, ": rows of ", width, " and of ", values.size(), " in one shard"));
    }
    flat.insert(flat.end(), values.begin(), values.end());
  }
  return torch::tensor(flat, torch::CppTypeToScalarType<T>::value)
      .view({static_cast<int64_t>(rows.size()), width});
}

template <class T, class Rows, class Get>
RaggedBuilder<T> ragged(const Rows& rows, const Get& get) {
  RaggedBuilder<T> builder;
  for (const auto& row : rows) builder.add(get(row));
  return builder;
}

NamedTensors tensors_of(const std::vector<RolloutRow>& rows) {
  NamedTensors out;
  bool two_pass = false;
  for (const auto& row : rows) two_pass |= !row.image_prompt_ids.empty();
  const auto ids = [&](const char* name, const auto& get) {
    const auto built = ragged<int32_t>(rows, get);
    out.emplace_back(cat(name, "_ids"), built.flat());
    out.emplace_back(cat(name, "_offsets"), built.offsets());
  };
  ids("prompt", [](const RolloutRow& r) -> const auto& { return r.prompt_ids; });
  ids("cot", [](const RolloutRow& r) -> const auto& { return r.cot_ids; });
  if (two_pass) ids("image_prompt", [](const RolloutRow& r) -> const auto& { return r.image_prompt_ids; });
  out.emplace_back("image_tokens", matrix<int32_t>(rows, [](const RolloutRow& r) -> const auto& { return r.image_tokens; }, "image_tokens"));
  out.emplace_back("cot_sampling_logprobs", ragged<float>(rows, [](const RolloutRow& r) -> const auto& { return r.cot_logprobs; }).flat());
  out.emplace_back("image_sampling_logprobs", matrix<float>(rows, [](const RolloutRow& r) -> const auto& { return r.image_logprobs; }, "image_sampling_logprobs"));
  return out;
}

NamedTensors tensors_of(const std::vector<LogprobRow>& rows) {
  const auto cot = ragged<float>(rows, [](const LogprobRow& r) -> const auto& { return r.cot_logprobs; });
  return {{"cot_logprobs", cot.flat()},
          {"cot_entropy", ragged<float>(rows, [](const LogprobRow& r) -> const auto& { return r.cot_entropy; }).flat()},
          {"cot_offsets", cot.offsets()},
          {"image_logprobs", matrix<float>(rows, [](const LogprobRow& r) -> const auto& { return r.image_logprobs; }, "image_logprobs")},
          {"image_entropy", matrix<float>(rows, [](const LogprobRow& r) -> const auto& { return r.image_entropy; }, "image_entropy")}};
}

NamedTensors tensors_of(const std::vector<ImageTokensRow>& rows) {
  return {{"image_tokens", matrix<int32_t>(rows, [](const ImageTokensRow& r) -> const auto& { return r.image_tokens; }, "image_tokens")}};
}

// Each list with its length in front.
std::string digest_of(std::initializer_list<const std::vector<int32_t>*> lists) {
  base::Digest digest;
  for (const auto* list : lists) {
    const auto size = static_cast<int64_t>(list->size());
    digest.add({reinterpret_cast<const char*>(&size), sizeof size});
    digest.add({reinterpret_cast<const char*>(list->data()), list->size() * sizeof(int32_t)});
  }
  return digest.hex();
}
// Tokens alone: log-probs of the same draw differ in their last bits between machines.
std::string digest_of(const RolloutRow& r) { return digest_of({&r.prompt_ids, &r.cot_ids, &r.image_prompt_ids, &r.image_tokens}); }
std::string digest_of(const ImageTokensRow& r) { return digest_of({&r.image_tokens}); }
std::string digest_of(const LogprobRow&) { return ""; }

template <class Row>
void require_digest(const Row& found, const std::string& expected, const Safetensors& shard, int64_t row) {
  if (expected.empty() || digest_of(found) == expected) return;
  base::fail(cat(shard.file(), ": row ", row, " holds other tokens than those of this record (expected digest ", expected,
                 ", got ", digest_of(found), ")"),
             "another run wrote this shard since; give each run its own --out");
}

template <class T>
std::vector<T> to_vector(const torch::Tensor& t) {
  const torch::Tensor c = t.contiguous();
  return {c.data_ptr<T>(), c.data_ptr<T>() + c.numel()};
}

torch::Tensor matrix_row(const Safetensors& shard, const std::string& name, torch::Dtype dtype,
                         int64_t row) {
  const torch::Tensor all = shard.get(name, dtype, 2);
  if (row < 0 || row >= all.size(0)) {
    base::fail(cat(shard.file(), ": ", name, ": row ", row, " of ", all.size(0), " was asked for"));
  }
  return all[row];
}

}  // namespace

template <class Row>
ShardWriter<Row>::ShardWriter(std::string folder, std::string name, Metadata metadata, int64_t rows_per_shard)
    : folder_(std::move(folder)),
      name_(std::move(name)),
      metadata_(std::move(metadata)),
      rows_per_shard_(rows_per_shard) {}

template <class Row>
std::string ShardWriter<Row>::path() const {
  char number[32];
  std::snprintf(number, sizeof number, "-%06ld.safetensors.zst", static_cast<long>(shard_));
  return (base::fs::path(folder_) / (name_ + number)).string();
}

template <class Row>
RowPlace ShardWriter<Row>::add(Row row) {
  if (waiting() >= rows_per_shard_) flush();
  rows_.push_back(std::move(row));
  return {path(), waiting() - 1, digest_of(rows_.back())};
}

template <class Row>
void ShardWriter<Row>::flush() {
  if (rows_.empty()) return;
  write_shard(path(), tensors_of(rows_), metadata_);
  rows_.clear();
  ++shard_;
}

template class ShardWriter<RolloutRow>;
template class ShardWriter<LogprobRow>;
template class ShardWriter<ImageTokensRow>;

RolloutRow read_rollout(const Safetensors& shard, int64_t row, const std::string& digest) {
  const auto ragged_ids = [&](const std::string& name) {
    return to_vector<int32_t>(ragged_row(shard, shard.get(name + "_ids", torch::kInt32, 1),
                                         shard.get(name + "_offsets", torch::kInt64, 1), row));
  };
  RolloutRow r;
  r.prompt_ids = ragged_ids("prompt");
  r.cot_ids = ragged_ids("cot");
  if (shard.has("image_prompt_ids")) r.image_prompt_ids = ragged_ids("image_prompt");
  r.image_tokens = to_vector<int32_t>(matrix_row(shard, "image_tokens", torch::kInt32, row));
  r.cot_logprobs = to_vector<float>(ragged_row(shard, shard.get("cot_sampling_logprobs", torch::kFloat32, 1),
                                               shard.get("cot_offsets", torch::kInt64, 1), row));
  r.image_logprobs = to_vector<float>(matrix_row(shard, "image_sampling_logprobs", torch::kFloat32, row));
  if (r.cot_logprobs.size() != r.cot_ids.size() || r.image_logprobs.size() != r.image_tokens.size()) {
    base::fail(cat(shard.file(), ": row ", row, ": as many log-probs as tokens are expected"));
  }
  require_digest(r, digest, shard, row);
  return r;
}

std::vector<int32_t> read_image_tokens(const Safetensors& shard, int64_t row, const std::string& digest) {
  if (!digest.empty() && shard.has("cot_ids")) return read_rollout(shard, row, digest).image_tokens;
  const ImageTokensRow r{to_vector<int32_t>(matrix_row(shard, "image_tokens", torch::kInt32, row))};
  require_digest(r, digest, shard, row);
  return r.image_tokens;
}

}  // namespace easel::tensor
