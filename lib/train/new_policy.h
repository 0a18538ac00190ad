// Folders of new policies: written beside their name and put there whole.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/policy.h"
#include "record/manifest.h"
#include "text/tokenizer.h"

namespace easel::train {

// Makes the nano world's tokenizer (of `corpus`, at most vocab_size ids) in a folder.
constexpr int64_t kNanoCorpusLines = 20000;
void write_nano_tokenizer(const std::vector<std::string>& corpus, int64_t vocab_size,
                          const std::string& folder);

// Copies a tokenizer.json, or the one of a folder, and what stands beside it (tokenizer_config.json,
// special_tokens_map.json); those that are missing are written, with the special tokens that the
// vocabulary has. Throws Error when there is no such file or it is no tokenizer.
void copy_tokenizer(const std::filesystem::path& from, const std::filesystem::path& folder);

// The tokenizer's special ids put into the model's config. Throws Error when the tokenizer has more
// ids than the model has rows, or lacks BOS, EOS or <begin_of_image>; it begins with `name`, the user's file.
void adopt_tokenizer(model::JanusConfig& config, const text::Tokenizer& tokenizer, const std::string& name = "");

// A preset's model, its weights without values yet, with the special ids of the tokenizer in `tokenizer_folder`.
model::Janus preset_model(const std::string& preset, const std::string& tokenizer_folder, const std::string& name = "");

// Throws Error when `folder` holds something that is no policy, for a new policy takes a folder's place and what stood
// there is gone, or when no folder can be made there. For programs to ask before they start to work.
void require_replaceable(const std::filesystem::path& folder);

// Throws UsageError when the file `output` ("-": none) lies in a folder whose place a new policy takes: it would go with it.
void require_outside(const std::string& output, const std::filesystem::path& folder);

struct NewPolicy {
  int64_t version = 0;
  std::vector<std::string> lineage;      // this run's manifest is added
  std::string tokenizer_folder;          // whose tokenizer files are copied
  std::optional<torch::Dtype> dtype = {};  // of the weights on disk; without it each has its own
  std::optional<model::LoraConfig> adapter = {};  // what alone was trained, of the policy in tokenizer_folder
  model::ParameterValues values = nullptr;        // of parameters that have none yet
};
// Writes policy, manifest and whatever `more` puts into the temporary folder, then swaps it in.
void publish_policy(const std::string& folder, model::Janus& model, const NewPolicy& about,
                    record::Manifest& manifest,
                    const std::function<void(const std::filesystem::path&)>& more = nullptr);

}  // namespace easel::train
