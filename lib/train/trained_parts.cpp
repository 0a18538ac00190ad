#include "train/trained_parts.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "model/adapter.h"

namespace easel::train {

using base::cat;
using base::quote;

namespace {

constexpr std::pair<const char*, const char*> kParts[] = {
    {"embeddings", "model.language_model.embed_tokens."},
    {"decoder", "model.language_model."},
    {"text_head", "lm_head."},
    {"generation_embeddings", "model.generation_embeddings."},
    {"generation_aligner", "model.generation_aligner."},
    {"generation_head", "model.generation_head."},
};

// The part of a generator's parameter: the first whose names begin so.
std::string part_of(const std::string& name) {
  for (const auto& [part, beginning] : kParts) {
    if (name.starts_with(beginning)) return part;
  }
  return "";
}

bool holds(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

TrainedParts trained_parts(const std::vector<std::string>& frozen, int64_t rank, double alpha,
                           const std::vector<std::string>& targets, int64_t seed) {
  const auto projections = model::all_projections();
  std::vector<std::string> known;
  for (const auto& [part, beginning] : kParts) known.emplace_back(part);
  const auto require = [](const char* flag, const std::vector<std::string>& given, const std::vector<std::string>& all) {
    for (const auto& name : given) {
      if (!holds(all, name)) {
        base::fail_usage(cat(flag, ": expected one of ", base::join(all, ", "), ", got ", quote(name)));
      }
    }
  };
  require("--freeze", frozen, known);
  require("--lora-target", targets, projections);
  if (rank > 0 && !frozen.empty()) base::fail_usage("--freeze: with --lora-rank everything but the adapter is frozen");
  TrainedParts parts{.frozen = frozen, .adapter = {}, .seed = seed};
  if (rank > 0) parts.adapter = {.rank = rank, .alpha = alpha, .targets = targets.empty() ? projections : targets};
  return parts;
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

void adopt_trained(ParameterSet& parameters, model::Janus& model, const std::vector<std::string>& frozen) {
  if (model.lm.adapted()) {
    model.lm.visit_projections([&](const std::string& name, model::Projection& p) {
      if (!p.adapted()) return;
      parameters.add(model::lora_name(name, 'A'), p.a);
      parameters.add(model::lora_name(name, 'B'), p.b);
    });
  } else {
    model.visit([&](const std::string& name, Tensor& p) {
      if (model::Janus::is_generator(name) && !holds(frozen, part_of(name))) parameters.add(name, p);
    });
  }
  parameters.build();
}

}  // namespace easel::train
