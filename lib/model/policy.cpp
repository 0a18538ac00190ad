#include "model/policy.h"

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "model/adapter.h"
#include "model/adjacent.h"
#include "model/preprocessor.h"
#include "model/token_ids.h"
#include "model/weights.h"
#include "tensor/compute.h"
#include "tensor/safetensors.h"

namespace easel::model {

using base::cat;
using base::fail;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

constexpr const char* kTokenizerFiles[] = {"tokenizer.json", "tokenizer_config.json",
                                           "special_tokens_map.json", "chat_template.jinja", "chat_template.json"};

// The stored tensor as the model computes with it. What is only read may stay in the mapped file, if it
// stands there as a copy would stand in memory: kernels choose their path by alignment.
bool lies_as_in_memory(const Tensor& stored) {
  constexpr size_t kWorthMapping = size_t{1} << 20;
  return stored.is_contiguous() && reinterpret_cast<uintptr_t>(stored.data_ptr()) % 64 == 0 && stored.nbytes() >= kWorthMapping;
}

Tensor in_memory(const std::string& name, const Tensor& stored, const LoadOptions& o) {
  const bool passed_on = o.use == Use::kTrain || o.use == Use::kAdapt || o.use == Use::kScore;
  if (passed_on && !Janus::is_generator(name)) return stored;
  const bool written = o.use == Use::kChange || o.use == Use::kTrain;
  if (!written && o.device.is_cpu() && stored.scalar_type() == o.dtype && lies_as_in_memory(stored)) return stored;
  return tensor::aligned_copy(stored.to(o.dtype)).to(o.device);
}

void load_weights(Janus& model, const Weights& weights, const LoadOptions& o) {
  // A checkpoint that holds its own text head uses it, whatever the config says of tying.
  if (weights.has("lm_head.weight") && model.tied()) {
    model.lm_head = torch::empty_like(model.lm.embed_tokens);
    model.config.text.tie_word_embeddings = false;
  }
  require_weights(model, weights);
  weights.check();
  model.visit([&](const std::string& name, Tensor& parameter) {
    parameter = in_memory(name, weights.view(name), o);
  });
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

std::map<std::string, torch::Dtype> weights_in_place(const fs::path& folder) {
  std::map<std::string, torch::Dtype> in_place;
  const Weights weights = Weights::map(folder);
  Janus(JanusConfig::load(folder)).visit([&](const std::string& name, Tensor&) {
    if (!weights.has(name)) return;
    const Tensor stored = weights.view(name);
    if (lies_as_in_memory(stored)) in_place.emplace(name, stored.scalar_type());
  });
  return in_place;
}

void require_weights(Janus& model, const Weights& weights) {
  std::vector<std::string> names, missing;
  model.visit([&](const std::string& name, Tensor& parameter) {
    names.push_back(name);
    if (!weights.has(name)) {
      missing.push_back(weights.layout() == Layout::kDeepSeek ? deepseek_place(name).name : name);
      return;
    }
    const std::vector<int64_t> shape = weights.shape(name);
    if (at::IntArrayRef(shape) != parameter.sizes()) {
      fail(cat(weights.where(name), ": expected shape ", parameter.sizes(), " (config.json), got ",
               at::IntArrayRef(shape)));
    }
  });
  const std::vector<std::string> others = weights.others(names);
  const std::string folder = weights.folder().string();
  const std::string unexpected = others.empty() ? "" : cat("; unexpected: ", listed(others));
  if (!missing.empty()) fail(cat(folder, ": weights are missing: ", listed(missing), unexpected));
  if (!others.empty()) fail(cat(folder, ": weights that this model does not have: ", listed(others)));
}

std::vector<std::string> policy_lineage(const fs::path& folder) {
  std::vector<std::string> lineage;
  const Json json = read_easel_json(folder);
  if (!json.contains("lineage") || !json["lineage"].is_array()) return lineage;
  for (const auto& manifest : json["lineage"]) lineage.push_back(manifest.dump());
  return lineage;
}

int64_t policy_version(const fs::path& folder) {
  const Json json = read_easel_json(folder);
  return json.contains("policy_version") ? json["policy_version"].get<int64_t>() : 0;
}

namespace {

std::shared_future<std::string> start_digest(const fs::path& folder) {
  std::vector<fs::path> paths = {folder / "config.json", folder / "tokenizer.json"};
  for (const auto& file : weight_files(folder)) paths.push_back(file);
  for (const char* name : kAdapterFiles) paths.push_back(folder / name);
  // Opened here: another version may take the folder's place.
  std::vector<std::shared_ptr<base::MappedFile>> files;
  for (const auto& path : paths) {
    if (fs::exists(path)) files.push_back(std::make_shared<base::MappedFile>(path));
  }
  return std::async(std::launch::async, [files] {
           base::Digest digest;
           for (const auto& file : files) digest.add(*file);
           return digest.hex();
         }).share();
}

}  // namespace

std::string policy_digest(const fs::path& folder) { return start_digest(folder).get(); }

namespace {

Policy read_policy(const fs::path& folder, const LoadOptions& options) {
  Policy policy;
  policy.folder = folder;
  JanusConfig config = JanusConfig::load(folder);
  adopt_token_ids(config.ids, folder);
  policy.model = Janus(config);
  load_weights(policy.model, Weights::map(folder), options);
  if (has_adapter(folder)) {
    policy.adapter = load_adapter(policy.model, folder);
    if (options.use == Use::kScore || options.use == Use::kRead) {
      merge_adapter(policy.model);
      policy.adapter.reset();
    }
  }
  if (options.use == Use::kRead) {
    // The decoder multiplies these together, and would copy them to do so.
    for (LlamaLayer& l : policy.model.lm.layers) {
      make_adjacent({&l.q.weight, &l.k.weight, &l.v.weight});
      make_adjacent({&l.gate.weight, &l.up.weight});
    }
  }
  policy.version = policy_version(folder);
  policy.lineage = policy_lineage(folder);
  policy.pending_digest = start_digest(folder);
  return policy;
}
}  // namespace

Policy load_policy(const fs::path& folder, const LoadOptions& options) {
  if (!fs::is_directory(folder)) fail(cat(folder.string(), ": no such policy folder"));
  torch::NoGradGuard no_grad;
  // A trainer may put the next version in the folder's place while its files are read, and old weights
  // must not go by the new version's number. Whatever was read of two folders, an error included, is
  // read again.
  constexpr int kTries = 10;
  static std::atomic<int64_t> loads = 0;
  for (int i = 1;; ++i) {
    const uint64_t before = base::folder_identity(folder);
    const auto swapped = [&] { return i < kTries && base::folder_identity(folder) != before; };
    try {
      Policy policy = read_policy(folder, options);
      if (swapped()) continue;
      policy.load = ++loads;
      return policy;
    } catch (const base::Error&) {
      if (!swapped()) throw;
    }
  }
}

void write_policy_files(const fs::path& into, int64_t version, const std::vector<std::string>& lineage,
                        const fs::path& tokenizer_folder) {
  for (const char* name : kTokenizerFiles) {
    if (fs::exists(tokenizer_folder / name)) {
      base::write_file(into / name, base::read_file(tokenizer_folder / name));
    }
  }
  Json easel = {{"policy_version", version}, {"lineage", Json::array()}};
  for (const auto& manifest : lineage) easel["lineage"].push_back(Json::parse(manifest));
  base::write_file(into / "easel.json", easel.dump(2) + "\n");
}

void write_policy(const fs::path& into, Janus& model, int64_t version, const std::vector<std::string>& lineage,
                  const fs::path& tokenizer_folder, std::optional<torch::Dtype> dtype, const ParameterValues& values) {
  const torch::Dtype main_type = dtype.value_or(model.lm.norm.scalar_type());
  base::write_file(into / "config.json", model.config.config_json(tensor::dtype_name(main_type)));
  write_processing_files(into, tokenizer_folder, model.config);
  write_policy_files(into, version, lineage, tokenizer_folder);
  // One tensor at a time: a second copy of all of them may not fit.
  std::vector<tensor::SafetensorsWriter::Declared> tensors;
  model.visit([&](const std::string& name, Tensor& p) {
    tensors.push_back({name, dtype.value_or(p.scalar_type()), p.sizes().vec()});
  });
  tensor::SafetensorsWriter writer(into / "model.safetensors", std::move(tensors), {{"format", "pt"}});
  model.visit([&](const std::string& name, Tensor& p) {
    const Tensor value = p.is_meta() ? values(name, p) : p.detach();
    writer.write(value.to(torch::kCPU));
  });
  writer.commit();
}

void write_adapted_policy(const fs::path& into, Janus& model, const LoraConfig& adapter, int64_t version,
                          const std::vector<std::string>& lineage, const fs::path& base) {
  const auto weights = weight_files(base);
  for (const auto& entry : fs::directory_iterator(base)) {
    const fs::path name = entry.path().filename();
    const auto is = [&](const char* other) { return name == other; };
    if (!entry.is_regular_file() || is("easel.json") || is("manifest.json") ||
        std::any_of(std::begin(kAdapterFiles), std::end(kAdapterFiles), is)) {
      continue;
    }
    std::error_code error;
    if (std::find(weights.begin(), weights.end(), entry.path()) != weights.end()) {
      // Of the file itself: hubs keep their downloads as links to it.
      fs::create_hard_link(fs::canonical(entry.path()), into / name, error);
      if (!error) continue;
    }
    fs::copy_file(entry.path(), into / name, error);
    if (error) fail(cat("cannot copy ", entry.path().string(), ": ", error.message()));
  }
  write_policy_files(into, version, lineage, base);
  write_adapter(model, adapter, into);
}

}  // namespace easel::model
