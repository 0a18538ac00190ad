#include "record/manifest.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"

namespace easel::record {

void make_output_folder(const std::string& folder) {
  const base::fs::path path = folder;
  const auto has = [&](const char* name) { return base::fs::exists(path / name); };
  const bool weights = has("model.safetensors") || has("model.safetensors.index.json") || has("pytorch_model.bin") ||
                       has("pytorch_model.bin.index.json");
  if (has("config.json") && (has("easel.json") || weights)) {
    base::fail(base::cat(folder, ": is a policy folder, where only trainers write"), "name another folder");
  }
  base::make_folder(path);
}

Manifest::Manifest(std::string program, std::vector<std::string> command_line) {
  fields_.set("program", program);
  fields_.set("version", EASEL_VERSION);
  fields_.set_json("command", command_line);
  fields_.set_raw("libtorch", "null");
  fields_.set("device", "cpu");
  fields_.set("started", base::utc_now());
}

void Manifest::ran_on(const std::string& libtorch, const std::string& device) {
  fields_.set("libtorch", libtorch);
  fields_.set("device", device);
}

void Manifest::input(const std::string& name, const std::string& digest) {
  inputs_.set(name, digest);
}

bool Manifest::goes_on_with(const std::string& manifest, const std::string& input) {
  const auto other = jsonl::Object::parse(manifest, {});
  const bool same = !other.is_null("program") && !other.is_null("command") && other.string("program") == fields_.string("program") &&
                    other.strings("command") == fields_.strings("command");
  if (same && !other.is_null("inputs") && !other.object("inputs").is_null(input)) {
    inputs_.set(input, other.object("inputs").string(input));
  }
  return same;
}

jsonl::Object Manifest::finish() {
  fields_.set("finished", base::utc_now());
  fields_.set("inputs", inputs_);
  fields_.set("counts", counts_);
  return fields_;
}

void Manifest::write(const std::string& folder) {
  base::write_file(base::fs::path(folder) / "manifest.json", finish().str() + "\n");
}

}  // namespace easel::record
