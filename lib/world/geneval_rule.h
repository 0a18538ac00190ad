// GenEval's rule (Ghosh et al., arXiv 2310.11513; evaluation/evaluate_images.py): which detections
// of an image count, and whether they are what the prompt's metadata asks for.
#pragma once

#include <string>
#include <vector>

#include "record/detection.h"
#include "record/prompt.h"

namespace easel::world {

struct GenevalOptions {
  double threshold = 0.3;           // a detection counts above this score ...
  double counting_threshold = 0.9;  // ... or this one for prompts tagged "counting"
  int max_objects = 16;             // best detections kept per class
  double max_overlap = 1;           // IoU from which a weaker box is dropped; 1: never
  double position_threshold = 0.1;  // slack of relations, in object sizes
  // Objects may have no color, and are then of none that is asked for: planned ones may. Of a detector that is a fault.
  bool colorless = false;
};

struct GenevalVerdict {
  bool correct = true;
  std::string reason;  // the official script's lines, joined by newlines; empty when correct
};

// The detections that count, best first within each class; classes in the order in which they
// first come. Scores are compared as 32-bit floats, as the official script does; of equal scores
// the later one comes first, as its reversed argsort gives.
record::Detections geneval_select(const record::Detections& detections, const std::string& tag,
                                  const GenevalOptions& options);

// A selected class's detections, best first.
std::vector<const record::Detection*> of_class(const record::Detections& selected,
                                               const std::string& name);

// Where A lies relative to B: any of "left of", "right of", "above", "below", in this order.
std::vector<std::string> relative_position(const record::Box& a, const record::Box& b,
                                           double position_threshold = 0.1);

// Selects and judges. A position clause must point at an earlier include clause; pointing elsewhere
// is judged as a missing target.
GenevalVerdict geneval_judge(const record::Detections& detections,
                             const record::GenevalMetadata& metadata,
                             const GenevalOptions& options = {});

}  // namespace easel::world
