#include "record/image_ref.h"

#include <filesystem>

#include "jsonl/stream.h"

namespace easel::record {

ImageRef ImageRef::parse(const jsonl::Object& record) {
  ImageRef ref{"", record.string("image")};
  ref.id = record.optional_string("id").value_or(std::filesystem::path(ref.image).stem().string());
  if (ref.id.empty()) record.fail("field \"id\" is empty");
  if (ref.image.empty()) record.fail("field \"image\" is empty; expected the path of a picture");
  return ref;
}

void ImageRef::write(jsonl::Object& record) const {
  record.set("id", id);
  record.set("image", image);
}

std::vector<std::string> read_image_list(const std::string& path) {
  std::vector<std::string> paths;
  jsonl::LineReader list(path);
  for (std::string_view line; list.next(&line);) {
    if (line.empty()) continue;
    paths.push_back(line[0] == '{' ? ImageRef::parse(jsonl::Object::parse(line, list.location())).image
                                   : std::string(line));
  }
  return paths;
}

}  // namespace easel::record
