#include "report/runs.h"

#include <algorithm>
#include <map>

namespace easel::report {

namespace fs = std::filesystem;

namespace {

std::string stem_of(const std::string& path) {
  if (path == "-") return "stdin";
  std::string name = fs::path(path).filename().string();
  for (const char* ending : {".gz", ".zst", ".jsonl", ".json"}) {
    const std::string_view tail = ending;
    if (name.size() > tail.size() && name.ends_with(tail)) name.resize(name.size() - tail.size());
  }
  return name;
}

template <class T>
struct Collected {
  std::map<int64_t, std::pair<T, record::NamedNumbers>> by_step;

  void add(const T& metrics, const jsonl::Object& fields) {
    by_step[metrics.step] = {metrics, record::stage_seconds(fields)};
  }
  void finish(const std::string& label, std::vector<Run<T>>* runs) {
    if (by_step.empty()) return;
    Run<T> run;
    run.label = label;
    for (auto& [step, entry] : by_step) {
      run.steps.push_back(std::move(entry.first));
      run.stages.push_back(std::move(entry.second));
    }
    runs->push_back(std::move(run));
  }
};

}  // namespace

std::vector<LabelledFile> parse_labels(const std::vector<std::string>& arguments) {
  std::vector<LabelledFile> files;
  std::vector<size_t> unlabelled;
  for (const auto& argument : arguments) {
    const size_t equals = argument.find('=');
    std::error_code error;
    if (equals == std::string::npos || equals == 0 || fs::exists(argument, error)) {
      unlabelled.push_back(files.size());
      files.push_back({stem_of(argument), argument, false});
    } else {
      files.push_back({argument.substr(0, equals), argument.substr(equals + 1), true});
    }
  }
  std::map<std::string, int> uses;
  for (const auto& file : files) ++uses[file.label];
  for (const size_t i : unlabelled) {
    if (uses[files[i].label] > 1) files[i].label = files[i].path;
  }
  return files;
}

int64_t read_metrics(const LabelledFile& file, jsonl::BadRecords& bad, Runs* runs) {
  Collected<record::SftMetrics> sft;
  Collected<record::GrpoMetrics> grpo;
  Collected<record::VqMetrics> vq;
  int64_t count = 0;
  jsonl::LineReader reader(file.path);
  jsonl::for_each(reader, bad, [&](jsonl::Object& fields) {
    const record::Metrics metrics = record::parse_metrics(fields);
    if (const auto* m = std::get_if<record::SftMetrics>(&metrics)) sft.add(*m, fields);
    if (const auto* m = std::get_if<record::GrpoMetrics>(&metrics)) grpo.add(*m, fields);
    if (const auto* m = std::get_if<record::VqMetrics>(&metrics)) vq.add(*m, fields);
    ++count;
  });
  sft.finish(file.label, &runs->sft);
  grpo.finish(file.label, &runs->grpo);
  vq.finish(file.label, &runs->vq);
  return count;
}

}  // namespace easel::report
