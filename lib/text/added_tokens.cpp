#include "text/added_tokens.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "text/json_node.h"
#include "text/utf8.h"

namespace easel::text {

using base::cat;
using base::quote;

void StringFinder::add(std::string_view text, int32_t value) {
  const auto first = static_cast<unsigned char>(text[0]);
  begins_[first] = true;
  only_ = only_ == -1 || only_ == first ? first : -2;
  uint32_t at = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    uint32_t child = 0;
    for (const auto& [b, node] : nodes_[at].next) {
      if (b == byte) child = node;
    }
    if (child == 0) {
      child = static_cast<uint32_t>(nodes_.size());
      nodes_[at].next.emplace_back(byte, child);
      nodes_.emplace_back();
    }
    at = child;
  }
  if (nodes_[at].value < 0) nodes_[at].value = value;  // of several that normalize to one, the first
}

std::optional<StringFinder::Match> StringFinder::find(std::string_view text, size_t start) const {
  for (size_t begin = start; begin < text.size(); ++begin) {
    if (only_ >= 0) {
      begin = text.find(static_cast<char>(only_), begin);
      if (begin == std::string_view::npos) return std::nullopt;
    } else if (!begins_[static_cast<unsigned char>(text[begin])]) {
      continue;
    }
    Match best{begin, begin, -1};
    uint32_t at = 0;
    for (size_t i = begin; i < text.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      uint32_t child = 0;
      for (const auto& [b, node] : nodes_[at].next) {
        if (b == byte) child = node;
      }
      if (child == 0) break;
      at = child;
      if (nodes_[at].value >= 0) best = {begin, i + 1, nodes_[at].value};
    }
    if (best.value >= 0) return best;
  }
  return std::nullopt;
}

void AddedTokens::read(const JsonNode& node, const Vocabulary& vocabulary,
                       const Normalizer& normalizer) {
  bool warned = false;
  for (const JsonNode& item : node.items()) {
    item.only({"id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"});
    AddedToken token;
    token.id = static_cast<int32_t>(item.at("id").integer(0, kMaxVocabulary - 1));
    token.content = item.at("content").string();
    token.single_word = item.flag("single_word", false);
    token.lstrip = item.flag("lstrip", false);
    token.rstrip = item.flag("rstrip", false);
    token.special = item.flag("special", false);
    token.normalized = item.flag("normalized", !token.special);
    if (token.content.empty()) item.fail("content is empty");
    const int32_t known = vocabulary.find(token.content);
    if (known >= 0 && known != token.id) {
      item.fail(
          cat(quote(token.content), " has id ", token.id, ", but the vocabulary gives it ", known));
    }
    if (known < 0 && vocabulary.has(token.id)) {
      item.fail(cat("id ", token.id, " of ", quote(token.content), " belongs to ",
                    quote(vocabulary.token(token.id))));
    }
    if (const auto same = by_content_.find(token.content); same != by_content_.end()) {
      if (tokens_[same->second].id != token.id) item.fail(cat(quote(token.content), " comes twice"));
      tokens_[same->second] = std::move(token);  // the later one says how it is matched
      continue;
    }
    if (by_id_.contains(token.id)) item.fail(cat("id ", token.id, " comes twice"));
    const int32_t numbered = known >= 0 ? known : std::max(static_cast<int32_t>(vocabulary.size()), limit_);
    if (token.id != numbered && !warned) {
      base::warn(cat(item.where(), ": ", quote(token.content), " has id ", token.id, " here, and would get ", numbered,
                     " from Hugging Face tokenizers, which number added tokens one after the other"));
      warned = true;
    }
    by_id_.emplace(token.id, tokens_.size());
    by_content_.emplace(token.content, tokens_.size());
    limit_ = std::max(limit_, token.id + 1);
    tokens_.push_back(std::move(token));
  }
  prepare(normalizer);
}

void AddedTokens::prepare(const Normalizer& normalizer) {
  RegexScratch scratch;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    AddedToken& token = tokens_[i];
    token.shown = token.content;
    if (token.normalized) normalizer.run(&token.shown, scratch);
    // By what is shown, not by the token's own flag: so does Hugging Face's decode.
    const AddedToken* same = by_content(token.shown);
    token.skipped = same != nullptr && same->special;
    // What a normalizer leaves nothing of cannot be found in a text.
    if (!token.shown.empty()) (token.normalized ? normalized_ : plain_).add(token.shown, static_cast<int32_t>(i));
    if (token.single_word && !word_) word_ = Regex::compile(R"([\w\u200c\u200d])");
  }
}

const AddedToken* AddedTokens::by_id(int32_t id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &tokens_[found->second];
}

const AddedToken* AddedTokens::by_content(std::string_view content) const {
  const auto found = by_content_.find(std::string(content));
  return found == by_content_.end() ? nullptr : &tokens_[found->second];
}

bool AddedTokens::is_single_word(std::string_view text, const StringFinder::Match& match,
                                 RegexScratch& scratch) const {
  RegexMatch found;
  if (match.begin > 0) {
    size_t before = match.begin - 1;
    while (before > 0 && (text[before] & 0xC0) == 0x80) --before;
    if (word_->find(text.substr(before, match.begin - before), 0, scratch, &found)) return false;
  }
  if (match.end < text.size()) {
    const size_t length = utf8_length(static_cast<unsigned char>(text[match.end]));
    if (word_->find(text.substr(match.end, length), 0, scratch, &found)) return false;
  }
  return true;
}

void AddedTokens::split(std::string_view text, bool normalized, RegexScratch& scratch,
                        const std::function<void(size_t, size_t)>& on_text,
                        const std::function<void(int32_t)>& on_token) const {
  const StringFinder& finder = normalized ? normalized_ : plain_;
  size_t done = 0;
  if (!finder.empty()) {
    for (size_t at = 0; at < text.size();) {
      const auto match = finder.find(text, at);
      if (!match) break;
      at = match->end;
      const AddedToken& token = tokens_[match->value];
      if (token.single_word && !is_single_word(text, *match, scratch)) continue;
      size_t begin = match->begin, end = match->end;
      if (token.lstrip) {
        while (begin > done) {
          size_t before = begin - 1;
          while (before > done && (text[before] & 0xC0) == 0x80) --before;
          size_t next = before;
          if (!is_white_space(next_code_point(text, &next))) break;
          begin = before;
        }
        begin = std::max(begin, done);  // the token before may have taken the white space
        if (begin >= end) continue;
      }
      if (token.rstrip) {
        while (end < text.size()) {
          size_t next = end;
          if (!is_white_space(next_code_point(text, &next))) break;
          end = next;
        }
      }
      if (done < begin) on_text(done, begin);
      on_token(token.id);
      done = end;
    }
  }
  if (done < text.size()) on_text(done, text.size());
}

}  // namespace easel::text
