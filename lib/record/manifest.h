// manifest.json: how a folder was made (schemas/manifest.v1.schema.json).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "jsonl/object.h"

namespace easel::record {

// A folder for what a program makes. Throws Error when it holds a policy: only trainers write there.
void make_output_folder(const std::string& folder);

class Manifest {
 public:
  Manifest(std::string program, std::vector<std::string> command_line);
  void seed(int64_t seed) { fields_.set("seed", seed); }
  void input(const std::string& name, const std::string& digest);
  // What it ran on; a program without tensors has no LibTorch.
  void ran_on(const std::string& libtorch, const std::string& device);
  // Whether the text of a manifest is that of the same program with the same words; its input of this name is then ours.
  bool goes_on_with(const std::string& manifest, const std::string& input);
  void count(const std::string& what, int64_t n) { counts_.set(what, n); }
  // Stamps the end time and writes DIR/manifest.json.
  void write(const std::string& folder);
  jsonl::Object finish();

 private:
  jsonl::Object fields_, inputs_, counts_;
};

}  // namespace easel::record
