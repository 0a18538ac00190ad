// A checkpoint's weights written in another layout or type.
#pragma once

#include <filesystem>
#include <optional>

#include "model/config.h"
#include "model/weights.h"

namespace easel::model {

struct Conversion {
  Layout to = Layout::kTransformers;
  std::optional<torch::Dtype> dtype;  // absent: each tensor keeps its own
  std::filesystem::path adapter;      // a folder whose adapter goes into the weights; empty: none
};

// Writes config.json, generation_config.json, preprocessor_config.json and model.safetensors into a folder,
// with one tensor in memory at a time: a checkpoint may be larger than memory. Throws Error naming the
// tensors that are missing, unexpected or of another shape than `config` gives them, before it writes.
void convert_checkpoint(const Weights& from, const JanusConfig& config, const Conversion& conversion,
                        const std::filesystem::path& into);

}  // namespace easel::model
