// T2I-R1's detector expert (arXiv 2505.00703, section 3.3) over detections of any source.
#pragma once

#include <memory>
#include <string>

#include "record/t2i_prompt.h"
#include "reward/detection_source.h"

namespace easel::reward {

// Rows with spatial_info: 0.4 of the share of the two objects that are there, and 0.6 of their relation. Rows with
// numeracy_info: the mean over its objects of 1 when the count is exact, 0.2 when the object is there, else 0. Others:
// the share of nouns that are there. An object is there when it is detected above the threshold (0.3); before counting,
// boxes of one name that overlap by more than half are one. `compat` gives relations as the released code does: 0.2 an
// object and half the relation, in which above and "on top of" do not occur and everything is near.
struct DetectorOptions {
  double threshold = 0.3, overlap = 0.5;
  bool compat = false;
};
double detector_score(const record::T2iAnnotations& annotations, const Seen& seen, const DetectorOptions& options);

// How well two boxes stand as `locality` says ("left of", "on the top of", "near"), 0 to 1: T2I-CompBench's rule
// (Huang et al., 2023, section 4.2) with distances in pixels of a picture whose longest side is 384. nullopt for a
// locality that it does not know.
std::optional<double> relation_score(const std::string& locality, const record::Box& a, const record::Box& b);

std::unique_ptr<Expert> make_detector_expert(std::unique_ptr<DetectionSource> source, const DetectorOptions& options);
// The mean overlap of planned boxes and detections of their names; a chain that is malformed has 0 (GoT-R1's R_RI with
// a detector in the judge's place).
std::unique_ptr<Expert> make_overlap_expert(std::unique_ptr<DetectionSource> source);

}  // namespace easel::reward
