// The exact judge of the nano world: what a prompt asks for against what is in the picture.
#pragma once

#include <string>

#include "record/detection.h"
#include "record/prompt.h"
#include "world/geneval_rule.h"

namespace easel::world {

struct Judgement {
  bool correct = false;  // GenEval's verdict
  // Share of the satisfied clauses, 0 to 1; 1 exactly when correct. Clauses: an object is there at
  // all; its number is right (counts above one); its colour is right; its relation holds.
  double partial = 0;
  std::string reason;  // GenEval's
};

Judgement judge(const record::Detections& detections, const record::GenevalMetadata& metadata,
                const GenevalOptions& options = {});

}  // namespace easel::world
