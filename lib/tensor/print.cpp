#include "tensor/print.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "tensor/compute.h"

namespace easel::tensor {

using base::cat;
using base::fail;
using Json = nlohmann::ordered_json;
using torch::Tensor;

namespace {

std::pair<int64_t, int64_t> parse_rows(const std::string& text, int64_t count) {
  if (text.empty()) return {0, count};
  const auto parts = base::split(text, ':');
  const auto bound = [&](const std::string& part, int64_t otherwise) {
    if (part.empty()) return otherwise;
    const auto value = base::parse_int(part);
    if (!value || *value < 0) base::fail_usage(cat("--rows: expected A:B, got ", base::quote(text)));
    return *value;
  };
  if (parts.size() != 2) base::fail_usage(cat("--rows: expected A:B, got ", base::quote(text)));
  const int64_t begin = bound(parts[0], 0), end = bound(parts[1], count);
  if (begin > end || end > count) {
    fail(cat("--rows: ", text, " does not lie in the ", count, " rows there are"));
  }
  return {begin, end};
}

template <class Value>
std::string value_text_as(const Tensor& values, bool json, std::string (*text)(Value)) {
  const Tensor flat = values.flatten().to(torch::CppTypeToScalarType<Value>::value).contiguous();
  const auto* v = flat.data_ptr<Value>();
  std::string out = json ? "[" : "";
  for (int64_t k = 0; k < flat.numel(); ++k) {
    if (k > 0) out += json ? "," : " ";
    const bool finite = std::isfinite(static_cast<double>(v[k]));
    out += finite || !json ? text(v[k]) : "null";  // JSON has no NaN
  }
  return json ? out + "]" : out;
}

std::string value_text(const Tensor& values, bool json) {
  if (values.scalar_type() == torch::kFloat64) return value_text_as<double>(values, json, base::format_double);
  if (values.is_floating_point()) return value_text_as<float>(values, json, base::format_float);
  return value_text_as<int64_t>(values, json, [](int64_t value) { return std::to_string(value); });
}

std::string dtype_text(const Safetensors::Entry& e) { return e.dtype ? dtype_name(*e.dtype) : e.code; }

std::string shape_text(const std::vector<int64_t>& shape) {
  std::vector<std::string> parts;
  for (const int64_t d : shape) parts.push_back(cat(d));
  return cat("[", base::join(parts, ", "), "]");
}

// "cot_sampling_logprobs" is cut by "cot_offsets", "prompt_ids" by "prompt_offsets".
template <class Has>
std::string offsets_name(const std::string& name, const Has& has) {
  for (size_t end = name.rfind('_'); end != std::string::npos && end > 0; end = name.rfind('_', end - 1)) {
    const std::string offsets = name.substr(0, end) + "_offsets";
    if (offsets != name && has(offsets)) return offsets;
  }
  return "";
}

const Tensor* find(const NamedTensors& tensors, const std::string& name) {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const auto& t) { return t.first == name; });
  return found == tensors.end() ? nullptr : &found->second;
}

// Only one-dimensional tensors are cut by offsets: image_logprobs beside cot_offsets is a matrix.
std::string offsets_in(const NamedTensors& tensors, const std::string& name) {
  if (find(tensors, name)->dim() != 1) return "";
  return offsets_name(name, [&](const std::string& n) { return find(tensors, n) != nullptr; });
}

}  // namespace

std::string offsets_of(const Safetensors& shard, const std::string& name) {
  if (shard.get(name).dim() != 1) return "";
  return offsets_name(name, [&](const std::string& n) { return shard.has(n); });
}

std::vector<std::string> describe(const Safetensors& shard, bool json) {
  std::vector<std::string> lines;
  if (json) {
    Json out = {{"file", shard.file()}, {"metadata", shard.metadata()}, {"tensors", Json::object()}};
    for (const auto& name : shard.names()) {
      const auto& e = shard.entry(name);
      out["tensors"][name] = {{"dtype", dtype_text(e)}, {"shape", e.shape}, {"bytes", e.end - e.begin}};
    }
    return {out.dump(-1, ' ', false, Json::error_handler_t::replace)};
  }
  size_t width = 0;
  for (const auto& name : shard.names()) width = std::max(width, name.size());
  for (const auto& name : shard.names()) {
    const auto& e = shard.entry(name);
    std::string padded = name;
    padded.resize(width, ' ');
    lines.push_back(cat(padded, "  ", dtype_text(e), "  ", shape_text(e.shape), "  ",
                        base::format_bytes(static_cast<double>(e.end - e.begin))));
  }
  for (const auto& [key, value] : shard.metadata()) lines.push_back(cat("# ", key, "=", value));
  return lines;
}

namespace {
// [rows + 1], from 0 to the length of every flat tensor that they cut.
Tensor offsets_that_cut(const Safetensors& shard, const std::string& name) {
  const Tensor offsets = shard.get(name, torch::kInt64, 1).contiguous();
  const auto wrong = [&](const std::string& what) {
    fail(cat(shard.file(), ": tensor ", base::quote(name), ": ", what));
  };
  const int64_t *begin = offsets.data_ptr<int64_t>(), *end = begin + offsets.numel();
  if (begin == end || *begin != 0 || !std::is_sorted(begin, end)) {
    wrong("expected offsets that begin with 0 and never fall");
  }
  for (const auto& flat : shard.names()) {
    if (flat == name || offsets_of(shard, flat) != name) continue;
    const int64_t length = shard.entry(flat).shape[0];
    if (length == end[-1]) continue;
    wrong(cat("ends with ", end[-1], "; expected ", length, ", the length of ", base::quote(flat)));
  }
  return offsets;
}

void require_rows_alike(const Safetensors& shard, const Safetensors& first, const std::string& name) {
  const auto row_text = [&](const Safetensors& s) {
    const auto& e = s.entry(name);
    if (e.shape.empty()) fail(cat(s.file(), ": tensor ", base::quote(name), " has no rows"));
    return cat(dtype_text(e), " rows of shape ", shape_text({e.shape.begin() + 1, e.shape.end()}));
  };
  const std::string got = row_text(shard), expected = row_text(first);
  if (got == expected) return;
  fail(cat(shard.file(), ": tensor ", base::quote(name), " has ", got, "; expected ", expected, " as in ", first.file()));
}
}  // namespace

std::vector<std::string> print_rows(const Safetensors& shard, const std::string& name,
                                    const std::string& rows, bool json) {
  const Tensor t = shard.get(name);
  const std::string offsets_tensor = offsets_of(shard, name);
  std::vector<std::string> lines;
  if (!offsets_tensor.empty()) {
    const Tensor offsets = offsets_that_cut(shard, offsets_tensor);
    const auto [begin, end] = parse_rows(rows, offsets.size(0) - 1);
    for (int64_t r = begin; r < end; ++r) lines.push_back(value_text(ragged_row(shard, t, offsets, r), json));
    return lines;
  }
  const auto [begin, end] = parse_rows(rows, t.dim() == 0 ? 1 : t.size(0));
  for (int64_t r = begin; r < end; ++r) lines.push_back(value_text(t.dim() == 0 ? t : t[r], json));
  return lines;
}

Metadata common_metadata(const std::vector<Safetensors>& shards) {
  Metadata common = shards[0].metadata();
  for (const auto& shard : shards) {
    const Metadata& here = shard.metadata();
    std::erase_if(common, [&](const auto& entry) { return std::find(here.begin(), here.end(), entry) == here.end(); });
  }
  return common;
}

NamedTensors join_shards(const std::vector<Safetensors>& shards) {
  NamedTensors out;
  for (const auto& name : shards[0].names()) {
    std::vector<Tensor> parts;
    int64_t shift = 0;
    const bool offsets = name.ends_with("_offsets");
    for (const auto& shard : shards) {
      if (!shard.has(name) || shard.names().size() != shards[0].names().size()) {
        fail(cat(shard.file(), ": has other tensors than ", shards[0].file()));
      }
      require_rows_alike(shard, shards[0], name);
      Tensor part = offsets ? offsets_that_cut(shard, name) : shard.get(name);
      if (offsets) {
        const int64_t last = part[part.size(0) - 1].item<int64_t>();
        part = (parts.empty() ? part : part.slice(0, 1)) + shift;
        shift += last;
      }
      parts.push_back(part);
    }
    out.emplace_back(name, torch::cat(parts));
  }
  return out;
}

NamedTensors slice_rows(const NamedTensors& tensors, const std::string& rows) {
  NamedTensors out;
  for (const auto& [name, t] : tensors) {
    const std::string offsets = offsets_in(tensors, name);
    if (name.ends_with("_offsets")) {
      const auto [begin, end] = parse_rows(rows, t.size(0) - 1);
      const Tensor part = t.slice(0, begin, end + 1);
      out.emplace_back(name, part - part[0]);
    } else if (!offsets.empty()) {
      const Tensor* o = find(tensors, offsets);
      const auto [begin, end] = parse_rows(rows, o->size(0) - 1);
      out.emplace_back(name, t.slice(0, (*o)[begin].item<int64_t>(), (*o)[end].item<int64_t>()));
    } else {
      const auto [begin, end] = parse_rows(rows, t.size(0));
      out.emplace_back(name, t.slice(0, begin, end));
    }
  }
  return out;
}

}  // namespace easel::tensor
