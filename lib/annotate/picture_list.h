// The pictures of a run of caption-gen, and the records of a list that named some of them, whose fields go through to
// the annotations.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "image/files.h"
#include "jsonl/object.h"

namespace easel::annotate {

class PictureList {
 public:
  // Files, folders and archives (image/files.h), and "-" for a list of them on stdin (record/image_ref.h). Throws Error
  // for what is not there, and when there is nothing. `root`: where a list's relative paths start; empty: the working folder.
  explicit PictureList(const std::vector<std::string>& arguments, const std::string& root = "");
  PictureList(const PictureList&) = delete;
  PictureList& operator=(const PictureList&) = delete;

  const std::vector<image::ImageFile>& files() const { return files_; }
  // The record that named the picture, or its folder or archive; one without fields where a path did.
  jsonl::Object record_of(const std::string& id) const;

 private:
  std::vector<std::string> records_;  // as the list has them
  std::vector<image::ImageFile> files_;
  std::unordered_map<std::string_view, size_t> record_numbers_;  // by id
};

}  // namespace easel::annotate
