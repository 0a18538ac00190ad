// A small byte-level BPE trainer: a tokenizer of Janus's kind for a model of a few million
// parameters, made from the texts it will meet.
//
// Texts are cut as Janus's tokenizer cuts them (newlines; letters with a leading space; punctuation
// with a leading space; CJK runs; single digits). Of all neighbouring pairs the most frequent is
// joined next, and of equally frequent ones the first in byte order, until no pair is left or the
// vocabulary is full. Every piece is learnt with and without a leading space, so that, given room,
// each word is one token wherever it stands. The result depends on the texts alone, not on their
// order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace easel::text {

// Janus's special tokens, in the order of their ids (from 256 on).
const std::vector<std::string>& janus_special_tokens();
// The four tokens of GoT-R1's chains: whole tokens too, but part of the text, so decoding never
// passes them over.
const std::vector<std::string>& got_tokens();

struct BpeTrainerOptions {
  // Rows in all: ids 0 to 255 are the bytes, then come the special tokens in order, then the text
  // tokens, then what the merges make.
  int64_t vocab_size = 4096;
  std::vector<std::string> special_tokens = janus_special_tokens();
  std::vector<std::string> text_tokens = got_tokens();
};

// The texts of the files of a tokenizer folder. BOS is added to what is encoded, if it is among the
// special tokens.
struct TokenizerFiles {
  std::string tokenizer_json, tokenizer_config_json, special_tokens_map_json;
  void write(const std::filesystem::path& folder) const;  // each file appears whole
};

// Throws base::Error where the vocabulary has no room for the bytes and the named tokens, or one of
// those is empty or named twice.
TokenizerFiles train_bpe(const std::vector<std::string>& corpus,
                         const BpeTrainerOptions& options = {});

}  // namespace easel::text
