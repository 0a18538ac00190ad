// Metrics files as runs: one run for each program that a file has records of.
#pragma once

#include <string>
#include <vector>

#include "jsonl/stream.h"
#include "record/metrics.h"

namespace easel::report {

// Steps ascend; where a step was written twice (a run that was resumed) the later record counts.
template <class T>
struct Run {
  std::string label;
  std::vector<T> steps;
  std::vector<record::NamedNumbers> stages;  // seconds by stage, for every step
};

struct Runs {
  std::vector<Run<record::SftMetrics>> sft;
  std::vector<Run<record::GrpoMetrics>> grpo;
  std::vector<Run<record::VqMetrics>> vq;
  bool empty() const { return sft.empty() && grpo.empty() && vq.empty(); }
};

// A file and the name that stands for it on the page.
struct LabelledFile {
  std::string label, path;
  bool named = false;  // the label was given
};
// From "LABEL=FILE" or "FILE" (whose label is its name without endings, or the whole path where two
// names are the same). An argument that names an existing file is never split at its '='.
std::vector<LabelledFile> parse_labels(const std::vector<std::string>& arguments);

// Adds a file's records; returns how many it had.
int64_t read_metrics(const LabelledFile& file, jsonl::BadRecords& bad, Runs* runs);

}  // namespace easel::report
