// Drawn scenes: a picture, a prompt that is true of it, and what was drawn where
// (schemas/scene.v1.schema.json).
#pragma once

#include <string>
#include <vector>

#include "jsonl/object.h"
#include "record/detection.h"

namespace easel::record {

struct DrawnObject {
  std::string class_name, color;
  std::string cell;  // "top left"
  Box box;
};

struct DrawnScene {
  std::string id;
  std::string image;  // path
  std::string prompt;
  std::vector<DrawnObject> objects;

  static DrawnScene parse(const jsonl::Object& record);
  void write(jsonl::Object& record) const;
};

}  // namespace easel::record
