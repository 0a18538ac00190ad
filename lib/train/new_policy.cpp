#include "train/new_policy.h"

#include "base/error.h"
#include "base/file.h"
#include "tensor/compute.h"
#include "text/bpe_trainer.h"
#include "text/templates.h"

namespace easel::train {

using base::cat;

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

void adopt_tokenizer(model::JanusConfig& config, const text::Tokenizer& tokenizer) {
  if (tokenizer.vocab_size() > config.text.vocab_size) {
    base::fail(cat("the tokenizer has ", tokenizer.vocab_size(), " ids, but the model has ",
                   config.text.vocab_size, " rows"));
  }
  const text::SpecialIds& s = tokenizer.special();
  if (s.bos < 0 || s.eos < 0 || s.begin_of_image < 0) {
    base::fail("the tokenizer lacks BOS, EOS or <begin_of_image>");
  }
  config.ids = {.bos = s.bos, .eos = s.eos, .pad = s.pad, .begin_of_image = s.begin_of_image,
                .end_of_image = s.end_of_image, .image_placeholder = s.image_placeholder};
}

model::Janus random_model(const std::string& preset, int64_t seed, const std::string& tokenizer_folder) {
  model::JanusConfig config = model::preset(preset);
  adopt_tokenizer(config, text::Tokenizer::load(tokenizer_folder));
  torch::NoGradGuard no_grad;
  model::Janus model(config);
  model.initialize(seed);
  return model;
}

void publish_policy(const std::string& folder, model::Janus& model, const NewPolicy& about,
                    record::Manifest& manifest,
                    const std::function<void(const std::filesystem::path&)>& more) {
  base::AtomicFolder into(folder);
  manifest.set("libtorch", tensor::libtorch_version());
  const std::string made = manifest.finish().str();
  auto lineage = about.lineage;
  lineage.push_back(made);
  model::write_policy(into.path(), model, about.version, lineage, about.tokenizer_folder, about.dtype);
  base::write_file(into.path() / "manifest.json", made + "\n");
  if (more) more(into.path());
  into.commit();
}

}  // namespace easel::train
