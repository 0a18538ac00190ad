// A tokenizer in the format of Hugging Face tokenizers (tokenizer.json): text to ids and back.
//
//   const auto tokenizer = text::Tokenizer::load("run/policy");
//   std::vector<int32_t> ids = tokenizer.encode("<|User|>: a red circle\n\n<|Assistant|>:");
//
// Ids and texts equal those of that library. Byte-pair models; what a file asks for beyond what is
// done here is refused by name when it is loaded. Copies share one immutable state, and any number
// of threads may use it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace easel::text {

// Ids of the tokens that have a meaning to Janus; -1 where the vocabulary has none.
struct SpecialIds {
  int32_t bos = -1, eos = -1, pad = -1;
  int32_t begin_of_image = -1, end_of_image = -1, image_placeholder = -1;
  int32_t user = -1, assistant = -1;
};

class Tokenizer {
 public:
  // A tokenizer.json, or a folder that holds one. special_tokens_map.json and
  // tokenizer_config.json beside it, where they are, name BOS, EOS and padding, and say whether BOS
  // and EOS are added (add_bos_token, add_eos_token), which then holds instead of the
  // post-processor. Throws base::Error "FILE: PART: what is wrong".
  static Tokenizer load(const std::filesystem::path& path);
  // From the text of a tokenizer.json; `name` stands for the file in messages.
  static Tokenizer parse(std::string_view tokenizer_json, const std::string& name);

  // Bytes that are no UTF-8 are read as U+FFFD. add_special: with what the post-processor adds
  // (BOS). Throws base::Error only where a regex has to give up on a huge piece of text.
  std::vector<int32_t> encode(std::string_view text, bool add_special = true) const;
  // Ids without a token are passed over, as are special tokens when skip_special. Bytes that do not
  // make characters become U+FFFD.
  std::string decode(std::span<const int32_t> ids, bool skip_special = true) const;

  std::optional<int32_t> id_of(std::string_view token) const;
  std::string token(int32_t id) const;  // as the file spells it; empty for an id without one
  bool is_special(int32_t id) const;
  int32_t vocab_size() const;  // largest id + 1
  const SpecialIds& special() const;

 private:
  struct State;
  explicit Tokenizer(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace easel::text
