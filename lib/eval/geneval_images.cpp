#include "eval/geneval_images.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "eval/coco_classes.h"
#include "jsonl/python_json.h"
#include "record/eval_result.h"
#include "record/image_ref.h"
#include "world/prompts.h"

namespace easel::eval {

namespace fs = std::filesystem;
using base::cat;
using base::quote;

namespace {

constexpr int64_t kOfficialPrompts = 553;

bool all_digits(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Names in a folder, sorted: a directory's own order differs between machines.
std::vector<std::string> names_in(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  auto walk = fs::directory_iterator(folder, error);
  if (error) base::fail(cat("cannot read folder ", folder.string(), ": ", error.message()));
  for (const auto end = fs::directory_iterator(); walk != end; walk.increment(error)) {
    if (error) base::fail(cat("cannot read folder ", folder.string(), ": ", error.message()));
    names.push_back(walk->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string join_path(const std::string& folder, const std::string& name) {
  return folder.empty() || folder.ends_with('/') ? folder + name : cat(folder, "/", name);
}

// "2 of 553 prompts: 00017, 00044".
std::string listed(const std::vector<std::string>& names) {
  constexpr size_t kShown = 5;
  std::vector<std::string> shown(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, names.size())));
  return base::join(shown, ", ") + (names.size() > kShown ? ", ..." : "");
}

}  // namespace

std::vector<GenevalImage> geneval_folder(const std::string& folder) {
  std::vector<GenevalImage> images;
  std::error_code error;
  for (const auto& name : names_in(folder)) {
    const std::string base_path = join_path(folder, name);
    if (!all_digits(name) || !fs::is_directory(base_path, error)) continue;
    const std::string metadata_path = join_path(base_path, "metadata.jsonl");
    std::string text = base::read_file(metadata_path);
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);  // a byte order mark
    const auto fields = jsonl::Object::parse(base::trim(text), {metadata_path, 0});
    GenevalImage image;
    image.metadata = record::GenevalMetadata::parse(fields);
    image.prompt = fields.string("prompt");
    image.metadata_text = jsonl::python_dumps(jsonl::Json::parse(text));
    image.group = name;
    image.at = fields.at();
    const std::string samples = join_path(base_path, "samples");
    size_t found = 0;
    for (const auto& file : names_in(samples)) {
      const std::string path = join_path(samples, file);
      if (!file.ends_with(".png") || !all_digits(file.substr(0, file.size() - 4)) ||
          !fs::is_regular_file(path, error)) {
        continue;
      }
      image.filename = image.path = path;
      images.push_back(image);
      ++found;
    }
    if (found == 0) base::warn(cat(samples, ": no images; expected files named 0000.png"));
  }
  if (images.empty()) {
    base::fail(cat(folder, ": no images in GenEval's layout; expected ", folder,
                   "/00000/metadata.jsonl and ", folder, "/00000/samples/0000.png"));
  }
  return images;
}

GenevalImage geneval_rollout(const jsonl::Object& record, const std::string& root) {
  GenevalImage image;
  image.at = record.at();
  image.prompt = record.string("prompt");
  image.filename = record.string("image");
  if (image.filename.empty()) record.fail("field \"image\" is empty");
  image.path = record::resolve_path(image.filename, root);
  image.group = record.optional_string("group_id").value_or("");
  image.group_size = record.optional_integer("group_size").value_or(0);
  jsonl::Object known;
  if (record::GenevalMetadata::present(record)) {
    image.metadata = record::GenevalMetadata::parse(record);
    known = record;
  } else {
    const auto metadata = world::parse_prompt(image.prompt);
    if (!metadata) {
      record.fail(cat("no fields \"tag\" and \"include\", and the prompt ", quote(image.prompt),
                      " is none of the nano world's"));
    }
    image.metadata = *metadata;
    metadata->write(known);
    known.set("prompt", image.prompt);
  }
  image.metadata_text = record::metadata_text(known);
  return image;
}

std::vector<std::string> missing_images(const std::vector<GenevalImage>& images, bool numbered) {
  std::vector<std::string> problems;
  std::map<std::string, std::pair<int64_t, int64_t>> groups;  // images there are, and should be
  std::set<std::string> prompts, tags;
  bool official = true;
  int64_t most = 0;
  for (const auto& image : images) {
    auto& [have, expected] = groups[image.group];
    most = std::max(most, ++have);
    expected = std::max(expected, image.group_size);
    prompts.insert(image.metadata_text);
    tags.insert(image.metadata.tag);
    for (const auto& clause : image.metadata.include) {
      const auto& known = coco_classes();
      official &= std::find(known.begin(), known.end(), clause.class_name) != known.end();
    }
  }
  std::vector<std::string> short_groups;
  for (const auto& [name, counts] : groups) {
    const int64_t expected = counts.second > 0 ? counts.second : most;
    if (counts.first < expected) {
      short_groups.push_back(cat(name, " (", counts.first, " of ", expected, ")"));
    }
  }
  if (!short_groups.empty()) {
    problems.push_back(cat(short_groups.size(), " of ", groups.size(),
                           " prompts have images missing: ", listed(short_groups)));
  }
  // Folders are numbered from 0: a gap is a prompt that was never drawn.
  std::vector<std::string> gaps;
  std::set<int64_t> numbers;
  for (const auto& [name, counts] : groups) {
    if (numbered && name.size() <= 6) numbers.insert(*base::parse_int(name));
  }
  int64_t next = 0;
  for (const int64_t number : numbers) {
    for (; next < number; ++next) gaps.push_back(record::default_id(next));
    next = number + 1;
  }
  if (!gaps.empty()) {
    problems.push_back(cat(gaps.size(), " prompts have no images: ", listed(gaps)));
  }
  if (official && tags.size() == 6 && static_cast<int64_t>(prompts.size()) != kOfficialPrompts) {
    problems.push_back(
        cat("GenEval has ", kOfficialPrompts, " prompts; these are images of ", prompts.size()));
  }
  return problems;
}

}  // namespace easel::eval
