// Trainer state inside a policy folder: trainer/state.json, trainer/optimizer.safetensors and
// trainer/metrics.jsonl. It is written together with the weights, so a killed run goes on from a
// state in which all four belong together.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "jsonl/object.h"
#include "train/parameter_set.h"

namespace easel::train {

struct TrainerState {
  std::string program;
  std::string run;                   // digest of what the run depends on: options, data, policy
  int64_t step = 0;                  // optimizer steps done
  bool done = false;
  jsonl::Object extra;               // the program's own
  std::vector<std::string> metrics;  // every metrics line so far
};

void write_trainer(const std::filesystem::path& into, const TrainerState& state,
                   const ParameterSet& parameters);
// nullopt when the folder holds no trainer state of `program`. Throws Error when it is damaged.
std::optional<TrainerState> read_trainer(const std::filesystem::path& folder,
                                         const std::string& program);
void load_optimizer(const std::filesystem::path& folder, ParameterSet& parameters);

}  // namespace easel::train
