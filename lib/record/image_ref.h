// A picture by id and path: the fields that every record about a picture has.
#pragma once

#include <string>
#include <vector>

#include "jsonl/object.h"

namespace easel::record {

struct ImageRef {
  std::string id;
  std::string image;  // path

  // An id that is missing is the picture's name without folder and extension. Throws RecordError when image
  // is missing or either is empty.
  static ImageRef parse(const jsonl::Object& record);
  void write(jsonl::Object& record) const;
};

// Paths of pictures from a list, one a line: a path as it is, or a record with image. "-" is stdin.
std::vector<std::string> read_image_list(const std::string& path);

}  // namespace easel::record
