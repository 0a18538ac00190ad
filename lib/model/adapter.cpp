#include "model/adapter.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "tensor/compute.h"
#include "tensor/safetensors.h"
#include "tensor/tensor_file.h"

namespace easel::model {

using base::cat;
using base::fail;
using base::quote;
namespace fs = std::filesystem;

namespace {
constexpr auto kConfig = kAdapterFiles[0], kSafetensors = kAdapterFiles[1], kPickled = kAdapterFiles[2];
}  // namespace

bool has_adapter(const fs::path& folder) { return fs::exists(folder / kConfig); }

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
  LoraConfig config = LoraConfig::parse(base::read_file(folder / kConfig, 1 << 20), (folder / kConfig).string());
  const bool pickled = !fs::exists(folder / kSafetensors) && fs::exists(folder / kPickled);
  const auto file = tensor::map_tensor_file(folder / (pickled ? kPickled : kSafetensors));
  size_t taken = 0;
  std::vector<std::string> known;
  model.lm.visit_projections([&](const std::string& name, Projection& p) {
    const std::string a = lora_name(name, 'A'), b = lora_name(name, 'B');
    known.push_back(a);
    known.push_back(b);
    if (!file->has(a) && !file->has(b)) return;
    const auto take = [&](const std::string& half, std::vector<int64_t> shape) {
      file->check(half);
      const Tensor stored = file->get(half);
      if (stored.sizes() != at::IntArrayRef(shape) || !stored.is_floating_point()) {
        fail(cat(file->file(), ": tensor ", quote(half), ": expected floating point of shape ", at::IntArrayRef(shape),
                 ", got ", c10::toString(stored.scalar_type()), " of ", stored.sizes()));
      }
      ++taken;
      const Tensor values = tensor::aligned_copy(stored.to(torch::kFloat32));
      return p.weight.is_meta() ? values : values.to(p.weight.device());  // a model without weights has no device
    };
    p.a = take(a, {config.rank, p.weight.size(1)});
    p.b = take(b, {p.weight.size(0), config.rank});
    p.scale = config.scale();
    if (!config.targets_name(name)) config.targets.push_back(projection_name(name));
  });
  if (taken == 0) fail(cat(file->file(), ": no adapter of a projection of the decoder in it"));
  if (taken < file->names().size()) {
    for (const auto& name : file->names()) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      fail(cat(file->file(), ": tensor ", quote(name), " is for no projection of the decoder, and ",
               file->names().size() - taken - 1, " more"));
    }
  }
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
  model.lm.visit_projections([&](const std::string& name, Projection& p) {
    if (!p.adapted()) return;
    pairs.emplace_back(lora_name(name, 'A'), p.a.detach().to(torch::kCPU));
    pairs.emplace_back(lora_name(name, 'B'), p.b.detach().to(torch::kCPU));
  });
  base::write_file(folder / kConfig, config.json());
  tensor::write_safetensors(folder / kSafetensors, pairs, {{"format", "pt"}});
}

}  // namespace easel::model
