#include "text/tokenizer.h"

#include <simdjson.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/strings.h"
#include "text/added_tokens.h"
#include "text/bpe_model.h"
#include "text/decoder.h"
#include "text/json_node.h"
#include "text/normalizer.h"
#include "text/pre_tokenizer.h"
#include "text/unicode_supplement.h"
#include "text/utf8.h"

namespace easel::text {

namespace fs = std::filesystem;
using base::cat;
using base::quote;

namespace {

constexpr uint64_t kMaxFile = uint64_t{1} << 30;

// What one encode or decode works with.
struct Scratch {
  RegexScratch regex;
  Pieces pieces;
  BpeScratch bpe;
  std::string normalized;
  // One huge text must not hold its memory for good.
  bool is_huge() const {
    constexpr size_t kMost = size_t{1} << 20;
    return bpe.symbols.capacity() > kMost || pieces.list.capacity() > kMost ||
           pieces.next.capacity() > kMost || normalized.capacity() > kMost ||
           pieces.storage[0].capacity() > kMost || pieces.storage[1].capacity() > kMost;
  }
};

// Ids that the post-processor puts before and behind a text.
struct Frame {
  std::vector<int32_t> before, behind;
};

void read_template(const JsonNode& node, Frame* frame) {
  node.only({"single", "pair", "special_tokens"});
  bool seen = false;
  for (const JsonNode& piece : node.at("single").items()) {
    if (const auto sequence = piece.find("Sequence")) {
      if (seen || sequence->at("id").string() != "A") {
        piece.fail("the template for one text holds it once, as sequence \"A\"");
      }
      seen = true;
      continue;
    }
    const std::string id(piece.at("SpecialToken").at("id").string());
    for (const JsonNode& value : node.at("special_tokens").at(id).at("ids").items()) {
      (seen ? frame->behind : frame->before)
          .push_back(static_cast<int32_t>(value.integer(0, kMaxVocabulary - 1)));
    }
  }
  if (!seen) node.fail("the template for one text leaves the text out");
}

void read_post_processor(const JsonNode& node, bool* framed, Frame* frame) {
  const std::string type = node.type();
  if (type == "Sequence") {
    node.only({"processors"});
    for (const JsonNode& part : node.at("processors").items()) {
      read_post_processor(part, framed, frame);
    }
  } else if (type == "TemplateProcessing") {
    if (*framed) node.fail("a second template is not supported");
    *framed = true;
    read_template(node, frame);
  } else if (type != "ByteLevel") {  // which only moves offsets
    node.fail(cat("the post-processor ", quote(type), " is not supported"));
  }
}

}  // namespace

struct Tokenizer::State {
  Normalizer normalizer;
  AddedTokens added;
  PreTokenizer pre_tokenizer;
  BpeModel model;
  Decoder decoder;
  Frame frame;
  SpecialIds special;

  // Room for encode and decode, one per thread that is in them at a time.
  mutable std::mutex mutex;
  mutable std::vector<std::unique_ptr<Scratch>> idle;

  class Lease {
   public:
    explicit Lease(const State& state) : state_(state) {
      {
        const std::lock_guard lock(state_.mutex);
        if (!state_.idle.empty()) {
          scratch_ = std::move(state_.idle.back());
          state_.idle.pop_back();
        }
      }
      if (!scratch_) scratch_ = std::make_unique<Scratch>();
    }
    ~Lease() {
      if (scratch_->is_huge()) return;
      const std::lock_guard lock(state_.mutex);
      state_.idle.push_back(std::move(scratch_));
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Scratch& operator*() const { return *scratch_; }

   private:
    const State& state_;
    std::unique_ptr<Scratch> scratch_;
  };

  void read(const JsonNode& root);
  int32_t find(std::string_view token) const {
    if (const AddedToken* t = added.by_content(token)) return t->id;
    return model.vocabulary().find(token);
  }
  int32_t limit() const { return std::max(added.limit(), model.vocabulary().limit()); }
  void read_companions(const fs::path& folder);
  size_t leading_bytes(std::string_view text, std::string_view normalized, RegexScratch& scratch) const;
  void encode_plain(std::string_view text, size_t first, Scratch& scratch,
                    std::vector<int32_t>* ids) const;
  void encode_normalized(std::string_view text, bool first, Scratch& scratch,
                         std::vector<int32_t>* ids) const;
};

void Tokenizer::State::read(const JsonNode& root) {
  if (const auto version = root.find("version"); version && version->string() != "1.0") {
    version->fail(cat("expected \"1.0\", got ", quote(version->string())));
  }
  if (const auto node = root.find("truncation")) node->fail("is not supported; expected null");
  // One text is as long as the longest of its batch, unless every text gets a length.
  if (const auto node = root.find("padding")) {
    const auto strategy = node->find("strategy");
    if (strategy && !(strategy->is_string() && strategy->string() == "BatchLongest")) {
      strategy->fail("pads every text; expected \"BatchLongest\"");
    }
    if (const auto multiple = node->find("pad_to_multiple_of")) multiple->fail("is not supported; expected null");
  }
  if (const auto node = root.find("normalizer")) normalizer = Normalizer::parse(*node);
  if (const auto node = root.find("pre_tokenizer")) pre_tokenizer = PreTokenizer::parse(*node);
  if (pre_tokenizer.asks_for_first() && !normalizer.keeps_beginning()) {
    root.at("pre_tokenizer")
        .fail("prepend_scheme \"first\" with a normalizer that may take a text's beginning away (Strip, Replace) "
              "is not supported");
  }
  model = BpeModel::parse(root.at("model"), pre_tokenizer.ends_in_bytes());
  if (const auto node = root.find("added_tokens")) {
    added.read(*node, model.vocabulary(), normalizer);
  }
  if (const auto node = root.find("decoder")) decoder = Decoder::parse(*node);
  if (const auto node = root.find("post_processor")) {
    bool framed = false;
    read_post_processor(*node, &framed, &frame);
    for (const std::vector<int32_t>& side : {frame.before, frame.behind}) {
      for (const int32_t id : side) {
        if (!model.vocabulary().has(id) && added.by_id(id) == nullptr) {
          node->fail(cat("adds id ", id, ", which no token has"));
        }
      }
    }
  }
  special.bos = find("<｜begin▁of▁sentence｜>");
  special.eos = find("<｜end▁of▁sentence｜>");
  special.pad = find("<｜▁pad▁｜>");
  special.begin_of_image = find("<begin_of_image>");
  special.end_of_image = find("<end_of_image>");
  special.image_placeholder = find("<image_placeholder>");
  special.user = find("<|User|>");
  special.assistant = find("<|Assistant|>");
}

void Tokenizer::State::read_companions(const fs::path& folder) {
  struct Named {
    const char* key;
    int32_t* id;
    bool done = false;
  };
  Named names[] = {
      {"bos_token", &special.bos}, {"eos_token", &special.eos}, {"pad_token", &special.pad}};
  for (const char* file : {"special_tokens_map.json", "tokenizer_config.json"}) {
    const fs::path path = folder / file;
    if (!fs::exists(path)) continue;
    const JsonDocument document(base::read_file(path, kMaxFile), path.string());
    const JsonNode root = document.root();
    for (Named& named : names) {
      const auto node = root.find(named.key);
      if (named.done || !node) continue;
      const std::string content(node->is_object() ? node->at("content").string() : node->string());
      *named.id = find(content);
      if (*named.id < 0) node->fail(cat(quote(content), " is not in tokenizer.json"));
      named.done = true;
    }
    const auto add_bos = root.find("add_bos_token"), add_eos = root.find("add_eos_token");
    // Each says something of its own side alone.
    const auto side = [](const JsonNode& add, auto id) {
      return add.boolean() && id >= 0 ? std::vector<int32_t>{id} : std::vector<int32_t>{};
    };
    if (add_bos) frame.before = side(*add_bos, special.bos);
    if (add_eos) frame.behind = side(*add_eos, special.eos);
  }
}

// Bytes of the normalized text that stand for the text's first character, as far as anybody asks.
size_t Tokenizer::State::leading_bytes(std::string_view text, std::string_view normalized,
                                       RegexScratch& scratch) const {
  if (!pre_tokenizer.asks_for_first() || normalized.empty()) return 0;
  std::string one(text.substr(0, utf8_length(static_cast<unsigned char>(text[0]))));
  normalizer.run(&one, scratch);
  // What follows may have been joined to it: then it is the first that came of both.
  if (!one.empty() && normalized.starts_with(one)) return one.size();
  return utf8_length(static_cast<unsigned char>(normalized[0]));
}

void Tokenizer::State::encode_plain(std::string_view text, size_t first, Scratch& scratch,
                                    std::vector<int32_t>* ids) const {
  pre_tokenizer.run(text, first, &scratch.pieces, scratch.regex);
  const std::string_view cut = scratch.pieces.text;
  for (const Piece& piece : scratch.pieces.list) {
    model.encode(cut.substr(piece.begin, piece.end - piece.begin), scratch.bpe, ids);
  }
}

void Tokenizer::State::encode_normalized(std::string_view text, bool first, Scratch& scratch,
                                         std::vector<int32_t>* ids) const {
  if (normalizer.empty() && !added.any_normalized()) {
    encode_plain(text, first ? leading_bytes(text, text, scratch.regex) : 0, scratch, ids);
    return;
  }
  scratch.normalized = text;
  normalizer.run(&scratch.normalized, scratch.regex);
  const std::string_view normalized = scratch.normalized;
  const size_t leading = first ? leading_bytes(text, normalized, scratch.regex) : 0;
  added.split(
      normalized, true, scratch.regex,
      [&](size_t begin, size_t end) {
        const size_t of_first = begin < leading ? std::min(leading, end) - begin : 0;
        encode_plain(normalized.substr(begin, end - begin), of_first, scratch, ids);
      },
      [&](int32_t id) { ids->push_back(id); });
}

Tokenizer Tokenizer::parse(std::string_view tokenizer_json, const std::string& name) {
  const JsonDocument document(tokenizer_json, name);
  auto state = std::make_shared<State>();
  state->read(document.root());
  return Tokenizer(std::move(state));
}

Tokenizer Tokenizer::load(const fs::path& path) {
  const fs::path file = fs::is_directory(path) ? path / "tokenizer.json" : path;
  const JsonDocument document(base::read_file(file, kMaxFile), file.string());
  auto state = std::make_shared<State>();
  state->read(document.root());
  state->read_companions(file.parent_path());
  return Tokenizer(std::move(state));
}

std::vector<int32_t> Tokenizer::encode(std::string_view text, bool add_special) const {
  const State::Lease lease(*state_);
  Scratch& scratch = *lease;
  std::string repaired;
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    repaired = base::repair_utf8(text);
    text = repaired;
  }
  scratch.regex.set_extended(has_new_code_points(text));
  std::vector<int32_t> ids;
  ids.reserve(text.size() / 3 + 8);
  if (add_special) ids = state_->frame.before;
  state_->added.split(
      text, false, scratch.regex,
      [&](size_t begin, size_t end) {
        state_->encode_normalized(text.substr(begin, end - begin), begin == 0, scratch, &ids);
      },
      [&](int32_t id) { ids.push_back(id); });
  if (add_special) {
    ids.insert(ids.end(), state_->frame.behind.begin(), state_->frame.behind.end());
  }
  return ids;
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool skip_special) const {
  const State::Lease lease(*state_);
  std::vector<std::string> tokens;
  tokens.reserve(ids.size());
  for (const int32_t id : ids) {
    if (const AddedToken* token = state_->added.by_id(id)) {
      if (!skip_special || !token->skipped) tokens.push_back(token->shown);
    } else if (state_->model.vocabulary().has(id)) {
      tokens.emplace_back(state_->model.vocabulary().token(id));
    }
  }
  // A decoder's own patterns may meet any code point.
  (*lease).regex.set_extended(true);
  return state_->decoder.run(std::move(tokens), (*lease).regex);
}

std::optional<int32_t> Tokenizer::id_of(std::string_view token) const {
  const int32_t id = state_->find(token);
  return id < 0 ? std::nullopt : std::optional(id);
}

std::string Tokenizer::token(int32_t id) const {
  const AddedToken* added = state_->added.by_id(id);
  return added ? added->content : std::string(state_->model.vocabulary().token(id));
}

bool Tokenizer::is_special(int32_t id) const {
  const AddedToken* added = state_->added.by_id(id);
  return added != nullptr && added->special;
}

int32_t Tokenizer::vocab_size() const { return state_->limit(); }

const SpecialIds& Tokenizer::special() const { return state_->special; }

}  // namespace easel::text
