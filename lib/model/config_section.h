// A part of config.json with typed reads, whose errors name file and key.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/config.h"

namespace easel::model {

class ConfigSection {
 public:
  ConfigSection(nlohmann::ordered_json json, std::string where);
  static ConfigSection file(const std::filesystem::path& path);

  bool has(const char* key) const { return json_.contains(key) && !json_[key].is_null(); }
  // An absent section is an empty one.
  ConfigSection section(const char* key) const;
  // These leave the value alone when the key is absent.
  void read(const char* key, int64_t& value, int64_t low = 1, int64_t high = 1 << 24) const;
  void read(const char* key, double& value) const;
  void read(const char* key, bool& value) const;
  void read(const char* key, std::vector<int64_t>& values) const;  // 1 to 64 each
  // A token's id. Of a list the first; -1 is as good as absent.
  void read_id(const char* key, int64_t& id) const;
  std::vector<int64_t> ids(const char* key) const;  // one, or all of a list, without -1
  std::string text(const char* key, const std::string& fallback) const;
  // Throws Error when the key is there with another value.
  void refuse_unless(const char* key, const nlohmann::ordered_json& only) const;
  [[noreturn]] void bad(const char* key, const std::string& expected) const;
  const std::string& where() const { return where_; }

 private:
  nlohmann::ordered_json json_;
  std::string where_;
};

// The keys of a Llama decoder, in whichever section they stand.
LlamaConfig read_text_config(const ConfigSection& section, bool tie_word_embeddings);

// Throws Error unless every level's width can be split into GroupNorm's groups.
void require_group_widths(const ConfigSection& section, const VqConfig& config);

// The config of DeepSeek's layout; `top` is the whole of its config.json. Widths that neither it nor the
// name of a network gives are those of the weights in `folder`.
JanusConfig read_deepseek_config(const ConfigSection& top, const std::filesystem::path& folder);

}  // namespace easel::model
