// The images of a GenEval evaluation: a folder in its layout, or rollouts.
#pragma once

#include <string>
#include <vector>

#include "jsonl/object.h"
#include "record/prompt.h"

namespace easel::eval {

struct GenevalImage {
  std::string filename;  // as the result line has it: the path as the user gave the folder
  std::string path;      // where to read it
  std::string prompt;
  record::GenevalMetadata metadata;
  std::string metadata_text;  // as Python's json.dumps prints the prompt's metadata
  std::string group;          // folder or group: images that belong to one prompt
  int64_t group_size = 0;     // how many there should be; 0: not known
  base::Location at;          // for messages
};

// <folder>/<digits>/metadata.jsonl (one object) and <folder>/<digits>/samples/<digits>.png, in the
// order of their names; everything else in the folder is passed over, as the official script does.
// Throws Error where a prompt's folder has no metadata.
std::vector<GenevalImage> geneval_folder(const std::string& folder);

// An image of a rollout record: its fields image and prompt, and tag, include and exclude, or what
// the prompt says where it is one of the nano world's. Throws RecordError.
GenevalImage geneval_rollout(const jsonl::Object& record, const std::string& root);

// What makes these images fewer than an evaluation should have, a line each: prompts with fewer
// images than the others (or than their group's size); where groups are numbered folders, numbers
// that do not occur; an official prompt set that is not whole. Published figures have been taken
// over such sets.
std::vector<std::string> missing_images(const std::vector<GenevalImage>& images, bool numbered);

}  // namespace easel::eval
