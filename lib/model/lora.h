// Low-rank adaptation (Hu et al., 2021): a frozen matrix W learns through W + scale B A.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "model/ops.h"

namespace easel::model {

// Called with a parameter's name and the tensor that holds it.
using ParameterVisitor = std::function<void(const std::string& name, Tensor& parameter)>;

struct LoraConfig {
  int64_t rank = 0;  // 0: no adapter
  double alpha = 0;
  // Projections by the last part of their names but "weight": q_proj, ..., down_proj.
  std::vector<std::string> targets;

  double scale() const { return alpha / static_cast<double>(rank); }
  bool targets_name(const std::string& parameter_name) const;
  // adapter_config.json, as PEFT reads and writes it, but for the targets: those are what the adapter's file
  // holds. Throws Error naming the file and what is not supported (rank-stabilised scales, DoRA, a rank of
  // its own for a layer).
  static LoraConfig parse(const std::string& json, const std::string& file);
  // modules: all that have the adapter, by their full names, where those are not every layer's projections of the targets.
  std::string json(const std::vector<std::string>& modules = {}) const;
};

// The decoder's projections, all of them: what PEFT calls "all-linear" of a Llama.
std::vector<std::string> all_projections();

// A projection of the decoder, with its adapter when it has one.
struct Projection {
  Tensor weight;  // [out, in]
  Tensor a, b;    // float32 [rank, in], [out, rank]; undefined without an adapter
  double scale = 0;

  bool adapted() const { return a.defined(); }
  Tensor operator()(const Tensor& x) const;
  // W + scale B A, computed in float32 and rounded to the weight's type.
  Tensor merged() const;
};

// "q_proj" of "model.language_model.layers.0.self_attn.q_proj.weight"; empty for what is no weight.
std::string projection_name(std::string_view weight_name);

// PEFT's names of the pair: "base_model.model.NAME.lora_A.weight" for NAME.weight.
std::string lora_name(const std::string& weight_name, char which);

}  // namespace easel::model
