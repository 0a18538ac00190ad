// One line of GenEval's result file, as its official evaluation writes it
// (schemas/eval-result.v1.schema.json), and a line of detections to replay.
// Source: github.com/djghosh13/geneval, evaluation/evaluate_images.py.
#pragma once

#include <string>

#include "jsonl/object.h"
#include "record/detection.h"

namespace easel::record {

struct EvalResult {
  std::string filename, tag, prompt;
  bool correct = false;
  std::string reason;    // lines; empty when correct
  std::string metadata;  // the prompt's metadata, as JSON text
  std::string details;   // {class: [[x1,y1,x2,y2,score],...]}, as JSON text

  // Byte for byte what pandas' to_json(orient="records", lines=True) writes.
  std::string line() const;
  static EvalResult parse(const jsonl::Object& record);
};

// `metadata` of a record: its fields tag, include, exclude and prompt, in its order, as Python's
// json.dumps prints them.
std::string metadata_text(const jsonl::Object& record);

// `details` of the objects that were judged; classes in the order given.
std::string details_text(const Detections& selected);

// {"filename": ..., "detections": {...}, "colors": {...}}: raw detections before any threshold.
struct ReplayedDetections {
  std::string filename;
  Detections detections;
  static ReplayedDetections parse(const jsonl::Object& record);
};

}  // namespace easel::record
