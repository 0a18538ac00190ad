#include "train/checkpoint.h"

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/signals.h"

namespace easel::train {

namespace fs = std::filesystem;

void write_trainer(const fs::path& into, const TrainerState& state, const tensor::NamedTensors& tensors) {
  const fs::path folder = into / "trainer";
  base::make_folder(folder);
  jsonl::Object record;
  record.set("program", state.program);
  record.set("run", state.run);
  record.set("step", state.step);
  record.set("done", state.done);
  record.set("extra", state.extra);
  base::write_file(folder / "state.json", record.str() + "\n");
  std::string lines;
  for (const auto& line : state.metrics) lines += line + "\n";
  base::write_file(folder / "metrics.jsonl", lines);
  tensor::write_safetensors(folder / "optimizer.safetensors", tensors, {});
}

std::optional<TrainerState> read_trainer(const fs::path& folder, const std::string& program) {
  const fs::path path = folder / "trainer" / "state.json";
  if (!fs::exists(path)) return std::nullopt;
  const std::string text = base::read_file(path);
  const jsonl::Object record = jsonl::Object::parse(base::trim(text), {path.string(), 0});
  TrainerState state;
  state.program = record.string("program");
  if (state.program != program) return std::nullopt;
  state.run = record.string("run");
  state.step = record.integer("step");
  state.done = record.boolean("done");
  state.extra = record.object("extra");
  const std::string lines = base::read_file(folder / "trainer" / "metrics.jsonl");
  for (const auto& line : base::split(lines, '\n')) {
    if (!line.empty()) state.metrics.push_back(line);
  }
  return state;
}

tensor::Safetensors trainer_tensors(const fs::path& folder) {
  return tensor::Safetensors::map(folder / "trainer" / "optimizer.safetensors");
}

bool take_up(const fs::path& folder, const std::optional<TrainerState>& saved, TrainerState& state,
             jsonl::Writer& writer) {
  if (!saved) return true;
  if (saved->run != state.run) {
    base::fail(base::cat(folder.string(), ": holds the state of a run with other options, data or policy"),
               "remove the folder or choose another --out");
  }
  state = *saved;
  for (const auto& line : state.metrics) writer.write_line(line);
  if (state.done) {
    base::note(base::cat(folder.string(), ": this run is done already; nothing to do"));
  } else {
    base::note(base::cat(folder.string(), ": going on after step ", state.step));
  }
  return !state.done;
}

void train_to_end(TrainerState& state, int64_t steps, int64_t every, jsonl::Writer& writer,
                  const std::function<jsonl::Object(int64_t)>& step, const std::function<void()>& publish) {
  base::Progress progress("steps", steps - state.step);
  while (state.step < steps) {
    base::throw_if_stopped();
    const jsonl::Object metrics = step(state.step);
    state.metrics.push_back(metrics.str());
    ++state.step;
    state.done = state.step == steps;
    if (state.done || (every > 0 && state.step % every == 0)) publish();
    writer.write(metrics);
    writer.flush();
    const auto loss = metrics.optional_number("loss");
    progress.add(1, loss ? base::cat("loss ", base::format_fixed(*loss, 4)) : "");
  }
}

}  // namespace easel::train
