// The page of a run: what was trained, how it scored, what it drew, and every curve on the way.
#pragma once

#include <string>
#include <vector>

#include "record/metrics.h"
#include "report/html.h"
#include "report/runs.h"
#include "report/samples.h"

namespace easel::report {

struct LabelledSummary {
  std::string label;
  record::EvalSummary summary;
};

struct RunReport {
  std::string title = "Run report";
  Runs runs;
  std::vector<LabelledSummary> evaluations;  // in the order to compare: base, SFT, RL
  std::vector<SampleStrip> strips;

  SampleStrip& strip(const std::string& label);  // the one of that label, made if need be
};

// The page. Images are read here, those that are shown and no others; one that is missing or
// damaged is a bad record and an empty frame on the page.
std::string run_page(const RunReport& report, const std::string& root, jsonl::BadRecords& bad);

// Parts of it, each adding a section to a page, or nothing if there is nothing to show.
void add_overview(const Runs& runs, Page* page);
void add_evaluations(const std::vector<LabelledSummary>& evaluations, Page* page);
void add_grpo_plots(const std::vector<Run<record::GrpoMetrics>>& runs, Page* page);
void add_sft_plots(const std::vector<Run<record::SftMetrics>>& runs, Page* page);
void add_vq_plots(const std::vector<Run<record::VqMetrics>>& runs, Page* page);

}  // namespace easel::report
