// Where detections come from.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "eval/geneval_images.h"
#include "record/detection.h"

namespace easel::eval {

class Detector {
 public:
  virtual ~Detector() = default;
  // Throws Error when the image is missing or damaged, or has no detections to replay. May be
  // called from several threads.
  virtual record::Detections detect(const GenevalImage& image) = 0;
  // What is worth saying at the end; empty for nothing.
  virtual std::string remark() const { return ""; }
};

// "shapes": the nano world's exact detector.
// "replay:FILE": detections made elsewhere, a line for each image. A line belongs to the image of
// that filename, or to the one whose path ends in it, or whose path it ends in; where several lines
// fit, or one fits several images, that is an error.
// Throws UsageError for anything else.
std::unique_ptr<Detector> make_detector(const std::string& spec);

}  // namespace easel::eval
