// tokenizer.json: what loads must encode and decode, whatever it says.
#include "base/error.h"
#include "change_json.h"
#include "mutator.h"
#include "text/tokenizer.h"

std::string easel_change(const std::string& input, int changes, unsigned seed) {
  static constexpr const char* kWords[] = {
      "type", "added_tokens", "id", "content", "special", "lstrip", "rstrip", "single_word", "normalized", "normalizer",
      "normalizers", "pre_tokenizer", "pretokenizers", "post_processor", "processors", "decoder", "decoders", "model",
      "vocab", "merges", "pattern", "behavior", "invert", "Regex", "String", "replacement", "prepend_scheme", "split",
      "add_prefix_space", "trim_offsets", "use_regex", "individual_digits", "byte_fallback", "fuse_unk", "unk_token",
      "ignore_merges", "continuing_subword_prefix", "end_of_word_suffix", "dropout", "single", "pair", "special_tokens",
      "ids", "tokens", "start", "stop", "strip_left", "strip_right", "prepend", "BPE", "WordPiece", "Unigram", "Sequence",
      "Split", "Digits", "ByteLevel", "Metaspace", "Whitespace", "WhitespaceSplit", "CharDelimiterSplit", "NFC", "NFD",
      "NFKC", "NFKD", "Lowercase", "Replace", "Prepend", "Strip", "TemplateProcessing", "ByteFallback", "Fuse", "Removed",
      "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous", "always", "never", "first", "SpecialToken", "A",
      // Patterns: open, empty, far too wide, of every kind that a reader of regexes has a place for.
      "", "(", "[", "[]", "[^]", "a{", "a{2,1}", "a{99999}", "(a*)*b", "(?i:x)", "(?<=a+)b", "(?!)", "\\p{L}", "\\p{Nope}",
      "\\p{^Han}", "[\\p{L}&&[^a-z]]", "[a-\\d]", "\\x{110000}", "\\u{D800}", "(?P<n>a)\\k<n>", "\\1", "(a)\\1", "^$|\\b",
      "a++", "(?>a|ab)c", "\\R", "\\X", "\\G", ".*?", "(?s).", "(?m)^", "\\s+(?!\\S)", "'(?i:[sdmt]|ll|ve|re)"};
  return easel::fuzz::change_json(input, kWords, changes, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace easel;
  try {
    const auto tokenizer = text::Tokenizer::parse({reinterpret_cast<const char*>(data), size}, "fuzz.json");
    const auto ids = tokenizer.encode("a red circle, 12 \xE2\x98\x83\xFF<begin_of_image>\n\n x's");
    tokenizer.decode(ids, false);
  } catch (const base::Error&) {
  }
  return 0;
}
