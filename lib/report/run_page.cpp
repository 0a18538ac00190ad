#include "report/run_page.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "report/plot.h"
#include "report/spread.h"
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

// Evaluations of one label: the seeds of one setting.
struct Evaluated {
  std::string label;
  std::vector<const record::EvalSummary*> seeds;

  // Over the seeds for which value() has a number.
  Spread spread(const std::function<std::optional<double>(const record::EvalSummary&)>& value) const {
    std::vector<double> values;
    for (const auto* seed : seeds) values.push_back(value(*seed).value_or(NAN));
    return Spread::of(values);
  }
};

std::vector<Evaluated> by_label(const std::vector<LabelledSummary>& evaluations) {
  std::vector<Evaluated> groups;
  for (const auto& e : evaluations) {
    auto found = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.label == e.label; });
    if (found == groups.end()) found = groups.insert(groups.end(), Evaluated{e.label, {}});
    found->seeds.push_back(&e.summary);
  }
  return groups;
}

std::string percent(const Spread& s) {
  if (s.count == 0) return "-";
  return s.count == 1 ? percent(s.mean) : cat(percent(s.mean), " ± ", format_fixed(s.deviation * 100, 2));
}

// A row of shares, the best of them strong, and the last one's gain over the first where there are two.
void add_share_row(const std::string& name, const std::vector<Spread>& shares, Table* table) {
  std::vector<TableCell> row = {{name}};
  const auto is_less = [](const Spread& a, const Spread& b) { return a.count == 0 || a.mean < b.mean; };
  const double best = std::max_element(shares.begin(), shares.end(), is_less)->mean;
  const auto leads = std::count_if(shares.begin(), shares.end(), [&](const Spread& s) { return s.mean == best; });
  for (const auto& share : shares) {
    row.push_back({percent(share), leads == 1 && shares.size() > 1 && share.mean == best});
  }
  if (shares.size() > 1) {
    const auto &first = shares.front(), &last = shares.back();
    const bool both = first.count > 0 && last.count > 0;
    const double gain = (last.mean - first.mean) * 100;
    row.push_back({both ? cat(gain >= 0 ? "+" : "", format_fixed(gain, 2)) : "-"});
  }
  table->rows.push_back(std::move(row));
}

// Of one evaluation its images' interval, of several their standard deviation.
std::optional<Bar> task_bar(const Evaluated& e, const std::string& tag) {
  const Spread s = e.spread([&](const auto& summary) {
    const auto* task = find_task(summary, tag);
    return task ? std::optional(task->score()) : std::nullopt;
  });
  if (s.count == 0) return std::nullopt;
  if (e.seeds.size() == 1) {
    const auto* task = find_task(*e.seeds.front(), tag);
    return share_bar(task->correct, task->total);
  }
  return Bar{s.mean, std::max(0.0, s.mean - s.deviation), std::min(1.0, s.mean + s.deviation), percent(s)};
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

void add_evaluations(const std::vector<LabelledSummary>& all, Page* page) {
  if (all.empty()) return;
  page->section("Evaluation");
  const std::vector<Evaluated> evaluations = by_label(all);
  const bool seeds = evaluations.size() < all.size();
  Table table;
  BarPlot plot{.title = "Correct images by task", .unit = seeds ? "line: standard deviation over seeds" : "line: 95% interval"};
  table.header = {"task"};
  for (size_t i = 0; i < evaluations.size(); ++i) {
    table.header.push_back(evaluations[i].label);
    plot.series.push_back({evaluations[i].label, static_cast<int>(i) % kColors, {}});
    for (const auto* summary : evaluations[i].seeds) {
      for (const auto& task : summary->tasks) {
        auto& names = plot.categories;
        if (std::find(names.begin(), names.end(), task.tag) == names.end()) names.push_back(task.tag);
      }
    }
  }
  if (evaluations.size() > 1) table.header.push_back("gain, points");
  const auto add_row = [&](const std::string& name, const std::function<std::optional<double>(const record::EvalSummary&)>& value) {
    std::vector<Spread> shares;
    for (const auto& e : evaluations) shares.push_back(e.spread(value));
    add_share_row(name, shares, &table);
    return shares;
  };
  for (auto& tag : plot.categories) {
    const std::string name = base::replace_all(tag, "_", " ");
    add_row(name, [&](const auto& s) {
      const auto* task = find_task(s, tag);
      return task ? std::optional(task->score()) : std::nullopt;
    });
    for (size_t i = 0; i < evaluations.size(); ++i) plot.series[i].bars.push_back(task_bar(evaluations[i], tag));
    tag = name;
  }
  const auto share = [](int64_t correct, int64_t total) {
    return total > 0 ? std::optional(static_cast<double>(correct) / static_cast<double>(total))
                     : std::nullopt;
  };
  plot.categories.push_back("overall");
  const auto overall = add_row("overall (mean of tasks)", [](const auto& s) { return std::optional(s.overall); });
  add_row("correct images", [&](const auto& s) { return share(s.correct_images, s.images); });
  add_row("prompts with a correct image", [&](const auto& s) { return share(s.correct_prompts, s.prompts); });
  std::vector<TableCell> counts = {{"images"}};
  for (size_t i = 0; i < evaluations.size(); ++i) {
    const Spread& s = overall[i];
    Bar bar{s.mean, std::nullopt, std::nullopt, percent(s)};
    if (s.count > 1) {
      bar.low = std::max(0.0, s.mean - s.deviation);
      bar.high = std::min(1.0, s.mean + s.deviation);
    }
    plot.series[i].bars.push_back(bar);
    int64_t images = 0;
    for (const auto* summary : evaluations[i].seeds) images += summary->images;
    counts.push_back({cat(images)});
  }
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
