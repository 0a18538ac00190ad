#include "image/files.h"

#include <unordered_map>

#include "base/error.h"
#include "base/file.h"
#include "image/tar.h"

namespace easel::image {

using base::cat;

namespace {
std::string without_extension(const std::string& path) {
  return base::fs::path(path).replace_extension().string();
}

void add_archive(const std::string& archive, const std::string& stem, std::vector<ImageFile>& files) {
  const auto members = archive_pictures(archive);
  if (members.empty()) base::fail(cat("no .png, .jpg or .jpeg file in ", base::quote(archive)));
  for (const auto& member : members) files.push_back({cat(stem, "/", without_extension(member)), cat(archive, "/", member)});
}

}  // namespace

std::vector<ImageFile> image_files(const std::vector<std::string>& arguments) {
  std::vector<ImageFile> files;
  for (const auto& argument : arguments) {
    std::error_code error;
    if (!base::fs::is_directory(argument, error)) {
      if (!base::fs::exists(argument, error)) {
        base::fail(cat(base::quote(argument), ": no such file or folder"));
      }
      const std::string name = base::fs::path(argument).filename().string();
      if (const auto stem = archive_stem(name)) {
        add_archive(argument, *stem, files);
      } else {
        files.push_back({without_extension(name), argument});
      }
      continue;
    }
    const auto found = base::list_files(argument, {".png", ".jpg", ".jpeg"});
    if (found.empty()) base::fail(cat("no .png, .jpg or .jpeg file below ", base::quote(argument)));
    for (const auto& path : found) {
      std::string below = path.string().substr(argument.size());
      below.erase(0, below.find_first_not_of('/'));
      files.push_back({without_extension(below), path.string()});
    }
  }
  std::unordered_map<std::string, const ImageFile*> by_id;
  for (const auto& file : files) {
    const auto [place, added] = by_id.emplace(file.id, &file);
    if (added) continue;
    base::fail(cat("id ", base::quote(file.id), " stands for two files, ",
                   base::quote(place->second->path), " and ", base::quote(file.path)),
               "name the folder above both: ids then keep the path below it");
  }
  return files;
}

void require_utf8_name(const ImageFile& file) {
  if (base::is_valid_utf8(file.path)) return;
  throw base::RecordError(cat(base::quote(file.path), ": the file's name is not UTF-8"));
}

}  // namespace easel::image
