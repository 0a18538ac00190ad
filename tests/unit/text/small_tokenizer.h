// A tokenizer.json of a few tokens, with parts to replace.
#pragma once

#include <string>

#include "jsonl/object.h"
#include "text/byte_alphabet.h"
#include "text/tokenizer.h"

namespace easel::text::testing {

// Ids 0 to 255 are the bytes; then "ab", "abc" and " ab", whose merges are the only ones.
class SmallTokenizer {
 public:
  SmallTokenizer() {
    std::string vocab;
    for (int b = 0; b < 256; ++b) {
      vocab += jsonl::escape(byte_alphabet().utf8[b]) + ":" + std::to_string(b) + ",";
    }
    vocab_ = vocab + R"("ab":256,"abc":257,"Ġab":258)";
    set("added_tokens", "[]");
    set("normalizer", "null");
    set("pre_tokenizer", R"({"type":"ByteLevel","add_prefix_space":false,"use_regex":false})");
    set("post_processor", "null");
    set("decoder", R"({"type":"ByteLevel"})");
    model_.set("type", "BPE");
    model_.set_raw("vocab", "{" + vocab_ + "}");
    model_.set_raw("merges", R"(["a b","ab c",["Ġ","ab"]])");
  }

  SmallTokenizer& set(const std::string& part, const std::string& json) {
    file_.set_raw(part, json);
    return *this;
  }
  SmallTokenizer& set_model(const std::string& option, const std::string& json) {
    model_.set_raw(option, json);
    return *this;
  }
  // One more entry of the vocabulary, as JSON text.
  SmallTokenizer& add_to_vocabulary(const std::string& entry) {
    vocab_ += "," + entry;
    return set_model("vocab", "{" + vocab_ + "}");
  }
  // {"id":ID,"content":"TEXT",...}
  SmallTokenizer& add_tokens(const std::string& objects) {
    return set("added_tokens", "[" + objects + "]");
  }

  std::string json() const {
    jsonl::Object file = file_;
    file.set("model", model_);
    return file.str();
  }
  Tokenizer load() const { return Tokenizer::parse(json(), "small.json"); }
  // The message with which loading fails; empty if it does not.
  std::string complaint() const {
    try {
      load();
      return "";
    } catch (const base::Error& error) {
      return error.what();
    }
  }

 private:
  jsonl::Object file_, model_;
  std::string vocab_;
};

}  // namespace easel::text::testing
