#include "image/files.h"

#include <unordered_map>

#include "base/error.h"
#include "base/file.h"
#include "image/tar.h"

namespace easel::image {

using base::cat;
using base::quote;

namespace {

// A picture and the ids that it may get, the shortest first.
struct Candidate {
  std::string path;
  std::vector<std::string> ids;
  size_t chosen = 0, argument = 0;
  const std::string& id() const { return ids[chosen]; }
};

std::string without_extension(const std::string& path) {
  return base::fs::path(path).replace_extension().string();
}

// "p/a.png" of "p/a.png", "./p/a.png", "../p/a.png" and "/p/a.png".
std::string inner_path(const std::string& path) {
  std::string inner = base::fs::path(path).lexically_normal().string();
  while (inner.starts_with('/') || inner.starts_with("../")) inner.erase(0, inner.find('/') + 1);
  return inner;
}

Candidate candidate(const std::string& below, const std::string& path) {
  return {.path = path, .ids = {without_extension(below), below, inner_path(path)}};
}

// One that may bring its id.
Candidate candidate(const std::string& below, const ImageFile& file) {
  return file.id.empty() ? candidate(below, file.path) : Candidate{.path = file.path, .ids = {file.id}};
}

void add_archive(const std::string& archive, const std::string& stem, std::vector<Candidate>& found) {
  for (const auto& member : archive_pictures(archive)) found.push_back(candidate(cat(stem, "/", member), cat(archive, "/", member)));
}

void add_folder(const std::string& folder, std::vector<Candidate>& found) {
  const size_t before = found.size();
  for (const auto& path : base::list_files(folder, {".png", ".jpg", ".jpeg", ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".tar.bz2"})) {
    std::string below = path.string().substr(folder.size());
    below.erase(0, below.find_first_not_of('/'));
    if (const auto stem = archive_stem(below)) {
      add_archive(path.string(), *stem, found);
    } else {
      found.push_back(candidate(below, path.string()));
    }
  }
  if (found.size() == before) base::fail(cat("no .png, .jpg or .jpeg file and no tar archive of them below ", quote(folder)));
}

void add_file(const ImageFile& file, std::vector<Candidate>& found) {
  const std::string name = base::fs::path(file.path).filename().string();
  if (const auto stem = archive_stem(name)) {
    const size_t before = found.size();
    add_archive(file.path, *stem, found);
    if (found.size() == before) base::fail(cat("no .png, .jpg or .jpeg file in ", quote(file.path)));
  } else {
    found.push_back(candidate(name, file));
  }
}

void add_argument(const ImageFile& argument, std::vector<Candidate>& found) {
  std::error_code error;
  if (base::fs::is_directory(argument.path, error)) return add_folder(argument.path, found);
  if (base::fs::exists(argument.path, error)) return add_file(argument, found);
  const auto member = archive_member(argument.path);
  if (!member) base::fail(cat(quote(argument.path), ": no such file or folder"));
  // The id that it has where its whole archive is named.
  const auto stem = archive_stem(member->first.filename().string());
  found.push_back(candidate(cat(stem.value(), "/", member->second), argument));
}

std::vector<Candidate> find_images(const std::vector<ImageFile>& arguments) {
  std::vector<Candidate> found;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const size_t before = found.size();
    add_argument(arguments[i], found);
    for (size_t k = before; k < found.size(); ++k) found[k].argument = i;
  }
  return found;
}

// Pictures that would share an id get their next one, all of them at once: which one was named first changes nothing.
void tell_apart(std::vector<Candidate>& found) {
  constexpr size_t kSteps = 2;
  for (size_t step = 0; step < kSteps; ++step) {
    std::unordered_map<std::string_view, int64_t> uses;
    for (const auto& picture : found) ++uses[picture.id()];
    for (auto& picture : found) {
      const bool may = picture.chosen == step && step + 1 < picture.ids.size();
      if (may && uses[picture.id()] > 1) ++picture.chosen;
    }
  }
}

void require_distinct(const std::vector<Candidate>& found) {
  std::unordered_map<std::string_view, const Candidate*> by_id;
  for (const auto& picture : found) {
    const auto [place, added] = by_id.emplace(picture.id(), &picture);
    if (added) continue;
    base::fail(cat("id ", quote(picture.id()), " stands for two files, ", quote(place->second->path), " and ",
                   quote(picture.path)),
               "name each file once; where two are meant, name the folder above both");
  }
}

std::vector<ImageFile> without_ids(const std::vector<std::string>& paths) {
  std::vector<ImageFile> arguments;
  for (const auto& path : paths) arguments.push_back({"", path});
  return arguments;
}

}  // namespace

std::vector<ImageFile> image_files(const std::vector<std::string>& arguments) {
  return identified_files(without_ids(arguments));
}

std::vector<ImageFile> identified_files(const std::vector<ImageFile>& arguments) {
  auto found = find_images(arguments);
  tell_apart(found);
  require_distinct(found);
  std::vector<ImageFile> files;
  for (const auto& picture : found) files.push_back({picture.id(), picture.path, picture.argument});
  return files;
}

std::vector<std::string> image_paths(const std::vector<std::string>& arguments) {
  std::vector<std::string> paths;
  for (const auto& picture : find_images(without_ids(arguments))) paths.push_back(picture.path);
  return paths;
}

void require_utf8_name(const ImageFile& file) {
  if (base::is_valid_utf8(file.path)) return;
  throw base::RecordError(cat(quote(file.path), ": the file's name is not UTF-8"));
}

}  // namespace easel::image
