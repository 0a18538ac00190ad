#include "text/decoder.h"

#include <cctype>
#include <memory>

#include "base/error.h"
#include "base/strings.h"
#include "text/byte_alphabet.h"
#include "text/json_node.h"
#include "text/normalizer.h"

namespace easel::text {

using base::cat;

namespace {

constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

void byte_level(std::vector<std::string>* tokens) {
  std::string bytes;
  for (const std::string& token : *tokens) append_from_byte_alphabet(token, &bytes);
  tokens->assign(1, base::is_valid_utf8(bytes) ? std::move(bytes) : base::repair_utf8(bytes));
}

// "<0x41>" is a byte. A run of such tokens is one text if it is well-formed, else one replacement
// character each.
void byte_fallback(std::vector<std::string>* tokens) {
  std::vector<std::string> out;
  std::string run;
  const auto flush = [&] {
    if (run.empty()) return;
    if (base::is_valid_utf8(run)) {
      out.push_back(run);
    } else {
      out.insert(out.end(), run.size(), std::string(kReplacementCharacter));
    }
    run.clear();
  };
  for (std::string& token : *tokens) {
    if (token.size() == 6 && token.starts_with("<0x") && token.back() == '>' &&
        std::isxdigit(static_cast<unsigned char>(token[3])) &&
        std::isxdigit(static_cast<unsigned char>(token[4]))) {
      run += static_cast<char>(std::stoi(token.substr(3, 2), nullptr, 16));
    } else {
      flush();
      out.push_back(std::move(token));
    }
  }
  flush();
  *tokens = std::move(out);
}

// Up to `start` copies of `content` off the front, up to `stop` off the back.
void strip(std::string* token, const std::string& content, int64_t start, int64_t stop) {
  std::string_view rest = *token;
  for (int64_t i = 0; i < start && rest.starts_with(content); ++i) {
    rest.remove_prefix(content.size());
  }
  for (int64_t i = 0; i < stop && rest.ends_with(content); ++i) rest.remove_suffix(content.size());
  *token = std::string(rest);
}

}  // namespace

Decoder Decoder::parse(const JsonNode& node) {
  Decoder decoder;
  decoder.separator_ = "";
  decoder.add(node);
  return decoder;
}

void Decoder::add(const JsonNode& node) {
  const std::string type = node.type();
  using Tokens = std::vector<std::string>;
  if (type == "Sequence") {
    node.only({"decoders"});
    for (const JsonNode& part : node.at("decoders").items()) add(part);
  } else if (type == "ByteLevel") {
    node.only({"add_prefix_space", "trim_offsets", "use_regex"});  // none of them matters here
    steps_.push_back([](Tokens* tokens, RegexScratch&) { byte_level(tokens); });
  } else if (type == "ByteFallback") {
    node.only({});
    steps_.push_back([](Tokens* tokens, RegexScratch&) { byte_fallback(tokens); });
  } else if (type == "Fuse") {
    node.only({});
    steps_.push_back(
        [](Tokens* tokens, RegexScratch&) { tokens->assign(1, base::join(*tokens, "")); });
  } else if (type == "Replace") {
    node.only({"pattern", "content"});
    steps_.push_back([regex = parse_pattern(node.at("pattern")),
                      content = std::string(node.at("content").string())](Tokens* tokens,
                                                                          RegexScratch& scratch) {
      for (std::string& token : *tokens) token = replace_matches(token, regex, content, scratch);
    });
  } else if (type == "Strip") {
    node.only({"content", "start", "stop"});
    const std::string content(node.at("content").string());
    if (content.empty()) node.fail("content is empty");
    const int64_t start = node.at("start").integer(0, INT32_MAX);
    const int64_t stop = node.at("stop").integer(0, INT32_MAX);
    steps_.push_back([=](Tokens* tokens, RegexScratch&) {
      for (std::string& token : *tokens) strip(&token, content, start, stop);
    });
  } else if (type == "Metaspace") {
    node.only({"replacement", "prepend_scheme", "add_prefix_space", "split", "str_rep"});
    const std::string replacement(node.at("replacement").string());
    if (replacement.empty()) node.fail("replacement is empty");
    const auto scheme = node.find("prepend_scheme");
    const bool prepended =
        node.flag("add_prefix_space", true) && !(scheme && scheme->string() == "never");
    steps_.push_back([=](Tokens* tokens, RegexScratch&) {
      for (size_t i = 0; i < tokens->size(); ++i) {
        (*tokens)[i] =
            base::replace_all(std::move((*tokens)[i]), replacement, i == 0 && prepended ? "" : " ");
      }
    });
  } else {
    node.fail(cat("the decoder ", base::quote(type), " is not supported"));
  }
}

std::string Decoder::run(std::vector<std::string> tokens, RegexScratch& scratch) const {
  for (const Step& step : steps_) step(&tokens, scratch);
  return base::join(tokens, separator_);
}

}  // namespace easel::text
