#include "text/bpe_trainer.h"

#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/strings.h"
#include "jsonl/object.h"
#include "text/added_tokens.h"
#include "text/bpe_model.h"
#include "text/byte_alphabet.h"
#include "text/json_node.h"
#include "text/pre_tokenizer.h"

namespace easel::text {

using base::cat;
using jsonl::escape;

namespace {

constexpr std::string_view kBos = "<｜begin▁of▁sentence｜>";
constexpr std::string_view kEos = "<｜end▁of▁sentence｜>";
constexpr std::string_view kPad = "<｜▁pad▁｜>";

constexpr std::string_view kPreTokenizer = R"({
    "type": "Sequence",
    "pretokenizers": [
      {"type": "Split", "pattern": {"Regex": "[\r\n]"}, "behavior": "Isolated", "invert": false},
      {"type": "Split", "pattern": {"Regex": "\\s?\\p{L}+"}, "behavior": "Isolated",
       "invert": false},
      {"type": "Split", "pattern": {"Regex": "\\s?\\p{P}+"}, "behavior": "Isolated",
       "invert": false},
      {"type": "Split", "pattern": {"Regex": "[一-龥ࠀ-一가-퟿]+"}, "behavior": "Isolated",
       "invert": false},
      {"type": "Digits", "individual_digits": true},
      {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}
    ]
  })";

bool holds(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// How often each piece occurs, named tokens left out.
class PieceCounter {
 public:
  explicit PieceCounter(const std::vector<std::string>& named)
      : document_(kPreTokenizer, "pre-tokenizer"),
        pre_tokenizer_(PreTokenizer::parse(document_.root())) {
    for (size_t i = 0; i < named.size(); ++i) named_.add(named[i], static_cast<int32_t>(i));
    scratch_.set_extended(true);
  }

  void count(const std::string& text) {
    const std::string repaired = base::repair_utf8(text);
    size_t done = 0;
    while (const auto match = named_.find(repaired, done)) {
      count_plain(std::string_view(repaired).substr(done, match->begin - done));
      done = match->end;
    }
    count_plain(std::string_view(repaired).substr(done));
  }

  // Every piece with its other form, the one that has a leading space or lacks it, at least once.
  std::map<std::string, int64_t> counts() {
    std::map<std::string, int64_t> all = counts_;
    for (const auto& [piece, count] : counts_) {
      const std::string other = piece.starts_with(' ') ? piece.substr(1) : " " + piece;
      if (is_one_piece(other)) all.try_emplace(other, 1);
    }
    return all;
  }

 private:
  void count_plain(std::string_view text) {
    pre_tokenizer_.run(text, 0, &pieces_, scratch_);
    for (const Piece& piece : pieces_.list) {
      ++counts_[std::string(text.substr(piece.begin, piece.end - piece.begin))];
    }
  }
  bool is_one_piece(std::string_view text) {
    pre_tokenizer_.run(text, 0, &pieces_, scratch_);
    return pieces_.list.size() == 1;
  }

  JsonDocument document_;
  PreTokenizer pre_tokenizer_;
  StringFinder named_;
  RegexScratch scratch_;
  Pieces pieces_;
  std::map<std::string, int64_t> counts_;
};

class Trainer {
 public:
  Trainer(const std::map<std::string, int64_t>& pieces, int64_t reserved, int64_t vocab_size)
      : vocab_size_(vocab_size) {
    for (int b = 0; b < 256; ++b) add_token(std::string(1, static_cast<char>(b)));
    tokens_.resize(static_cast<size_t>(reserved));  // named tokens: no merge makes or uses them
    for (const auto& [piece, count] : pieces) {
      Word word;
      word.count = count;
      for (const char c : piece) word.symbols.push_back(static_cast<unsigned char>(c));
      words_.push_back(std::move(word));
      add_pairs(words_.size() - 1);
    }
  }

  void run() {
    while (!queue_.empty()) {
      const Candidate best = queue_.top();
      queue_.pop();
      const auto found = pairs_.find(key(best.left, best.right));
      if (found == pairs_.end() || found->second.count != best.count) continue;  // out of date
      const std::string joined = tokens_[best.left] + tokens_[best.right];
      int32_t id = find_token(joined);
      if (id < 0) {
        if (static_cast<int64_t>(tokens_.size()) >= vocab_size_) break;
        id = add_token(joined);
      }
      table_.set(best.left, best.right, {static_cast<uint32_t>(merges_.size()), id});
      merges_.emplace_back(best.left, best.right);
      // Words go on from where they stand by all merges there are, so each is always what
      // encoding it would give.
      const std::set<size_t> touched = std::move(found->second.words);
      for (const size_t word : touched) {
        remove_pairs(word);
        apply_merges(table_, &words_[word].symbols, &scratch_);
        add_pairs(word);
      }
    }
  }

  const std::vector<std::string>& tokens() const { return tokens_; }
  const std::vector<std::pair<int32_t, int32_t>>& merges() const { return merges_; }

 private:
  struct Word {
    std::vector<int32_t> symbols;
    int64_t count = 0;
  };
  struct PairCount {
    int64_t count = 0;
    std::set<size_t> words;
  };
  struct Candidate {
    int64_t count;
    int32_t left, right;
    std::string text_left, text_right;
    bool operator<(const Candidate& o) const {  // the queue's top is the greatest
      if (count != o.count) return count < o.count;
      if (text_left != o.text_left) return text_left > o.text_left;
      return text_right > o.text_right;
    }
  };

  static uint64_t key(int32_t left, int32_t right) {
    return uint64_t{static_cast<uint32_t>(left)} << 32 | static_cast<uint32_t>(right);
  }
  int32_t find_token(const std::string& text) const {
    const auto found = ids_.find(text);
    return found == ids_.end() ? -1 : found->second;
  }
  int32_t add_token(const std::string& text) {
    const auto id = static_cast<int32_t>(tokens_.size());
    tokens_.push_back(text);
    ids_.emplace(text, id);
    return id;
  }
  void add_pairs(size_t index) {
    const Word& word = words_[index];
    std::set<uint64_t> changed;
    for (size_t i = 0; i + 1 < word.symbols.size(); ++i) {
      PairCount& pair = pairs_[key(word.symbols[i], word.symbols[i + 1])];
      pair.count += word.count;
      pair.words.insert(index);
      changed.insert(key(word.symbols[i], word.symbols[i + 1]));
    }
    for (const uint64_t pair : changed) push(pair);
  }
  void remove_pairs(size_t index) {
    const Word& word = words_[index];
    std::set<uint64_t> changed;
    for (size_t i = 0; i + 1 < word.symbols.size(); ++i) {
      PairCount& pair = pairs_[key(word.symbols[i], word.symbols[i + 1])];
      pair.count -= word.count;
      pair.words.erase(index);
      changed.insert(key(word.symbols[i], word.symbols[i + 1]));
    }
    for (const uint64_t pair : changed) push(pair);
  }
  void push(uint64_t pair) {
    const int64_t count = pairs_[pair].count;
    if (count <= 0) return;
    const auto left = static_cast<int32_t>(pair >> 32), right = static_cast<int32_t>(pair);
    queue_.push({count, left, right, tokens_[left], tokens_[right]});
  }

  int64_t vocab_size_;
  std::vector<std::string> tokens_;  // their bytes, by id
  std::unordered_map<std::string, int32_t> ids_;
  std::vector<Word> words_;
  std::unordered_map<uint64_t, PairCount> pairs_;
  std::priority_queue<Candidate> queue_;
  std::vector<std::pair<int32_t, int32_t>> merges_;
  MergeTable table_;
  MergeScratch scratch_;
};

std::string tokenizer_json(const Trainer& trainer, const std::vector<std::string>& named,
                           const std::vector<std::string>& special) {
  std::vector<std::string> added, vocab, merges;
  const auto name = [&](int32_t id) { return to_byte_alphabet(trainer.tokens()[id]); };
  for (size_t i = 0; i < named.size(); ++i) {
    added.push_back(cat("{\"id\": ", 256 + i, ", \"content\": ", escape(named[i]),
                        ", \"single_word\": false, \"lstrip\": false, \"rstrip\": false, "
                        "\"normalized\": false, \"special\": ",
                        holds(special, named[i]) ? "true}" : "false}"));
  }
  for (size_t id = 0; id < trainer.tokens().size(); ++id) {
    const bool is_named = id >= 256 && id < 256 + named.size();
    vocab.push_back(
        cat(escape(is_named ? named[id - 256] : name(static_cast<int32_t>(id))), ": ", id));
  }
  for (const auto& [left, right] : trainer.merges()) {
    merges.push_back(escape(cat(name(left), " ", name(right))));
  }
  const auto bos = std::find(special.begin(), special.end(), kBos);
  const std::string post_processor =
      bos == special.end()
          ? "null"
          : cat("{\n    \"type\": \"TemplateProcessing\",\n    \"single\": [{\"SpecialToken\": "
                "{\"id\": ",
                escape(kBos),
                ", \"type_id\": 0}}, {\"Sequence\": {\"id\": \"A\", \"type_id\": "
                "0}}],\n    \"pair\": [{\"SpecialToken\": {\"id\": ",
                escape(kBos),
                ", \"type_id\": 0}}, {\"Sequence\": {\"id\": \"A\", \"type_id\": "
                "0}}, {\"Sequence\": {\"id\": \"B\", \"type_id\": 1}}],\n    \"special_tokens\": {",
                escape(kBos), ": {\"id\": ", escape(kBos), ", \"ids\": [",
                256 + (bos - special.begin()), "], \"tokens\": [", escape(kBos), "]}}\n  }");
  return cat("{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n",
             "  \"added_tokens\": [\n    ", base::join(added, ",\n    "), "\n  ],\n",
             "  \"normalizer\": null,\n  \"pre_tokenizer\": ", kPreTokenizer,
             ",\n  \"post_processor\": ", post_processor,
             ",\n  \"decoder\": {\"type\": \"ByteLevel\", \"add_prefix_space\": true, "
             "\"trim_offsets\": true, \"use_regex\": true},\n",
             "  \"model\": {\n    \"type\": \"BPE\",\n    \"dropout\": null,\n    \"unk_token\": "
             "null,\n    \"continuing_subword_prefix\": null,\n    \"end_of_word_suffix\": "
             "null,\n    \"fuse_unk\": false,\n    \"byte_fallback\": false,\n    "
             "\"ignore_merges\": false,\n    \"vocab\": {\n      ",
             base::join(vocab, ",\n      "), "\n    },\n    \"merges\": [\n      ",
             base::join(merges, ",\n      "), "\n    ]\n  }\n}\n");
}

// The named tokens that there are, as members of a JSON object.
std::string role_members(const std::vector<std::string>& special, bool as_objects) {
  std::string out;
  for (const auto& [key, token] :
       {std::pair("bos_token", kBos), std::pair("eos_token", kEos), std::pair("pad_token", kPad)}) {
    if (!holds(special, token)) continue;
    out += cat(out.empty() ? "" : ",\n", "  \"", key, "\": ",
               as_objects ? cat("{\"content\": ", escape(token),
                                ", \"lstrip\": false, \"normalized\": false, \"rstrip\": false, "
                                "\"single_word\": false}")
                          : escape(token));
  }
  return out;
}

// The names by which transformers' Janus processor asks for the image tokens.
std::string image_members(const std::vector<std::string>& special) {
  std::vector<std::string> members;
  for (const auto& [key, token] :
       {std::pair("image_token", "<image_placeholder>"), std::pair("boi_token", "<begin_of_image>"),
        std::pair("eoi_token", "<end_of_image>")}) {
    if (holds(special, token)) members.push_back(cat("\"", key, "\": ", escape(token)));
  }
  if (members.empty()) return "";
  return cat("  \"extra_special_tokens\": {", base::join(members, ", "), "},\n");
}

}  // namespace

const std::vector<std::string>& janus_special_tokens() {
  static const std::vector<std::string> tokens = {
      std::string(kBos), std::string(kEos),     std::string(kPad), "<begin_of_image>",
      "<end_of_image>",  "<image_placeholder>", "<|User|>",        "<|Assistant|>"};
  return tokens;
}

const std::vector<std::string>& got_tokens() {
  static const std::vector<std::string> tokens = {"<|obj_start|>", "<|obj_end|>", "<|box_start|>",
                                                  "<|box_end|>"};
  return tokens;
}

TokenizerFiles train_bpe(const std::vector<std::string>& corpus, const BpeTrainerOptions& options) {
  const std::vector<std::string>& special = options.special_tokens;
  std::vector<std::string> named = special;
  named.insert(named.end(), options.text_tokens.begin(), options.text_tokens.end());
  const int64_t reserved = 256 + static_cast<int64_t>(named.size());
  if (options.vocab_size < reserved || options.vocab_size > kMaxVocabulary) {
    base::fail(cat("a vocabulary of ", options.vocab_size, " tokens; expected from ", reserved,
                   " (256 bytes and ", named.size(), " named tokens) to ", kMaxVocabulary));
  }
  std::set<std::string> seen;
  for (const std::string& token : named) {
    if (token.empty()) base::fail("a named token is empty");
    if (!base::is_valid_utf8(token)) {
      base::fail(cat("the token ", base::quote(token), " is not UTF-8"));
    }
    if (!seen.insert(token).second) {
      base::fail(cat("the token ", base::quote(token), " comes twice"));
    }
  }
  PieceCounter counter(named);
  for (const std::string& text : corpus) counter.count(text);
  Trainer trainer(counter.counts(), reserved, options.vocab_size);
  trainer.run();

  TokenizerFiles files;
  files.tokenizer_json = tokenizer_json(trainer, named, special);
  files.special_tokens_map_json = cat("{\n", role_members(special, true), "\n}\n");
  const std::string roles = role_members(special, false);
  files.tokenizer_config_json =
      cat("{\n  \"add_bos_token\": ", holds(special, kBos) ? "true" : "false",
          ",\n  \"add_eos_token\": false,\n", roles, roles.empty() ? "" : ",\n",
          "  \"clean_up_tokenization_spaces\": false,\n", image_members(special),
          "  \"model_max_length\": 16384,\n"
          "  \"tokenizer_class\": \"PreTrainedTokenizerFast\"\n}\n");
  return files;
}

void TokenizerFiles::write(const std::filesystem::path& folder) const {
  base::write_file(folder / "tokenizer.json", tokenizer_json);
  base::write_file(folder / "tokenizer_config.json", tokenizer_config_json);
  base::write_file(folder / "special_tokens_map.json", special_tokens_map_json);
}

}  // namespace easel::text
