// What is in a rollout's picture, for experts that count and measure: found by the nano world's detector, or by any
// program.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "record/detection.h"
#include "reward/expert.h"

namespace easel::reward {

// A picture's detections, in its own pixels, or why there are none.
struct Seen {
  record::Detections detections;
  int width = 0, height = 0;
  std::string problem;      // "": there are detections, perhaps no object among them
  bool bad_record = false;  // the picture is missing or damaged
};

class DetectionSource {
 public:
  virtual ~DetectionSource() = default;
  virtual std::vector<Seen> see(const std::vector<const Item*>& items) = 0;
};

// "shapes": the nano world's; every object goes by its class ("circle") and by its color and class ("red circle").
// "exec:COMMAND": COMMAND, started by /bin/sh -c once for a batch, reads rollout records and writes for each
//   {"id":..., "detections": {NAME: [[x1,y1,x2,y2,score],...]}} (schemas/detection.v1.schema.json) in any order; no line
//   leaves the rollout unscored. What is wrong with its lines is an error, as of an exec expert.
// Throws UsageError naming `flag`.
std::unique_ptr<DetectionSource> make_detection_source(const std::string& spec, const ExpertOptions& options,
                                                       const std::string& flag);

}  // namespace easel::reward
