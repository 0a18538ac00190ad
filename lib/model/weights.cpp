#include "model/weights.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/parallel.h"

namespace easel::model {

using base::cat;
using base::fail;
using base::quote;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

constexpr const char* kWhole[] = {"model.safetensors", "pytorch_model.bin"};

std::vector<fs::path> files_of_index(const fs::path& index) {
  const Json json = Json::parse(base::read_file(index, 256 << 20), nullptr, false);
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object()) {
    fail(cat(index.string(), ": expected an object with \"weight_map\""));
  }
  std::set<std::string> names;
  for (const auto& [tensor, file] : json["weight_map"].items()) {
    const std::string name = file.is_string() ? file.get<std::string>() : "";
    if (name.empty() || name.find_first_of(std::string_view("/\0", 2)) != std::string::npos || name[0] == '.') {
      fail(cat(index.string(), ": tensor ", quote(tensor), ": not a file of this folder"));
    }
    names.insert(name);
  }
  std::vector<fs::path> files;
  for (const auto& name : names) {
    files.push_back(index.parent_path() / name);
    if (!fs::exists(files.back())) fail(cat(files.back().string(), ": missing; the index names it"));
  }
  return files;
}

// Trainers wrap a model and with it the names of its tensors.
std::string_view without_wrapping(std::string_view name) {
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view wrapping : {"module.", "base_model.model.", "_orig_mod."}) {
      if (!name.starts_with(wrapping)) continue;
      name.remove_prefix(wrapping.size());
      again = true;
    }
  }
  return name;
}

}  // namespace

std::vector<fs::path> weight_files(const fs::path& folder) {
  for (const char* name : kWhole) {
    if (fs::exists(folder / name)) return {folder / name};
    const fs::path index = folder / cat(name, ".index.json");
    if (fs::exists(index)) return files_of_index(index);
  }
  if (fs::exists(folder / "adapter_config.json")) {
    fail(cat(folder.string(), ": an adapter without the model that it changes"),
         cat("janus-convert --policy MODEL --merge-lora --adapter ", folder.string(), " puts it into the model's weights"));
  }
  fail(cat(folder.string(), ": no ", base::join({kWhole[0], kWhole[1]}, " or "), " in it, and no index of either"));
}

std::string listed(const std::vector<std::string>& names) {
  constexpr size_t kMost = 20;
  const size_t shown = std::min(kMost, names.size());
  std::vector<std::string> plain;
  for (size_t i = 0; i < shown; ++i) {
    // Names come from files: what would not be read as a name is quoted.
    const bool odd = std::any_of(names[i].begin(), names[i].end(), [](char c) { return c <= ' ' || c > '~'; });
    plain.push_back(odd || names[i].empty() ? quote(names[i]) : names[i]);
  }
  const std::string text = base::join(plain, ", ");
  return shown == names.size() ? text : cat(text, " and ", names.size() - shown, " more");
}

Weights Weights::map(const fs::path& folder) {
  Weights out;
  out.folder_ = folder;
  for (const auto& file : weight_files(folder)) {
    out.parts_.push_back(tensor::map_tensor_file(file));
    for (const auto& name : out.parts_.back()->names()) {
      const std::string plain(without_wrapping(name));
      const auto [found, fresh] = out.stored_.emplace(plain, Stored{out.parts_.size() - 1, name});
      if (!fresh) {
        fail(cat(file.string(), ": tensor ", quote(name), " stands in ", out.parts_[found->second.part]->file(),
                 found->second.name == name ? "" : cat(" as ", quote(found->second.name)), " already"));
      }
      out.order_.push_back(plain);
      if (plain.starts_with("language_model.") || plain.starts_with("gen_")) out.layout_ = Layout::kDeepSeek;
    }
  }
  return out;
}

const Weights::Stored* Weights::find(const std::string& name) const {
  const auto found = stored_.find(layout_ == Layout::kDeepSeek ? deepseek_place(name).name : name);
  return found == stored_.end() ? nullptr : &found->second;
}

bool Weights::has(const std::string& name) const { return find(name) != nullptr; }

std::string Weights::where(const std::string& name) const {
  const Stored* stored = find(name);
  if (stored == nullptr) return cat(folder_.string(), ": tensor ", quote(name));
  return cat(parts_[stored->part]->file(), ": tensor ", quote(stored->name));
}

torch::Tensor Weights::get(const std::string& name) const {
  const torch::Tensor t = view(name);
  const Stored* stored = find(name);
  parts_[stored->part]->check(stored->name);
  return t;
}

void Weights::check() const {
  std::vector<const Stored*> all;
  for (const auto& [name, stored] : stored_) all.push_back(&stored);
  base::parallel_for(static_cast<int64_t>(all.size()), 0, [&](int64_t i) {
    const Stored& stored = *all[static_cast<size_t>(i)];
    parts_[stored.part]->check(stored.name);
  });
}

std::vector<int64_t> Weights::shape(const std::string& name) const { return view(name).sizes().vec(); }

torch::Dtype Weights::dtype(const std::string& name) const { return view(name).scalar_type(); }

torch::Tensor Weights::view(const std::string& name) const {
  const Stored* stored = find(name);
  if (stored == nullptr) fail(cat(where(name), " is missing"));
  torch::Tensor t = parts_[stored->part]->get(stored->name);
  if (!t.is_floating_point()) {
    fail(cat(where(name), ": expected floating point, got ", c10::toString(t.scalar_type())));
  }
  if (layout_ == Layout::kTransformers) return t;
  const DeepSeekPlace place = deepseek_place(name);
  if (place.batched) {
    if (t.dim() == 0 || t.size(0) != 1) fail(cat(where(name), ": expected a first dimension of 1"));
    t = t[0];
  }
  if (place.third >= 0) {
    if (t.dim() == 0 || t.size(0) % 3 != 0) fail(cat(where(name), ": expected rows of q, k and v"));
    t = t.tensor_split(3)[static_cast<size_t>(place.third)];
  }
  return t;
}

std::vector<std::string> Weights::others(const std::vector<std::string>& names) const {
  std::set<std::string> known;
  for (const auto& name : names) known.insert(layout_ == Layout::kDeepSeek ? deepseek_place(name).name : name);
  std::vector<std::string> out;
  for (const auto& name : order_) {
    if (known.count(name) > 0 || is_unused(name)) continue;
    out.push_back(stored_.at(name).name);
  }
  return out;
}

std::vector<int64_t> Weights::stored_shape(const std::string& stored_name) const {
  const auto found = stored_.find(stored_name);
  if (found == stored_.end()) return {};
  return parts_[found->second.part]->get(found->second.name).sizes().vec();
}

void Weights::release_pages() const {
  for (const auto& part : parts_) part->release_pages();
}

}  // namespace easel::model
