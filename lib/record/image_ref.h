// A picture by id and path: the fields that every record about a picture has.
#pragma once

#include <functional>
#include <string>
#include <string_view>
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

// Pictures from a list, one a line: a path, or a record with image; white space around either is passed over. The id is
// the record's own, and empty where there is none. "-" is stdin. `record` is the record's text, valid during the call,
// and empty for a path.
void for_each_image_ref(const std::string& path, const std::function<void(ImageRef, std::string_view record)>& body);
std::vector<std::string> read_image_list(const std::string& path);  // their paths alone

// The path of a picture as a record gives it, found from the working folder, or from root where that is not empty.
std::string resolve_path(const std::string& path, const std::string& root);

}  // namespace easel::record
