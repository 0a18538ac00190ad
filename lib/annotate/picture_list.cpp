#include "annotate/picture_list.h"

#include <optional>
#include <utility>

#include "base/error.h"
#include "record/image_ref.h"

namespace easel::annotate {

PictureList::PictureList(const std::vector<std::string>& arguments, const std::string& root) {
  std::vector<image::ImageFile> named;
  std::vector<std::optional<size_t>> records;  // of those, where there is one
  const auto add = [&](record::ImageRef ref, std::string_view record) {
    named.push_back({std::move(ref.id), std::move(ref.image)});
    records.push_back(record.empty() ? std::nullopt : std::optional(records_.size()));
    if (!record.empty()) records_.emplace_back(record);
  };
  for (const auto& argument : arguments) {
    if (argument == "-") {
      record::for_each_image_ref(argument, [&](record::ImageRef ref, std::string_view record) {
        ref.image = record::resolve_path(ref.image, root);
        add(std::move(ref), record);
      });
    } else {
      add({"", argument}, {});
    }
  }
  if (named.empty()) base::fail("no image: the list is empty");
  files_ = image::identified_files(named);
  for (const auto& file : files_) {
    if (const auto record = records[file.argument]) record_numbers_.emplace(file.id, *record);
  }
}

jsonl::Object PictureList::record_of(const std::string& id) const {
  const auto found = record_numbers_.find(id);
  if (found == record_numbers_.end()) return {};
  return jsonl::Object::parse(records_[found->second], {"-"});
}

}  // namespace easel::annotate
