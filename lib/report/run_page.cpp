#include "report/run_page.h"

#include <algorithm>
#include <cmath>

#include "report/plot.h"
#include "report/ticks.h"

namespace easel::report {

using base::cat;
using base::format_fixed;

namespace {

constexpr size_t kEnds = 5;  // steps averaged at either end of a run

template <class T>
void add_rows(const std::vector<Run<T>>& runs, const std::string& measure, record::Number T::*field,
              Table* table) {
  for (const auto& run : runs) {
    std::vector<double> values;
    double seconds = 0;
    for (const T& step : run.steps) {
      if (step.*field) values.push_back(*(step.*field));
      seconds += step.seconds.value_or(0);
    }
    const auto mean = [&](size_t begin, size_t end) -> std::string {
      if (begin >= end) return "-";
      double sum = 0;
      for (size_t i = begin; i < end; ++i) sum += values[i];
      return short_number(sum / static_cast<double>(end - begin));
    };
    const size_t n = std::min(kEnds, values.size());
    table->rows.push_back({{run.label},
                           {T::kProgram},
                           {cat(run.steps.size())},
                           {measure},
                           {mean(0, n)},
                           {mean(values.size() - n, values.size()), true},
                           {seconds > 0 ? base::format_duration(seconds) : "-"}});
  }
}

std::string percent(double share) { return format_fixed(share * 100, 2) + "%"; }

// Wilson's score interval at 95 %: n is 80 to 100 images a task, and shares come close to 1.
Bar share_bar(int64_t correct, int64_t total) {
  const double n = static_cast<double>(total), p = static_cast<double>(correct) / n, z = 1.96;
  const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {p, centre - half, centre + half, percent(p)};
}

const record::EvalSummary::Task* find_task(const record::EvalSummary& s, const std::string& tag) {
  const auto found = std::find_if(s.tasks.begin(), s.tasks.end(),
                                  [&](const auto& task) { return task.tag == tag; });
  return found == s.tasks.end() || found->total == 0 ? nullptr : &*found;
}

// A row of shares, the best of them strong, and each one's gain over the first where there are two.
void add_share_row(const std::string& name, const std::vector<std::optional<double>>& shares,
                   Table* table) {
  std::vector<TableCell> row = {{name}};
  std::optional<double> best;
  for (const auto& share : shares) best = std::max(best, share);
  const auto leads = std::count(shares.begin(), shares.end(), best);
  for (const auto& share : shares) {
    row.push_back(
        {share ? percent(*share) : "-", leads == 1 && shares.size() > 1 && share == best});
  }
  if (shares.size() > 1) {
    const auto &first = shares.front(), &last = shares.back();
    const double gain = first && last ? (*last - *first) * 100 : 0;
    row.push_back({first && last ? cat(gain >= 0 ? "+" : "", format_fixed(gain, 2)) : "-"});
  }
  table->rows.push_back(std::move(row));
}

}  // namespace

void add_overview(const Runs& runs, Page* page) {
  if (runs.empty()) return;
  page->section("Runs");
  Table table;
  table.header = {"run", "program", "steps", "measure", "at first", "at last", "time"};
  add_rows(runs.grpo, "reward", &record::GrpoMetrics::reward_mean, &table);
  add_rows(runs.sft, "loss", &record::SftMetrics::loss, &table);
  add_rows(runs.vq, "loss", &record::VqMetrics::loss, &table);
  page->table(table);
  page->paragraph(cat("First and last: the mean of ", kEnds, " steps at either end."));
}

void add_evaluations(const std::vector<LabelledSummary>& evaluations, Page* page) {
  if (evaluations.empty()) return;
  page->section("Evaluation");
  Table table;
  BarPlot plot{.title = "Correct images by task", .unit = "line: 95% interval"};
  table.header = {"task"};
  for (size_t i = 0; i < evaluations.size(); ++i) {
    table.header.push_back(evaluations[i].label);
    plot.series.push_back({evaluations[i].label, static_cast<int>(i) % kColors, {}});
    for (const auto& task : evaluations[i].summary.tasks) {
      auto& names = plot.categories;
      if (std::find(names.begin(), names.end(), task.tag) == names.end()) names.push_back(task.tag);
    }
  }
  if (evaluations.size() > 1) table.header.push_back("gain, points");
  for (const auto& tag : plot.categories) {
    std::vector<std::optional<double>> shares;
    for (size_t i = 0; i < evaluations.size(); ++i) {
      const auto* task = find_task(evaluations[i].summary, tag);
      shares.push_back(task ? std::optional(task->score()) : std::nullopt);
      plot.series[i].bars.push_back(task ? std::optional(share_bar(task->correct, task->total))
                                         : std::nullopt);
    }
    add_share_row(base::replace_all(tag, "_", " "), shares, &table);
  }
  for (auto& name : plot.categories) name = base::replace_all(name, "_", " ");
  plot.categories.push_back("overall");
  std::vector<std::optional<double>> overall, images, prompts;
  std::vector<TableCell> counts = {{"images"}};
  const auto share = [](int64_t correct, int64_t total) {
    return total > 0 ? std::optional(static_cast<double>(correct) / static_cast<double>(total))
                     : std::nullopt;
  };
  for (size_t i = 0; i < evaluations.size(); ++i) {
    const record::EvalSummary& s = evaluations[i].summary;
    overall.push_back(s.overall);
    images.push_back(share(s.correct_images, s.images));
    prompts.push_back(share(s.correct_prompts, s.prompts));
    counts.push_back({cat(s.images)});
    plot.series[i].bars.push_back(Bar{s.overall, std::nullopt, std::nullopt, percent(s.overall)});
  }
  add_share_row("overall (mean of tasks)", overall, &table);
  add_share_row("correct images", images, &table);
  add_share_row("prompts with a correct image", prompts, &table);
  if (evaluations.size() > 1) counts.push_back({""});
  table.rows.push_back(std::move(counts));
  page->table_and_figure(table, bar_plot(plot));
}

SampleStrip& RunReport::strip(const std::string& label) {
  for (auto& strip : strips) {
    if (strip.label == label) return strip;
  }
  strips.emplace_back().label = label;
  return strips.back();
}

std::string run_page(const RunReport& report, const std::string& root, jsonl::BadRecords& bad) {
  Page page(report.title);
  add_overview(report.runs, &page);
  add_evaluations(report.evaluations, &page);
  add_grpo_plots(report.runs.grpo, &page);
  for (const auto& strip : report.strips) add_samples(strip, root, bad, &page);
  add_sft_plots(report.runs.sft, &page);
  add_vq_plots(report.runs.vq, &page);
  return page.str();
}

}  // namespace easel::report
