#include "record/image_ref.h"

#include <filesystem>
#include <utility>

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

void for_each_image_ref(const std::string& path, const std::function<void(ImageRef, std::string_view record)>& body) {
  jsonl::LineReader list(path);
  for (std::string_view line; list.next(&line);) {
    line = base::trim(line);
    if (line.empty()) continue;
    if (!line.starts_with('{')) {
      body({"", std::string(line)}, {});
      continue;
    }
    const auto record = jsonl::Object::parse(line, list.location());
    ImageRef ref = ImageRef::parse(record);
    if (record.is_null("id")) ref.id.clear();
    body(std::move(ref), line);
  }
}

std::string resolve_path(const std::string& path, const std::string& root) {
  if (root.empty() || std::filesystem::path(path).is_absolute()) return path;
  return (std::filesystem::path(root) / path).string();
}

std::vector<std::string> read_image_list(const std::string& path) {
  std::vector<std::string> paths;
  for_each_image_ref(path, [&](ImageRef ref, std::string_view) { paths.push_back(std::move(ref.image)); });
  return paths;
}

}  // namespace easel::record
