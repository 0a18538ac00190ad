#include "model/convert.h"

#include <deque>
#include <map>

#include "base/error.h"
#include "base/file.h"
#include "base/signals.h"
#include "model/adapter.h"
#include "model/janus.h"
#include "model/policy.h"
#include "model/preprocessor.h"
#include "tensor/compute.h"
#include "tensor/safetensors.h"

namespace easel::model {

using base::cat;

namespace {

// A tensor of the new file: one of the old, or q, k and v of a vision layer.
struct Output {
  std::vector<std::string> from;  // transformers' names
  bool batched = false;
  tensor::SafetensorsWriter::Declared declared;
};

std::vector<Output> plan(const Weights& from, const JanusConfig& config, const Conversion& conversion) {
  std::deque<Output> outputs;
  std::map<std::string, Output*> fused;  // by name, while its parts come: weights and biases take turns
  Janus shapes(config);
  require_weights(shapes, from);
  shapes.visit([&](const std::string& name, Tensor& parameter) {
    const torch::Dtype dtype = conversion.dtype.value_or(from.dtype(name));
    std::vector<int64_t> shape = parameter.sizes().vec();
    if (conversion.to == Layout::kTransformers) {
      outputs.push_back({{name}, false, {name, dtype, shape}});
      return;
    }
    const DeepSeekPlace place = deepseek_place(name);
    if (place.third > 0) {
      fused.at(place.name)->from.push_back(name);
      return;
    }
    if (place.third == 0) shape[0] *= 3;
    if (place.batched) shape.insert(shape.begin(), 1);
    outputs.push_back({{name}, place.batched, {place.name, dtype, shape}});
    if (place.third == 0) fused[place.name] = &outputs.back();
  });
  return {outputs.begin(), outputs.end()};
}

}  // namespace

void convert_checkpoint(const Weights& from, const JanusConfig& config, const Conversion& conversion,
                        const std::filesystem::path& into) {
  torch::NoGradGuard no_grad;
  const std::vector<Output> outputs = plan(from, config, conversion);
  const std::string dtype = tensor::dtype_name(outputs[0].declared.dtype);
  const bool deepseek = conversion.to == Layout::kDeepSeek;
  base::write_file(into / "config.json", deepseek ? config.deepseek_config_json(dtype) : config.config_json(dtype));
  if (deepseek) {
    base::write_file(into / "generation_config.json", config.generation_config_json());
    base::write_file(into / "preprocessor_config.json", config.deepseek_preprocessor_config_json());
  } else {
    write_processing_files(into, from.folder(), config);
  }
  std::vector<tensor::SafetensorsWriter::Declared> declared;
  for (const Output& output : outputs) declared.push_back(output.declared);
  std::map<std::string, Projection> adapted;
  if (!conversion.adapter.empty()) {
    Janus pairs(config);
    load_adapter(pairs, conversion.adapter);
    pairs.lm.visit_projections([&](const std::string& name, Projection& p) {
      if (!p.adapted()) return;
      p.weight = Tensor();  // of the checkpoint, in its turn
      adapted[name] = p;
    });
  }
  tensor::SafetensorsWriter writer(into / "model.safetensors", declared, {{"format", "pt"}});
  for (const Output& output : outputs) {
    base::throw_if_stopped();
    std::vector<Tensor> parts;
    for (const auto& name : output.from) {
      Tensor weight = from.get(name);
      if (const auto found = adapted.find(name); found != adapted.end()) {
        found->second.weight = weight.to(torch::kFloat32);  // rounded once, when it is written
        weight = found->second.merged();
        found->second.weight = Tensor();
      }
      parts.push_back(weight);
    }
    const Tensor whole = parts.size() == 1 ? parts[0] : torch::cat(parts);
    writer.write(output.batched ? whole.unsqueeze(0) : whole);
    from.release_pages();
  }
  writer.commit();
}

}  // namespace easel::model
