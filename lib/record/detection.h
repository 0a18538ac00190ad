// Detections of one image in GenEval's terms (schemas/detection.v1.schema.json).
#pragma once

#include <string>
#include <vector>

#include "jsonl/object.h"

namespace easel::record {

// Pixel coordinates; x2, y2 lie on the far edge.
struct Box {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  double width() const { return x2 - x1; }
  double height() const { return y2 - y1; }
};

struct Detection {
  std::string class_name;
  Box box;
  double score = 0;
  std::string color;  // empty: not classified
};

// `detections` {class: [[x1,y1,x2,y2,score],...]} and `colors` {class: [name,...]} in that order.
// Classes keep the order in which they first come.
struct Detections {
  std::vector<Detection> items;
  static Detections parse(const jsonl::Object& record);
  void write(jsonl::Object& record) const;
};

}  // namespace easel::record
