#include "train/new_policy.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "model/token_ids.h"
#include "tensor/compute.h"
#include "text/bpe_trainer.h"
#include "text/templates.h"

namespace easel::train {

using base::cat;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

void write_nano_tokenizer(const std::vector<std::string>& corpus, int64_t vocab_size,
                          const std::string& folder) {
  text::BpeTrainerOptions options;
  options.vocab_size = vocab_size;
  std::vector<std::string> texts = corpus;
  // What stands around every prompt: the templates' words and the chat roles' punctuation.
  for (const char* name : {"reasongen-r1", "reasongen-r1-rl", "got-r1"}) {
    texts.push_back(text::wrap_chat(text::ChatFormat::kNone, text::resolve_template(name)));
  }
  texts.push_back(": \n\n:");
  text::train_bpe(texts, options).write(folder);
}

void copy_tokenizer(const fs::path& from, const fs::path& folder) {
  const fs::path file = fs::is_directory(from) ? from / "tokenizer.json" : from;
  const auto tokenizer = text::Tokenizer::load(from);  // before it is copied: messages name the user's file
  base::write_file(folder / "tokenizer.json", base::read_file(file, uint64_t{1} << 30));
  for (const char* name : {"tokenizer_config.json", "special_tokens_map.json"}) {
    if (fs::exists(file.parent_path() / name)) base::write_file(folder / name, base::read_file(file.parent_path() / name));
  }
  const text::SpecialIds& s = tokenizer.special();
  Json roles = Json::object();
  const auto role = [&](const char* name, int32_t id) {
    if (id >= 0) roles[name] = tokenizer.token(id);
  };
  role("bos_token", s.bos);
  role("eos_token", s.eos);
  role("pad_token", s.pad);
  if (!fs::exists(folder / "special_tokens_map.json")) {
    base::write_file(folder / "special_tokens_map.json", roles.dump(2) + "\n");
  }
  if (fs::exists(folder / "tokenizer_config.json")) return;
  roles["clean_up_tokenization_spaces"] = false;
  roles["tokenizer_class"] = "PreTrainedTokenizerFast";
  base::write_file(folder / "tokenizer_config.json", roles.dump(2) + "\n");
}

namespace {
void refuse_other_files(const fs::path& folder) {
  if (!fs::exists(folder)) return;
  if (!fs::is_directory(folder)) base::fail(cat(folder.string(), ": is a file; expected a policy folder or a new name"));
  if (fs::is_empty(folder) || fs::exists(folder / "config.json")) return;
  base::fail(cat(folder.string(), ": holds files that are no policy; a new policy would take their place"),
             "name a new folder");
}
}  // namespace

void require_replaceable(const fs::path& folder) {
  refuse_other_files(folder);
  base::AtomicFolder(folder.string());  // made and taken away: nobody should train for hours and then hear that it cannot be
}

void require_outside(const std::string& output, const fs::path& folder) {
  if (output == "-") return;
  const fs::path file = fs::weakly_canonical(fs::absolute(output)), inside = fs::weakly_canonical(fs::absolute(base::without_trailing_slash(folder)));
  const auto [end, unused] = std::mismatch(inside.begin(), inside.end(), file.begin(), file.end());
  if (end == inside.end()) {
    base::fail_usage(cat("--output ", base::quote(output), " lies in the policy's folder, whose place each new version takes"));
  }
}

void adopt_tokenizer(model::JanusConfig& config, const text::Tokenizer& tokenizer, const std::string& name) {
  const std::string at = name.empty() ? "" : name + ": ";
  if (tokenizer.vocab_size() > config.text.vocab_size) {
    base::fail(cat(at, "the tokenizer has ", tokenizer.vocab_size(), " ids, but the model has ",
                   config.text.vocab_size, " rows"));
  }
  const text::SpecialIds& s = tokenizer.special();
  if (s.bos < 0 || s.eos < 0 || s.begin_of_image < 0) {
    base::fail(cat(at, "the tokenizer lacks BOS, EOS or <begin_of_image>"));
  }
  model::adopt_token_ids(config.ids, tokenizer);
}

model::Janus preset_model(const std::string& preset, const std::string& tokenizer_folder, const std::string& name) {
  model::JanusConfig config = model::preset(preset);
  adopt_tokenizer(config, text::Tokenizer::load(tokenizer_folder), name);
  return model::Janus(config);
}

void publish_policy(const std::string& folder, model::Janus& model, const NewPolicy& about,
                    record::Manifest& manifest,
                    const std::function<void(const std::filesystem::path&)>& more) {
  refuse_other_files(folder);
  base::AtomicFolder into(folder);
  const std::string made = manifest.finish().str();
  auto lineage = about.lineage;
  lineage.push_back(made);
  if (about.adapter) {
    model::write_adapted_policy(into.path(), model, *about.adapter, about.version, lineage, about.tokenizer_folder);
  } else {
    model::write_policy(into.path(), model, about.version, lineage, about.tokenizer_folder, about.dtype, about.values);
  }
  base::write_file(into.path() / "manifest.json", made + "\n");
  if (more) more(into.path());
  into.commit();
}

}  // namespace easel::train
