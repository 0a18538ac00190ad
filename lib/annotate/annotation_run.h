// A run of caption-gen: pictures, one after another, to annotation records in a file that can be gone on with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "annotate/endpoint_annotator.h"
#include "annotate/picture_list.h"

namespace easel::annotate {

struct AnnotationRunOptions {
  std::string out;          // a file, or - for stdout
  bool resume = false;      // go on with what a stopped run left there
  int64_t max_bad = 0;      // pictures that may be damaged or show no shape
  std::string command;      // of the program that annotates (record/external_annotator.h)
  std::optional<EndpointOptions> endpoint;  // a model that does; without either world/captions.h does
  std::string answers;      // folder of its answers for pictures that are half done, removed at the end; empty: none
  double noise = 0;         // for captions.h
  bool got = false;         // for captions.h: a chain with boxes too
  int64_t seed = 0;
  std::string drawn_boxes;  // folder for pictures with the boxes of `got` drawn on them; empty: none
  // What records say that wrote them, and what those of the file that is gone on with must say; empty: whatever the
  // command says.
  std::string annotator;
};

// What is said of the folder of drawn boxes. Pictures that were drawn before are in neither.
struct AnnotationRunResult {
  int64_t drawn = 0;
  std::string pictures;  // digest of the pixels that were read
};

// Records come in the order of the pictures, each with the fields of the one that named its picture, if one did: those
// first, and what is annotated over them. Throws Error as the command does, and RecordError for one bad picture too
// many, or for a record of another setting or another list in a file that is gone on with.
AnnotationRunResult annotate_pictures(const PictureList& pictures, const AnnotationRunOptions& options);

}  // namespace easel::annotate
