// The curves of training runs, one section for each program.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "base/strings.h"
#include "report/plot.h"
#include "report/run_page.h"
#include "report/spread.h"

namespace easel::report {

using base::cat;
using record::GrpoMetrics;
using record::Number;
using record::SftMetrics;
using record::VqMetrics;

namespace {

template <class T>
struct Curve {
  std::string label;
  std::function<Number(const T&)> value;
  std::function<Number(const T&)> spread = nullptr;  // half-width of a band
};

template <class T>
struct Panel {
  std::string title, unit;
  std::vector<Curve<T>> curves = {};
  bool from_zero = false;
  bool spikes = false;  // a log scale where spikes would flatten the rest
};

// A field of any number type as a curve.
template <class T, class Field>
Curve<T> curve(const std::string& label, Field T::*field) {
  return {label, [field](const T& m) -> Number {
            return m.*field ? Number(static_cast<double>(*(m.*field))) : std::nullopt;
          }};
}

// Runs of one label: the seeds of one setting.
template <class T>
using Seeds = std::vector<const Run<T>*>;

template <class T>
std::vector<Seeds<T>> by_label(const std::vector<Run<T>>& runs) {
  std::vector<Seeds<T>> groups;
  for (const auto& run : runs) {
    const auto found =
        std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.front()->label == run.label; });
    (found == groups.end() ? groups.emplace_back() : *found).push_back(&run);
  }
  return groups;
}

template <class T>
Series series_of(const Run<T>& run, const Curve<T>& curve) {
  Series s;
  for (const T& step : run.steps) {
    s.x.push_back(static_cast<double>(step.step));
    s.y.push_back(curve.value(step).value_or(NAN));
    if (!curve.spread) continue;
    const double spread = curve.spread(step).value_or(0);
    s.low.push_back(s.y.back() - spread);
    s.high.push_back(s.y.back() + spread);
  }
  return s;
}

// Of several runs the mean at each step, in a band of one standard deviation.
template <class T>
Series series_of(const Seeds<T>& seeds, const Curve<T>& curve) {
  if (seeds.size() == 1) return series_of(*seeds.front(), curve);
  std::map<int64_t, std::vector<double>> values;
  for (const auto* run : seeds) {
    for (const T& step : run->steps) values[step.step].push_back(curve.value(step).value_or(NAN));
  }
  Series s;
  for (const auto& [step, at] : values) {
    const Spread spread = Spread::of(at);
    s.x.push_back(static_cast<double>(step));
    s.y.push_back(spread.mean);
    s.low.push_back(spread.mean - spread.deviation);
    s.high.push_back(spread.mean + spread.deviation);
  }
  return s;
}

bool has_values(const Series& s) {
  return std::any_of(s.y.begin(), s.y.end(), [](double v) { return std::isfinite(v); });
}

bool has_spikes(const std::vector<Series>& all) {
  std::vector<double> values;
  for (const auto& s : all) {
    for (const double v : s.y) {
      if (std::isfinite(v) && v > 0) values.push_back(v);
    }
  }
  if (values.size() < 3) return false;
  std::sort(values.begin(), values.end());
  return values.back() > 30 * values[values.size() / 2];
}

// One label: a colour for each curve. Several: a colour for each label, the second curve dashed;
// with more curves than that, a figure for each label.
template <class T>
std::vector<std::string> draw(const Panel<T>& panel, const std::vector<Seeds<T>>& runs) {
  Plot plot{.title = panel.title, .unit = panel.unit, .series = {}, .from_zero = panel.from_zero};
  std::vector<std::string> figures;
  const auto finish = [&] {
    plot.log_y = panel.spikes && has_spikes(plot.series);
    figures.push_back(line_plot(plot));
    plot.series.clear();
  };
  const bool split = runs.size() > 1 && panel.curves.size() > 2;
  for (size_t r = 0; r < runs.size(); ++r) {
    for (size_t c = 0; c < panel.curves.size(); ++c) {
      Series s = series_of(runs[r], panel.curves[c]);
      if (!has_values(s)) continue;
      const bool by_run = runs.size() > 1 && !split;
      s.color = static_cast<int>(by_run ? r : c) % kColors;
      s.dashed = by_run && c > 0;
      s.label = by_run ? runs[r].front()->label : panel.curves[c].label;
      if (by_run && panel.curves.size() > 1) s.label += cat(", ", panel.curves[c].label);
      plot.series.push_back(std::move(s));
    }
    if (split) {
      plot.title = cat(panel.title, ": ", runs[r].front()->label);
      finish();
    }
  }
  if (!split) finish();
  return figures;
}

template <class T>
std::vector<std::string> stage_figures(const std::vector<Seeds<T>>& runs) {
  std::vector<std::string> figures;
  for (const auto& seeds : runs) {
    const Run<T>& run = *seeds.front();  // seeds of one setting take the same time
    std::vector<std::string> names;
    for (const auto& stages : run.stages) {
      for (const auto& [name, seconds] : stages) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      }
    }
    Plot plot{.title = runs.size() > 1 ? cat("Time per step: ", run.label) : "Time per step",
              .unit = "seconds, by stage"};
    std::vector<double> x, rest;
    for (size_t i = 0; i < run.steps.size(); ++i) {
      x.push_back(static_cast<double>(run.steps[i].step));
      rest.push_back(run.steps[i].seconds.value_or(0));
      for (const auto& [name, seconds] : run.stages[i]) rest.back() -= seconds;
    }
    for (size_t k = 0; k < names.size(); ++k) {
      Series s{.label = names[k], .x = x, .color = static_cast<int>(k) % kColors};
      for (const auto& stages : run.stages) {
        const auto found = std::find_if(stages.begin(), stages.end(),
                                        [&](const auto& stage) { return stage.first == names[k]; });
        s.y.push_back(found == stages.end() ? NAN : found->second);
      }
      plot.series.push_back(std::move(s));
    }
    // What the stages leave of the step; rounding alone is not worth a legend entry.
    double total = 0, other = 0;
    for (size_t i = 0; i < rest.size(); ++i) {
      other += std::max(0.0, rest[i]);
      total += run.steps[i].seconds.value_or(0);
    }
    if (other > 0.01 * total) {
      plot.series.push_back({names.empty() ? "step" : "other",
                             x,
                             rest,
                             {},
                             {},
                             static_cast<int>(names.size()) % kColors});
    }
    figures.push_back(stacked_plot(plot));
  }
  return figures;
}

template <class T>
void add_section(const std::string& heading, const std::vector<Panel<T>>& panels,
                 const std::vector<Run<T>>& runs, bool stages, Page* page) {
  if (runs.empty()) return;
  page->section(heading);
  std::vector<std::string> figures;
  const auto labels = by_label(runs);
  for (const auto& panel : panels) {
    for (auto& figure : draw(panel, labels)) figures.push_back(std::move(figure));
  }
  if (stages) {
    for (auto& figure : stage_figures(labels)) figures.push_back(std::move(figure));
  }
  page->figures(figures);
}

// The experts that any run names, in the order in which they first come.
Panel<GrpoMetrics> expert_panel(const std::vector<Run<GrpoMetrics>>& runs) {
  Panel<GrpoMetrics> panel{.title = "Reward by expert", .unit = "mean"};
  std::set<std::string> known;
  for (const auto& run : runs) {
    for (const auto& step : run.steps) {
      for (const auto& [name, value] : step.rewards) {
        if (!known.insert(name).second) continue;
        panel.curves.push_back({name, [name = name](const GrpoMetrics& m) -> Number {
                                  for (const auto& [key, mean] : m.rewards) {
                                    if (key == name) return mean;
                                  }
                                  return std::nullopt;
                                }});
      }
    }
  }
  // A single expert is the reward itself.
  if (panel.curves.size() < 2) panel.curves.clear();
  return panel;
}

template <class T>
bool labelled_twice(const std::vector<Run<T>>& runs) { return by_label(runs).size() < runs.size(); }

}  // namespace

void add_grpo_plots(const std::vector<Run<GrpoMetrics>>& runs, Page* page) {
  using M = GrpoMetrics;
  Curve<M> reward = curve("reward", &M::reward_mean);
  reward.spread = [](const M& m) { return m.reward_std; };
  const std::vector<Panel<M>> panels = {
      {"Reward", labelled_twice(runs) ? "mean over seeds, band: their standard deviation" : "mean, band: one standard deviation", {reward}},
      expert_panel(runs),
      {"KL to the reference", "nats per token", {curve("KL", &M::kl)}, true, true},
      {"Text entropy", "nats per token", {curve("text", &M::text_entropy)}},
      {"Image entropy", "nats per token", {curve("image", &M::image_entropy)}},
      {"Entropy coefficients",
       "",
       {curve("text", &M::text_entropy_coefficient),
        curve("image", &M::image_entropy_coefficient)}},
      {"Clip fraction", "of tokens", {curve("ratio clipped", &M::clip_fraction), curve("logits clamped", &M::clamp_fraction)}, true},
      {"Chain length", "tokens, mean", {curve("chain", &M::cot_length_mean)}, true},
      {"How chains end",
       "share of rollouts",
       {curve("stop", &M::finish_stop), curve("eos", &M::finish_eos),
        curve("length", &M::finish_length)},
       true},
      {"Loss", "", {curve("loss", &M::loss), curve("policy loss", &M::policy_loss)}},
      {"Gradient norm", "before clipping", {curve("norm", &M::grad_norm)}, true, true},
      {"Learning rate", "", {curve("rate", &M::learning_rate)}, true},
      {"Groups",
       "per step",
       {curve("kept", &M::groups_kept), curve("dropped", &M::groups_dropped)},
       true},
      {"Policy and sampling log-probs",
       "largest difference, nats",
       {curve("difference", &M::logprob_difference_max)},
       true,
       true},
      {"Ratio", "mean of exp(policy - sampling)", {curve("ratio", &M::ratio_mean)}},
      {"Staleness", "policy versions", {curve("staleness", &M::staleness)}, true},
  };
  add_section("Reinforcement learning", panels, runs, true, page);
}

void add_sft_plots(const std::vector<Run<SftMetrics>>& runs, Page* page) {
  using M = SftMetrics;
  const std::vector<Panel<M>> panels = {
      {"Loss", "weighted by segment", {curve("loss", &M::loss)}},
      {"Text loss", "nats per token", {curve("text", &M::text_loss)}},
      {"Image loss", "nats per token", {curve("image", &M::image_loss)}},
      {"Gradient norm", "before clipping", {curve("norm", &M::grad_norm)}, true, true},
      {"Learning rate", "", {curve("rate", &M::learning_rate)}, true},
      {"Tokens", "per step", {curve("tokens", &M::tokens)}, true},
  };
  add_section("Supervised fine-tuning", panels, runs, true, page);
}

void add_vq_plots(const std::vector<Run<VqMetrics>>& runs, Page* page) {
  using M = VqMetrics;
  const std::vector<Panel<M>> panels = {
      {"Loss",
       "",
       {curve("loss", &M::loss), curve("reconstruction", &M::reconstruction_loss)},
       true,
       true},
      {"Codebook loss", "", {curve("codebook", &M::codebook_loss)}, true, true},
      {"Codes used", "per batch", {curve("codes", &M::codes_used)}, true},
      {"Learning rate", "", {curve("rate", &M::learning_rate)}, true},
  };
  add_section("Image tokenizer", panels, runs, true, page);
}

}  // namespace easel::report
