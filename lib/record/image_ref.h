// A picture by id and path: the fields that every record about a picture has.
#pragma once

#include <string>

#include "jsonl/object.h"

namespace easel::record {

struct ImageRef {
  std::string id;
  std::string image;  // path

  // Throws RecordError when either is missing or empty.
  static ImageRef parse(const jsonl::Object& record);
  void write(jsonl::Object& record) const;
};

}  // namespace easel::record
