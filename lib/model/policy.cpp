#include "model/policy.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "tensor/compute.h"
#include "tensor/safetensors.h"

namespace easel::model {

using base::cat;
using base::fail;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

constexpr const char* kTokenizerFiles[] = {"tokenizer.json", "tokenizer_config.json",
                                           "special_tokens_map.json"};

// The weight files of a folder: one file, or the parts that an index names.
std::vector<fs::path> weight_files(const fs::path& folder) {
  if (fs::exists(folder / "model.safetensors")) return {folder / "model.safetensors"};
  const fs::path index = folder / "model.safetensors.index.json";
  if (!fs::exists(index)) {
    fail(cat(folder.string(), ": no model.safetensors and no model.safetensors.index.json in it"));
  }
  const Json json = Json::parse(base::read_file(index, 256 << 20), nullptr, false);
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object()) {
    fail(cat(index.string(), ": expected an object with \"weight_map\""));
  }
  std::set<std::string> names;
  for (const auto& [tensor, file] : json["weight_map"].items()) {
    const std::string name = file.is_string() ? file.get<std::string>() : "";
    if (name.empty() || name.find('/') != std::string::npos || name[0] == '.') {
      fail(cat(index.string(), ": tensor ", base::quote(tensor), ": not a file of this folder"));
    }
    names.insert(name);
  }
  std::vector<fs::path> files;
  for (const auto& name : names) {
    if (!fs::exists(folder / name)) fail(cat((folder / name).string(), ": missing; the index names it"));
    files.push_back(folder / name);
  }
  return files;
}

std::string shape_text(at::IntArrayRef shape) {
  std::vector<std::string> parts;
  for (const int64_t d : shape) parts.push_back(cat(d));
  return cat("[", base::join(parts, ", "), "]");
}

std::string some_of(const std::vector<std::string>& names) {
  std::vector<std::string> first(names.begin(), names.begin() + std::min<size_t>(3, names.size()));
  std::string text = base::join(first, ", ");
  if (names.size() > 3) text += cat(" and ", names.size() - 3, " more");
  return text;
}

void load_weights(Janus& model, const fs::path& folder, torch::Device device, torch::Dtype dtype) {
  std::vector<tensor::Safetensors> parts;
  std::map<std::string, size_t> where;
  for (const auto& file : weight_files(folder)) {
    parts.push_back(tensor::Safetensors::map(file));
    for (const auto& name : parts.back().names()) where[name] = parts.size() - 1;
  }
  // A checkpoint that holds its own text head uses it, whatever the config says of tying.
  if (where.count("lm_head.weight") > 0 && model.tied()) {
    model.lm_head = torch::empty_like(model.lm.embed_tokens);
    model.config.text.tie_word_embeddings = false;
  }
  std::vector<std::string> missing;
  model.visit([&](const std::string& name, Tensor& parameter) {
    const auto found = where.find(name);
    if (found == where.end()) {
      missing.push_back(name);
      return;
    }
    const tensor::Safetensors& part = parts[found->second];
    const Tensor stored = part.get(name);
    if (stored.sizes() != parameter.sizes()) {
      fail(cat(part.file(), ": tensor ", base::quote(name), ": expected shape ",
               shape_text(parameter.sizes()), " (config.json), got ", shape_text(stored.sizes())));
    }
    if (!stored.is_floating_point()) {
      fail(cat(part.file(), ": tensor ", base::quote(name), ": expected floating point, got ",
               c10::toString(stored.scalar_type())));
    }
    parameter = tensor::aligned_copy(stored.to(dtype)).to(device);
    where.erase(found);
  });
  if (!missing.empty()) fail(cat(folder.string(), ": weights are missing: ", some_of(missing)));
  if (!where.empty()) {
    std::vector<std::string> names;
    for (const auto& [name, part] : where) names.push_back(name);
    fail(cat(folder.string(), ": weights that this model does not have: ", some_of(names)));
  }
}

Json read_easel_json(const fs::path& folder) {
  const fs::path path = folder / "easel.json";
  if (!fs::exists(path)) return Json::object();  // a checkpoint that others made
  const Json json = Json::parse(base::read_file(path, 64 << 20), nullptr, false);
  if (!json.is_object() || !json.contains("policy_version") ||
      !json["policy_version"].is_number_integer()) {
    fail(cat(path.string(), ": expected an object with an integer \"policy_version\""));
  }
  return json;
}

}  // namespace

int64_t policy_version(const fs::path& folder) {
  const Json json = read_easel_json(folder);
  return json.contains("policy_version") ? json["policy_version"].get<int64_t>() : 0;
}

std::string policy_digest(const fs::path& folder) {
  base::Digest digest;
  std::vector<fs::path> files = {folder / "config.json", folder / "tokenizer.json"};
  for (const auto& file : weight_files(folder)) files.push_back(file);
  for (const auto& file : files) {
    if (fs::exists(file)) digest.add(base::MappedFile(file).bytes());
  }
  return digest.hex();
}

namespace {
Policy read_policy(const fs::path& folder, torch::Device device, torch::Dtype dtype) {
  Policy policy;
  policy.folder = folder;
  policy.model = Janus(JanusConfig::load(folder));
  load_weights(policy.model, folder, device, dtype);
  const Json json = read_easel_json(folder);
  policy.version = policy_version(folder);
  if (json.contains("lineage") && json["lineage"].is_array()) {
    for (const auto& manifest : json["lineage"]) policy.lineage.push_back(manifest.dump());
  }
  policy.digest = policy_digest(folder);
  return policy;
}
}  // namespace

Policy load_policy(const fs::path& folder, torch::Device device, torch::Dtype dtype) {
  if (!fs::is_directory(folder)) fail(cat(folder.string(), ": no such policy folder"));
  torch::NoGradGuard no_grad;
  // A trainer may put the next version in the folder's place while its files are read, and old weights
  // must not go by the new version's number. Whatever was read of two folders, an error included, is
  // read again.
  constexpr int kTries = 10;
  for (int i = 1;; ++i) {
    const uint64_t before = base::folder_identity(folder);
    const auto swapped = [&] { return i < kTries && base::folder_identity(folder) != before; };
    try {
      Policy policy = read_policy(folder, device, dtype);
      if (!swapped()) return policy;
    } catch (const base::Error&) {
      if (!swapped()) throw;
    }
  }
}

void write_policy(const fs::path& into, Janus& model, int64_t version,
                  const std::vector<std::string>& lineage, const fs::path& tokenizer_folder,
                  torch::Dtype dtype) {
  base::write_file(into / "config.json", model.config.config_json(tensor::dtype_name(dtype)));
  base::write_file(into / "generation_config.json", model.config.generation_config_json());
  base::write_file(into / "preprocessor_config.json", model.config.preprocessor_config_json());
  for (const char* name : kTokenizerFiles) {
    if (fs::exists(tokenizer_folder / name)) {
      base::write_file(into / name, base::read_file(tokenizer_folder / name));
    }
  }
  Json easel = {{"policy_version", version}, {"lineage", Json::array()}};
  for (const auto& manifest : lineage) easel["lineage"].push_back(Json::parse(manifest));
  base::write_file(into / "easel.json", easel.dump(2) + "\n");
  tensor::NamedTensors tensors;
  model.visit([&](const std::string& name, Tensor& p) {
    tensors.emplace_back(name, p.detach().to(torch::kCPU, dtype));
  });
  tensor::write_safetensors(into / "model.safetensors", tensors, {{"format", "pt"}});
}

}  // namespace easel::model
