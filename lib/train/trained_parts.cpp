#include "train/trained_parts.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "model/adapter.h"
#include "tensor/compute.h"

namespace easel::train {

using base::cat;
using base::quote;

namespace {

struct Part {
  const char *name, *beginning;  // of its parameters
  bool generates, answers;       // whether it takes part in that
  const char* published = nullptr;  // its name in DeepSeek's checkpoints, where that is another
};
constexpr Part kParts[] = {
    {"embeddings", "model.language_model.embed_tokens.", true, true},
    {"decoder", "model.language_model.", true, true},
    {"text_head", "lm_head.", true, true},
    {"generation_embeddings", "model.generation_embeddings.", true, false, "gen_embed"},
    {"generation_aligner", "model.generation_aligner.", true, false, "gen_aligner"},
    {"generation_head", "model.generation_head.", true, false, "gen_head"},
    {"vision_tower", "model.vision_model.", false, true},
    {"aligner", "model.aligner.", false, true},
    {"image_tokenizer", "model.vqmodel.", false, false, "gen_vision_model"},
};

bool takes_part(const Part& part, Task task) { return task == Task::kGenerate ? part.generates : part.answers; }

// The part of a parameter: the first whose names begin so.
const Part* part_of(const std::string& name) {
  for (const Part& part : kParts) {
    if (name.starts_with(part.beginning)) return &part;
  }
  return nullptr;
}

bool holds(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

bool TrainedParts::trains(const std::string& name) const {
  const Part* part = part_of(name);
  return adapter.rank == 0 && part != nullptr && takes_part(*part, task) && !holds(frozen, part->name);
}

std::string TrainedParts::words() const {
  std::vector<std::string> words;
  if (dtype != torch::kFloat32) words.push_back(cat("--dtype ", tensor::dtype_name(dtype)));
  if (adapter.rank > 0) words.push_back(cat("--lora-rank ", adapter.rank));
  for (const Part& part : kParts) {
    if (part.generates && holds(frozen, part.name)) words.push_back(cat("--freeze ", part.name));
  }
  if (state.eight_bit) words.emplace_back("--optimizer-8bit");
  if (state.stochastic_rounding) words.emplace_back("--stochastic-rounding");
  return base::join(words, " ");
}

TrainedParts checked(TrainedParts parts) {
  const auto projections = model::all_projections();
  std::vector<std::string> known;  // those too that the task leaves as they are anyway
  for (const Part& part : kParts) {
    known.emplace_back(part.name);
    if (part.published == nullptr) continue;
    std::replace(parts.frozen.begin(), parts.frozen.end(), std::string(part.published), std::string(part.name));
  }
  const auto require = [](const char* flag, const std::vector<std::string>& given, const std::vector<std::string>& all) {
    for (const auto& name : given) {
      if (!holds(all, name)) {
        base::fail_usage(cat(flag, ": expected one of ", base::join(all, ", "), ", got ", quote(name)));
      }
    }
  };
  require("--freeze", parts.frozen, known);
  require("--lora-target", parts.adapter.targets, projections);
  const bool adapts = parts.adapter.rank > 0;
  if (adapts && !parts.frozen.empty()) base::fail_usage("--freeze: with --lora-rank everything but the adapter is frozen");
  if (!adapts && !parts.adapter.targets.empty()) base::fail_usage("--lora-target needs --lora-rank");
  if (adapts && parts.adapter.targets.empty()) parts.adapter.targets = projections;
  if (parts.state.stochastic_rounding && (adapts || parts.dtype == torch::kFloat32)) {
    base::fail_usage("--stochastic-rounding: expected --dtype bfloat16 and no adapter: what is trained is float32 here");
  }
  return parts;
}

model::LoadOptions load_options(const TrainedParts& parts, torch::Device device) {
  // Only a generator's other parts may stay in their file: pictures go through the vision tower.
  if (parts.task == Task::kAnswer) return {device, parts.dtype, model::Use::kChange};
  return {device, parts.dtype, parts.adapter.rank > 0 ? model::Use::kAdapt : model::Use::kTrain};
}

void prepare(model::Policy& policy, const TrainedParts& parts) {
  model::LoraConfig wanted = parts.adapter;
  std::sort(wanted.targets.begin(), wanted.targets.end());
  if (!policy.adapter) {
    if (wanted.rank == 0) return;
    model::add_adapter(policy.model, parts.adapter, parts.seed);
    policy.adapter = parts.adapter;
    return;
  }
  model::LoraConfig has = *policy.adapter;
  std::sort(has.targets.begin(), has.targets.end());
  if (wanted.rank == 0) {
    base::fail(cat(policy.folder.string(), ": has an adapter of rank ", has.rank),
               "train it on with --lora-rank, or merge it: janus-convert --merge-lora");
  }
  if (has.rank != wanted.rank || has.alpha != wanted.alpha || has.targets != wanted.targets) {
    base::fail(cat(policy.folder.string(), ": has an adapter of rank ", has.rank, ", alpha ", has.alpha, " for ",
                   base::join(has.targets, ", "), "; expected rank ", wanted.rank, ", alpha ", wanted.alpha, " for ",
                   base::join(wanted.targets, ", ")));
  }
}

void adopt_trained(ParameterSet& parameters, model::Janus& model, const TrainedParts& parts) {
  model.lm.recompute_layers = parts.recompute;
  if (model.lm.adapted()) {
    model.lm.visit_projections([&](const std::string& name, model::Projection& p) {
      if (!p.adapted()) return;
      parameters.add(model::lora_name(name, 'A'), p.a);
      parameters.add(model::lora_name(name, 'B'), p.b);
    });
  } else {
    model.visit([&](const std::string& name, Tensor& p) {
      if (parts.trains(name)) parameters.add(name, p);
    });
  }
  parameters.build();
}

}  // namespace easel::train
