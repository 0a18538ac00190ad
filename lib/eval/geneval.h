// GenEval's scores (Ghosh et al., arXiv 2310.11513): a result line for every image, and the
// summary. Source: github.com/djghosh13/geneval, evaluation/{evaluate_images,summary_scores}.py.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "eval/detector.h"
#include "eval/geneval_images.h"
#include "jsonl/stream.h"
#include "record/detection.h"
#include "record/eval_result.h"
#include "record/metrics.h"
#include "world/geneval_rule.h"

namespace easel::eval {

// "threshold=0.3" and so on: threshold, counting_threshold, max_objects, max_overlap,
// position_threshold. The official script's other options (bgcolor, crop, clip_model, model) are of
// its own detector and go to *ignored. Throws UsageError.
world::GenevalOptions parse_geneval_options(const std::vector<std::string>& settings,
                                            std::vector<std::string>* ignored);

// The image's result, given what its detector found.
record::EvalResult geneval_result(const GenevalImage& image, const record::Detections& detections,
                                  const world::GenevalOptions& options);

// Detects and judges every image, on several threads; on_result gets the results in the images'
// order. An image that cannot be judged (missing, damaged, no detections to replay) is a bad
// record.
void geneval_evaluate(const std::vector<GenevalImage>& images, Detector& detector,
                      const world::GenevalOptions& options, int64_t threads, jsonl::BadRecords& bad,
                      const std::function<void(const record::EvalResult&)>& on_result);

class GenevalSummary {
 public:
  void add(const record::EvalResult& result);
  record::EvalSummary summary() const;

 private:
  record::EvalSummary counts_;                     // tasks in the order in which they first came
  std::unordered_map<std::string, bool> prompts_;  // by metadata: any image correct
};

// In the words of the official summary, with its line breaks.
std::string summary_text(const record::EvalSummary& summary);

}  // namespace easel::eval
