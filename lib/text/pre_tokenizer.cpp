#include "text/pre_tokenizer.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/strings.h"
#include "text/byte_alphabet.h"
#include "text/json_node.h"
#include "text/normalizer.h"
#include "text/regex_syntax.h"
#include "text/unicode_supplement.h"

namespace easel::text {

using base::cat;

// Cuts or rewrites the pieces one by one.
class PreTokenizer::Stage {
 public:
  virtual ~Stage() = default;
  virtual void run(Pieces* pieces, RegexScratch& scratch) const = 0;
};

namespace {

enum class Behavior { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

Behavior parse_behavior(const JsonNode& node) {
  const std::string_view name = node.string();
  if (name == "Removed") return Behavior::kRemoved;
  if (name == "Isolated") return Behavior::kIsolated;
  if (name == "MergedWithPrevious") return Behavior::kMergedWithPrevious;
  if (name == "MergedWithNext") return Behavior::kMergedWithNext;
  if (name == "Contiguous") return Behavior::kContiguous;
  node.fail(cat("the behavior ", base::quote(name), " is not supported"));
}

// Adds pieces->matches, which cover a piece from `base` on, to pieces->next.
void apply_behavior(Behavior behavior, size_t base, Pieces* pieces) {
  auto& matches = pieces->matches;
  const auto add = [&](size_t begin, size_t end) {
    if (begin < end) pieces->next.push_back({base + begin, base + end});
  };
  const size_t n = matches.size();
  switch (behavior) {
    case Behavior::kIsolated:
      for (const auto& m : matches) add(m.begin, m.end);
      break;
    case Behavior::kRemoved:
      for (const auto& m : matches) {
        if (!m.matched) add(m.begin, m.end);
      }
      break;
    case Behavior::kContiguous:
      for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && matches[j].matched == matches[i].matched;) ++j;
        add(matches[i].begin, matches[j - 1].end);
      }
      break;
    case Behavior::kMergedWithPrevious:
      // A match joins what stands before it unless that is a match too.
      for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && matches[j].matched && !matches[j - 1].matched;) ++j;
        add(matches[i].begin, matches[j - 1].end);
      }
      break;
    case Behavior::kMergedWithNext:
      for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && matches[j - 1].matched && !matches[j].matched;) ++j;
        add(matches[i].begin, matches[j - 1].end);
      }
      break;
  }
}

void split_piece(const Piece& piece, const Regex& regex, Behavior behavior, bool invert,
                 Pieces* pieces, RegexScratch& scratch) {
  const std::string_view text = pieces->text.substr(piece.begin, piece.end - piece.begin);
  if (behavior == Behavior::kIsolated) {  // nearly every real file; needs no list of matches
    size_t done = 0;
    const auto add = [&](size_t begin, size_t end) {
      if (begin < end) pieces->next.push_back({piece.begin + begin, piece.begin + end});
    };
    regex.for_each(text, scratch, [&](RegexMatch match) {
      add(done, match.begin);
      add(match.begin, match.end);
      done = match.end;
    });
    add(done, text.size());
    return;
  }
  pieces->matches.clear();
  size_t done = 0;
  regex.for_each(text, scratch, [&](RegexMatch match) {
    if (done != match.begin) pieces->matches.push_back({done, match.begin, invert});
    pieces->matches.push_back({match.begin, match.end, !invert});
    done = match.end;
  });
  if (done != text.size()) pieces->matches.push_back({done, text.size(), invert});
  apply_behavior(behavior, piece.begin, pieces);
}

class SplitStage : public PreTokenizer::Stage {
 public:
  SplitStage(Regex regex, Behavior behavior, bool invert)
      : regex_(std::move(regex)), behavior_(behavior), invert_(invert) {}
  void run(Pieces* pieces, RegexScratch& scratch) const override {
    for (const Piece& piece : pieces->list) {
      split_piece(piece, regex_, behavior_, invert_, pieces, scratch);
    }
  }

 private:
  Regex regex_;
  Behavior behavior_;
  bool invert_;
};

// A stage that writes a new text: prefix(piece, is_first) goes before a piece, map(part, out) appends
// what a part of it becomes. To the reference every piece is the first that stands for a part of the
// input's first character, and what is put before that character stands for it too.
template <class Prefix, class Map>
void rewrite_pieces(Pieces* pieces, Prefix&& prefix, Map&& map) {
  std::string& out = pieces->storage[pieces->text.data() == pieces->storage[0].data() ? 1 : 0];
  out.clear();
  size_t first_end = 0;
  for (Piece& piece : pieces->list) {
    const size_t begin = out.size();
    const std::string_view text = pieces->text.substr(piece.begin, piece.end - piece.begin);
    const bool first = piece.begin < pieces->first_end;
    const size_t shared = first ? std::min(pieces->first_end, piece.end) - piece.begin : 0;
    out += prefix(text, first);
    map(text.substr(0, shared), &out);
    if (first) first_end = out.size();
    map(text.substr(shared), &out);
    piece = {begin, out.size()};
  }
  pieces->text = out;
  pieces->first_end = first_end;
}

class PrefixSpaceStage : public PreTokenizer::Stage {
 public:
  void run(Pieces* pieces, RegexScratch&) const override {
    rewrite_pieces(
        pieces, [](std::string_view text, bool) { return text.starts_with(' ') ? "" : " "; },
        [](std::string_view text, std::string* out) { *out += text; });
    pieces->next = pieces->list;
  }
};

class ByteAlphabetStage : public PreTokenizer::Stage {
 public:
  void run(Pieces* pieces, RegexScratch&) const override {
    rewrite_pieces(
        pieces, [](std::string_view, bool) { return ""; },
        [](std::string_view text, std::string* out) { *out += to_byte_alphabet(text); });
    pieces->next = pieces->list;
  }
};

enum class PrependScheme { kFirst, kNever, kAlways };

class MetaspaceStage : public PreTokenizer::Stage {
 public:
  MetaspaceStage(std::string replacement, PrependScheme scheme, bool split)
      : replacement_(std::move(replacement)),
        separator_(Regex::literal(replacement_)),
        scheme_(scheme),
        split_(split) {}
  void run(Pieces* pieces, RegexScratch& scratch) const override {
    const auto prefix = [&](std::string_view text, bool first) -> std::string_view {
      const bool prepend =
          scheme_ == PrependScheme::kAlways || (scheme_ == PrependScheme::kFirst && first);
      if (!prepend || text.starts_with(' ') || text.starts_with(replacement_)) return {};
      return replacement_;
    };
    rewrite_pieces(pieces, prefix, [&](std::string_view text, std::string* out) {
      for (const char c : text) {
        if (c == ' ') {
          *out += replacement_;
        } else {
          *out += c;
        }
      }
    });
    if (!split_) {
      pieces->next = pieces->list;
      return;
    }
    for (const Piece& piece : pieces->list) {
      split_piece(piece, separator_, Behavior::kMergedWithNext, false, pieces, scratch);
    }
  }

 private:
  std::string replacement_;
  Regex separator_;
  PrependScheme scheme_;
  bool split_;
};

constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
// The reference's word characters include the zero-width joiners here, but not in Split.
constexpr std::string_view kWordPattern = R"([\w\u200c\u200d]+|[^\w\u200c\u200d\s]+)";
// The reference's own numeric characters are those of Unicode 17, its regex engine's of 16.
constexpr std::string_view kNumericPattern = R"([\p{N}\x{11de0}-\x{11de9}\x{16ff4}-\x{16ff6}])";

// The reference's own tables of punctuation are older than its regex engine's; ASCII's symbols are in it.
Regex punctuation() {
  return Regex::compile(cat("[", range_items(supplement("Punctuation")), "]"));
}

}  // namespace

PreTokenizer PreTokenizer::parse(const JsonNode& node) {
  PreTokenizer pre_tokenizer;
  pre_tokenizer.add(node);
  // The last mapping to the alphabet is left to the model, which has a table of its own.
  if (!pre_tokenizer.stages_.empty() &&
      dynamic_cast<const ByteAlphabetStage*>(pre_tokenizer.stages_.back().get()) != nullptr) {
    pre_tokenizer.stages_.pop_back();
    pre_tokenizer.ends_in_bytes_ = true;
  }
  return pre_tokenizer;
}

void PreTokenizer::add(const JsonNode& node) {
  const std::string type = node.type();
  const auto split = [&](Regex regex, Behavior behavior, bool invert = false) {
    stages_.push_back(std::make_shared<SplitStage>(std::move(regex), behavior, invert));
  };
  if (type == "Sequence") {
    node.only({"pretokenizers"});
    for (const JsonNode& part : node.at("pretokenizers").items()) add(part);
  } else if (type == "Split") {
    node.only({"pattern", "behavior", "invert"});
    split(parse_pattern(node.at("pattern")), parse_behavior(node.at("behavior")),
          node.flag("invert", false));
  } else if (type == "Digits") {
    node.only({"individual_digits"});
    split(Regex::compile(kNumericPattern),
          node.at("individual_digits").boolean() ? Behavior::kIsolated : Behavior::kContiguous);
  } else if (type == "Whitespace") {
    node.only({});
    split(Regex::compile(kWordPattern), Behavior::kRemoved, true);
  } else if (type == "WhitespaceSplit") {
    node.only({});
    split(Regex::compile("\\s"), Behavior::kRemoved);
  } else if (type == "CharDelimiterSplit") {
    node.only({"delimiter"});
    split(Regex::literal(node.at("delimiter").string()), Behavior::kRemoved);
  } else if (type == "Punctuation") {
    node.only({"behavior"});
    const auto behavior = node.find("behavior");
    split(punctuation(), behavior ? parse_behavior(*behavior) : Behavior::kIsolated);
  } else if (type == "BertPreTokenizer") {
    node.only({});
    split(Regex::compile("\\s"), Behavior::kRemoved);
    split(punctuation(), Behavior::kIsolated);
  } else if (type == "FixedLength") {
    node.only({"length"});
    const int64_t length = node.at("length").integer(1, 65535);  // PCRE2 counts no further
    split(Regex::compile(cat("(?m:.{1,", length, "})")), Behavior::kIsolated);
  } else if (type == "ByteLevel") {
    node.only({"add_prefix_space", "trim_offsets", "use_regex"});
    if (node.flag("add_prefix_space", true)) {
      stages_.push_back(std::make_shared<PrefixSpaceStage>());
    }
    if (node.flag("use_regex", true)) split(Regex::compile(kGpt2Pattern), Behavior::kIsolated);
    stages_.push_back(std::make_shared<ByteAlphabetStage>());
  } else if (type == "Metaspace") {
    node.only({"replacement", "prepend_scheme", "add_prefix_space", "split", "str_rep"});
    PrependScheme scheme = PrependScheme::kAlways;
    if (const auto named = node.find("prepend_scheme")) {
      const std::string_view name = named->string();
      if (name == "first") {
        scheme = PrependScheme::kFirst;
      } else if (name == "never") {
        scheme = PrependScheme::kNever;
      } else if (name != "always") {
        named->fail(cat("expected \"first\", \"never\" or \"always\", got ", base::quote(name)));
      }
    }
    if (!node.flag("add_prefix_space", true)) {
      if (node.find("prepend_scheme") && scheme != PrependScheme::kNever) {
        node.fail("add_prefix_space is false, but prepend_scheme is not \"never\"");
      }
      scheme = PrependScheme::kNever;
    }
    const std::string replacement(node.at("replacement").string());
    if (replacement.empty()) node.fail("replacement is empty");
    asks_for_first_ |= scheme == PrependScheme::kFirst;
    stages_.push_back(
        std::make_shared<MetaspaceStage>(replacement, scheme, node.flag("split", true)));
  } else {
    node.fail(cat("the pre-tokenizer ", base::quote(type), " is not supported"));
  }
}

void PreTokenizer::run(std::string_view text, size_t first, Pieces* pieces,
                       RegexScratch& scratch) const {
  pieces->text = text;
  pieces->first_end = first;
  pieces->list.clear();
  if (!text.empty()) pieces->list.push_back({0, text.size()});
  for (const auto& stage : stages_) {
    pieces->next.clear();
    stage->run(pieces, scratch);
    std::swap(pieces->list, pieces->next);
  }
}

}  // namespace easel::text
