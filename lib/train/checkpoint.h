// Trainer state inside a policy folder: trainer/state.json, trainer/optimizer.safetensors and
// trainer/metrics.jsonl. It is written together with the weights, so a killed run goes on from a
// state in which all four belong together.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "jsonl/object.h"
#include "jsonl/stream.h"
#include "tensor/safetensors.h"

namespace easel::train {

struct TrainerState {
  std::string program;
  std::string run;                   // digest of what the run depends on: options, data, policy
  int64_t step = 0;                  // optimizer steps done
  bool done = false;
  jsonl::Object extra;               // the program's own
  std::vector<std::string> metrics;  // every metrics line so far
};

// `tensors` goes into optimizer.safetensors: ParameterSet::state() and whatever else the trainer has.
void write_trainer(const std::filesystem::path& into, const TrainerState& state,
                   const tensor::NamedTensors& tensors);
// nullopt when the folder holds no trainer state of `program`. Throws Error when it is damaged.
std::optional<TrainerState> read_trainer(const std::filesystem::path& folder,
                                         const std::string& program);
tensor::Safetensors trainer_tensors(const std::filesystem::path& folder);

// Lines of a run that a folder holds the state of: those of `saved` are written again, and its state is
// taken over. Returns whether there is anything left to do. Throws Error when the folder's run is
// another one.
bool take_up(const std::filesystem::path& folder, const std::optional<TrainerState>& saved, TrainerState& state,
             jsonl::Writer& writer);

// Goes on from state.step to `steps`: step(n) is one optimizer step, n from 0, and gives its metrics,
// which go to the writer; publish() runs after every `every` steps (0: never) and after the last, with state.done set.
// Throws Interrupted on a stop.
void train_to_end(TrainerState& state, int64_t steps, int64_t every, jsonl::Writer& writer,
                  const std::function<jsonl::Object(int64_t)>& step, const std::function<void()>& publish);

}  // namespace easel::train
