// The "pre_tokenizer" of tokenizer.json: how a text is cut into pieces that are encoded one by
// one. Split, Digits, ByteLevel, Metaspace, Whitespace, WhitespaceSplit, CharDelimiterSplit,
// Punctuation, BertPreTokenizer, FixedLength and sequences of them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/regex.h"

namespace easel::text {

class JsonNode;

struct Piece {
  size_t begin, end;  // in Pieces::text
};

// A text cut into pieces, and room for the work of cutting it. Reused from call to call.
struct Pieces {
  std::string_view text;
  size_t first_end = 0;  // so far the text stands for the input's first character
  std::vector<Piece> list;
  std::vector<Piece> next;  // filled by a stage, then swapped with list
  std::string storage[2];   // texts that stages wrote
  struct Match {
    size_t begin, end;
    bool matched;
  };
  std::vector<Match> matches;
};

class PreTokenizer {
 public:
  PreTokenizer() = default;                         // one piece: the whole text
  static PreTokenizer parse(const JsonNode& node);  // throws base::Error naming what is unsupported

  // Cuts text into pieces->list. `first`: bytes at its beginning that stand for the input's first
  // character; 0 when something stands before this text.
  void run(std::string_view text, size_t first, Pieces* pieces, RegexScratch& scratch) const;

  // The pieces are plain UTF-8 whose bytes the model is to read in the byte-level alphabet.
  bool ends_in_bytes() const { return ends_in_bytes_; }
  // Whether a stage asks which piece is first in the input.
  bool asks_for_first() const { return asks_for_first_; }

  class Stage;

 private:
  void add(const JsonNode& node);
  std::vector<std::shared_ptr<const Stage>> stages_;
  bool ends_in_bytes_ = false, asks_for_first_ = false;
};

}  // namespace easel::text
