#include "model/adapter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "model/weights.h"
#include "tensor/compute.h"
#include "tensor/safetensors.h"
#include "tensor/tensor_file.h"
#include "text/regex.h"

namespace easel::model {

using base::cat;
using base::fail;
using base::quote;
namespace fs = std::filesystem;

namespace {

constexpr auto kConfig = kAdapterFiles[0], kSafetensors = kAdapterFiles[1], kPickled = kAdapterFiles[2];
constexpr std::string_view kDecoder = "model.language_model.", kWeight = ".weight";

// What the decoder's modules are called in the model that PEFT was given: transformers' Janus, DeepSeek's, or a part of
// one, down to the decoder itself.
constexpr std::string_view kDecoders[] = {kDecoder, "language_model.model.", "model.", "language_model.", ""};

// "model.layers.0.self_attn.q_proj" of the decoder "model." and our "model.language_model.layers.0.self_attn.q_proj.weight".
std::string module_of(std::string_view weight, std::string_view decoder) {
  weight.remove_prefix(kDecoder.size());
  weight.remove_suffix(kWeight.size());
  return cat(decoder, weight);
}

// A key of adapter_config.json that names modules, by PEFT's rules: those that end so, those that match a pattern as a
// whole, or all linear layers.
class ModuleNames {
 public:
  ModuleNames(const std::string& config, const std::string& file, const char* key) {
    const auto json = nlohmann::ordered_json::parse(config);
    if (!json.contains(key) || json[key].is_null()) return;
    given_ = true;
    const auto& value = json[key];
    const auto bad = [&](const std::string& what) { fail(cat(file, ": ", quote(key), ": ", what)); };
    if (value == "all-linear") {
      all_ = true;
    } else if (value.is_string()) {
      try {
        pattern_ = text::Regex::compile(cat("\\A(?:", value.get<std::string>(), ")\\z"));
      } catch (const base::Error& e) {
        bad(e.what());
      }
    } else {
      if (!value.is_array()) bad(cat("expected a list of names, or a pattern, got ", value.dump().substr(0, 60)));
      for (const auto& name : value) {
        if (!name.is_string()) bad(cat("expected names, got ", name.dump().substr(0, 60)));
        endings_.push_back(cat(".", name.get<std::string>()));
      }
    }
  }
  bool given() const { return given_; }
  bool has(const std::string& module) const {
    text::RegexScratch scratch;
    text::RegexMatch match;
    if (pattern_) return pattern_->find(module, 0, scratch, &match);
    const auto ends = [&](const std::string& ending) { return cat(".", module).ends_with(ending); };
    return all_ || std::any_of(endings_.begin(), endings_.end(), ends);
  }

 private:
  bool given_ = false, all_ = false;
  std::vector<std::string> endings_;
  std::optional<text::Regex> pattern_;
};

fs::path file_of_pairs(const fs::path& folder) {
  const bool pickled = !fs::exists(folder / kSafetensors) && fs::exists(folder / kPickled);
  return folder / (pickled ? kPickled : kSafetensors);
}

using Pair = std::array<std::string, 2>;  // names of A and B

Pair pair_of(const std::string& weight, std::string_view decoder) {
  const std::string name = cat(module_of(weight, decoder), kWeight);
  return {lora_name(name, 'A'), lora_name(name, 'B')};
}

// Whose names the file has; nullopt: those of no decoder.
std::optional<std::string_view> decoder_of(const tensor::TensorFile& file, const std::vector<std::string>& weights) {
  for (const std::string_view decoder : kDecoders) {
    for (const auto& weight : weights) {
      const Pair pair = pair_of(weight, decoder);
      if (file.has(pair[0]) || file.has(pair[1])) return decoder;
    }
  }
  return std::nullopt;
}

// The pairs by our names of the weights: those that the config in `json` asks for, or without that those that there are.
std::map<std::string, Pair> require_pairs(Janus& model, const tensor::TensorFile& file, const std::string& json,
                                          const std::string& where) {
  const ModuleNames targets(json, where, "target_modules"), but(json, where, "exclude_modules");
  std::vector<std::string> weights, missing, others;
  model.lm.visit_projections([&](const std::string& name, Projection&) { weights.push_back(name); });
  const auto names = file.names();
  const auto decoder = decoder_of(file, weights);
  if (!decoder) {
    fail(cat(file.file(), ": no adapter of a projection of the decoder in it", names.empty() ? "" : cat("; it has ", listed(names))));
  }
  std::map<std::string, Pair> pairs;
  std::set<std::string> known;
  for (const auto& weight : weights) {
    const Pair pair = pair_of(weight, *decoder);
    const std::string module = module_of(weight, *decoder);
    const bool wanted = targets.given() ? targets.has(module) && !but.has(module) : file.has(pair[0]) || file.has(pair[1]);
    if (!wanted) continue;
    pairs[weight] = pair;
    for (const auto& half : pair) {
      known.insert(half);
      if (!file.has(half)) missing.push_back(half);
    }
  }
  for (const auto& name : names) {
    if (known.count(name) == 0) others.push_back(name);
  }
  const std::string unexpected = others.empty() ? "" : cat("; unexpected: ", listed(others));
  if (!missing.empty()) fail(cat(file.file(), ": weights are missing: ", listed(missing), unexpected));
  if (!others.empty()) fail(cat(file.file(), ": weights that are for no targeted projection of the decoder: ", listed(others)));
  return pairs;
}

}  // namespace

bool has_adapter(const fs::path& folder) { return fs::exists(folder / kConfig); }

std::string adapter_digest(const fs::path& folder) {
  base::Digest digest;
  for (const auto& path : {folder / kConfig, file_of_pairs(folder)}) digest.add(base::MappedFile(path));
  return digest.hex();
}

void add_adapter(Janus& model, const LoraConfig& config, int64_t seed) {
  torch::NoGradGuard no_grad;
  bool any = false;
  model.lm.visit_projections([&](const std::string& name, Projection& p) {
    if (!config.targets_name(name)) return;
    any = true;
    const int64_t out = p.weight.size(0), in = p.weight.size(1);
    const base::CounterRng rng(static_cast<uint64_t>(seed), "adapter", name);
    Tensor a = torch::empty({config.rank, in});
    float* values = a.data_ptr<float>();
    const double bound = 1 / std::sqrt(static_cast<double>(in));
    for (int64_t i = 0; i < a.numel(); ++i) {
      values[i] = static_cast<float>((2 * rng.uniform(static_cast<uint64_t>(i)) - 1) * bound);
    }
    p.a = a.to(p.weight.device());
    p.b = torch::zeros({out, config.rank}, p.a.options());
    p.scale = config.scale();
  });
  if (!any) fail(cat("no projection of the decoder is called ", base::join(config.targets, " or ")));
}

LoraConfig load_adapter(Janus& model, const fs::path& folder) {
  torch::NoGradGuard no_grad;
  const std::string json = base::read_file(folder / kConfig, 1 << 20), where = (folder / kConfig).string();
  LoraConfig config = LoraConfig::parse(json, where);
  const auto file = tensor::map_tensor_file(file_of_pairs(folder));
  const auto pairs = require_pairs(model, *file, json, where);
  model.lm.visit_projections([&](const std::string& name, Projection& p) {
    const auto pair = pairs.find(name);
    if (pair == pairs.end()) return;
    const auto take = [&](const std::string& half, std::vector<int64_t> shape) {
      file->check(half);
      const Tensor stored = file->get(half);
      if (stored.sizes() != at::IntArrayRef(shape) || !stored.is_floating_point()) {
        fail(cat(file->file(), ": tensor ", quote(half), ": expected floating point of shape ", at::IntArrayRef(shape),
                 ", got ", c10::toString(stored.scalar_type()), " of ", stored.sizes()));
      }
      const Tensor values = tensor::aligned_copy(stored.to(torch::kFloat32));
      return p.weight.is_meta() ? values : values.to(p.weight.device());  // a model without weights has no device
    };
    p.a = take(pair->second[0], {config.rank, p.weight.size(1)});
    p.b = take(pair->second[1], {p.weight.size(0), config.rank});
    p.scale = config.scale();
    if (!config.targets_name(name)) config.targets.push_back(projection_name(name));
  });
  return config;
}

void merge_adapter(Janus& model) {
  torch::NoGradGuard no_grad;
  model.lm.visit_projections([](const std::string&, Projection& p) {
    p.weight = p.merged();
    p.a = p.b = Tensor();
  });
}

Janus without_adapter(const Janus& model) {
  Janus base = model;
  base.lm.visit_projections([](const std::string&, Projection& p) { p.a = p.b = Tensor(); });
  return base;
}

void write_adapter(Janus& model, const LoraConfig& config, const fs::path& folder) {
  tensor::NamedTensors pairs;
  std::vector<std::string> modules;
  bool some_only = false;
  model.lm.visit_projections([&](const std::string& name, Projection& p) {
    some_only |= !p.adapted() && config.targets_name(name);
    if (!p.adapted()) return;
    modules.push_back(module_of(name, kDecoder));
    pairs.emplace_back(lora_name(name, 'A'), p.a.detach().to(torch::kCPU));
    pairs.emplace_back(lora_name(name, 'B'), p.b.detach().to(torch::kCPU));
  });
  base::write_file(folder / kConfig, config.json(some_only ? modules : std::vector<std::string>{}));
  tensor::write_safetensors(folder / kSafetensors, pairs, {{"format", "pt"}});
}

}  // namespace easel::model
