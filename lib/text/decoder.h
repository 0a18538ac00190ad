// The "decoder" of tokenizer.json: tokens back to text. ByteLevel, Replace, ByteFallback, Fuse,
// Strip, Metaspace and sequences of them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "text/regex.h"

namespace easel::text {

class JsonNode;

class Decoder {
 public:
  Decoder() = default;                         // tokens with a space between
  static Decoder parse(const JsonNode& node);  // throws base::Error naming what is not supported

  // Tokens that are in order; consumed.
  std::string run(std::vector<std::string> tokens, RegexScratch& scratch) const;

 private:
  void add(const JsonNode& node);
  using Step = std::function<void(std::vector<std::string>*, RegexScratch&)>;
  std::vector<Step> steps_;
  std::string separator_ = " ";
};

}  // namespace easel::text
