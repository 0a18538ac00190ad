#include "eval/geneval.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/log.h"
#include "base/parallel.h"
#include "base/signals.h"
#include "eval/coco_classes.h"

namespace easel::eval {

using base::cat;
using base::quote;
using record::Detections;

namespace {

double to_number(const std::string& setting, const std::string& text) {
  const auto value = base::parse_double(text);
  if (!value || !std::isfinite(*value)) {
    base::fail_usage(cat("--options ", quote(setting), ": expected a number, got ", quote(text)));
  }
  return *value;
}

// Classes in the detector's order; those it does not know after them, as they came.
Detections in_class_order(const Detections& selected) {
  Detections out;
  for (const auto& name : coco_classes()) {
    for (const auto& d : selected.items) {
      if (d.class_name == name) out.items.push_back(d);
    }
  }
  const auto& known = coco_classes();
  for (const auto& d : selected.items) {
    if (std::find(known.begin(), known.end(), d.class_name) == known.end()) out.items.push_back(d);
  }
  return out;
}

}  // namespace

world::GenevalOptions parse_geneval_options(const std::vector<std::string>& settings,
                                            std::vector<std::string>* ignored) {
  world::GenevalOptions options;
  for (const auto& setting : settings) {
    const size_t equals = setting.find('=');
    const std::string key = setting.substr(0, equals);
    const std::string text = equals == std::string::npos ? "" : setting.substr(equals + 1);
    if (key == "bgcolor" || key == "crop" || key == "clip_model" || key == "model") {
      ignored->push_back(key);
    } else if (key == "threshold") {
      options.threshold = to_number(setting, text);
    } else if (key == "counting_threshold") {
      options.counting_threshold = to_number(setting, text);
    } else if (key == "max_overlap") {
      options.max_overlap = to_number(setting, text);
    } else if (key == "position_threshold") {
      options.position_threshold = to_number(setting, text);
    } else if (key == "max_objects") {
      const auto value = base::parse_int(text);
      if (!value || *value < 1 || *value > 1000000) {
        base::fail_usage(cat("--options ", quote(setting), ": expected a whole number above 0"));
      }
      options.max_objects = static_cast<int>(*value);
    } else {
      base::fail_usage(cat("--options ", quote(setting), ": unknown setting ", quote(key)),
                       "settings: threshold, counting_threshold, max_objects, max_overlap, "
                       "position_threshold");
    }
  }
  return options;
}

record::EvalResult geneval_result(const GenevalImage& image, const Detections& detections,
                                  const world::GenevalOptions& options) {
  world::GenevalVerdict verdict;
  try {
    verdict = world::geneval_judge(detections, image.metadata, options);
  } catch (const base::Error& e) {
    base::fail(cat(image.filename, ": ", e.what()));
  }
  const Detections selected = world::geneval_select(detections, image.metadata.tag, options);
  return {image.filename,
          image.metadata.tag,
          image.prompt,
          verdict.correct,
          verdict.reason,
          image.metadata_text,
          record::details_text(in_class_order(selected))};
}

void geneval_evaluate(const std::vector<GenevalImage>& images, Detector& detector,
                      const world::GenevalOptions& options, int64_t threads, jsonl::BadRecords& bad,
                      const std::function<void(const record::EvalResult&)>& on_result) {
  constexpr size_t kChunk = 256;  // results wait for their neighbours, and memory stays bounded
  base::Progress progress("images", static_cast<int64_t>(images.size()));
  for (size_t begin = 0; begin < images.size(); begin += kChunk) {
    base::throw_if_stopped();
    const size_t n = std::min(kChunk, images.size() - begin);
    std::vector<record::EvalResult> results(n);
    std::vector<std::string> problems(n);
    base::parallel_for(static_cast<int64_t>(n), threads, [&](int64_t i) {
      const auto at = static_cast<size_t>(i);
      const GenevalImage& image = images[begin + at];
      try {
        results[at] = geneval_result(image, detector.detect(image), options);
      } catch (const base::Error& e) {
        // A folder's image is named by the message itself; a rollout by its line.
        problems[at] = image.at.line > 0 ? cat(image.at.str(), ": ", e.what()) : e.what();
      }
    });
    for (size_t i = 0; i < n; ++i) {
      if (problems[i].empty()) {
        on_result(results[i]);
      } else {
        bad.add(base::RecordError(problems[i]));
      }
    }
    progress.add(static_cast<int64_t>(n));
  }
}

void GenevalSummary::add(const record::EvalResult& result) {
  ++counts_.images;
  counts_.correct_images += result.correct;
  prompts_[result.metadata] |= result.correct;
  auto task = std::find_if(counts_.tasks.begin(), counts_.tasks.end(),
                           [&](const auto& t) { return t.tag == result.tag; });
  if (task == counts_.tasks.end()) task = counts_.tasks.insert(task, {result.tag});
  task->correct += result.correct;
  ++task->total;
}

record::EvalSummary GenevalSummary::summary() const {
  record::EvalSummary s = counts_;
  s.prompts = static_cast<int64_t>(prompts_.size());
  for (const auto& [metadata, correct] : prompts_) s.correct_prompts += correct;
  for (const auto& task : s.tasks) s.overall += task.score();
  if (!s.tasks.empty()) s.overall /= static_cast<double>(s.tasks.size());
  return s;
}

std::string summary_text(const record::EvalSummary& s) {
  const auto percent = [](int64_t part, int64_t whole) {
    const double share =
        whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : std::nan("");
    return base::format_fixed(share * 100, 2) + "%";
  };
  std::string text =
      cat("Summary\n=======\nTotal images: ", s.images, "\nTotal prompts: ", s.prompts,
          "\n% correct images: ", percent(s.correct_images, s.images),
          "\n% correct prompts: ", percent(s.correct_prompts, s.prompts),
          "\n\nTask breakdown\n==============\n");
  for (const auto& task : s.tasks) {
    // In characters, as Python pads.
    const auto length = static_cast<size_t>(
        std::count_if(task.tag.begin(), task.tag.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    const std::string padding(length < 16 ? 16 - length : 0, ' ');
    text += cat(task.tag, padding, " = ", percent(task.correct, task.total), " (", task.correct, " / ",
                task.total, ")\n");
  }
  return text + cat("\nOverall score (avg. over tasks): ", base::format_fixed(s.overall, 5), "\n");
}

}  // namespace easel::eval
