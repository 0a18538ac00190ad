// tokenizer_bench: encodes and decodes the texts of a file with one thread and says how long that
// took. tokenizer_bench.py writes the file, runs this and Hugging Face tokenizers on it, and
// compares what they gave.
//
//   tokenizer_bench TOKENIZER TEXTS [RESULT [ROUNDS]]
//
// TEXTS: for each text its size in bytes (4 bytes, little-endian) and the bytes. RESULT: for each
// text the number of ids (4 bytes) and the ids (4 bytes each), then the size of the decoded text
// (4 bytes) and its bytes.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/strings.h"
#include "text/tokenizer.h"

namespace {

using easel::base::cat;
using easel::base::Stopwatch;

std::vector<std::string_view> read_texts(std::string_view bytes) {
  std::vector<std::string_view> texts;
  for (size_t at = 0; at < bytes.size();) {
    uint32_t size = 0;
    if (bytes.size() - at < sizeof size) easel::base::fail("the file of texts is cut off");
    std::memcpy(&size, bytes.data() + at, sizeof size);
    at += sizeof size;
    if (bytes.size() - at < size) easel::base::fail("the file of texts is cut off");
    texts.push_back(bytes.substr(at, size));
    at += size;
  }
  return texts;
}

void write_word(easel::base::AtomicFile& file, size_t value) {
  const auto word = static_cast<uint32_t>(value);
  file.write(&word, sizeof word);
}

void run(int argc, char** argv) {
  if (argc < 3) easel::base::fail("usage: tokenizer_bench TOKENIZER TEXTS [RESULT [ROUNDS]]");
  Stopwatch load;
  const auto tokenizer = easel::text::Tokenizer::load(argv[1]);
  const double load_seconds = load.seconds();
  const std::string bytes = easel::base::read_file(argv[2]);
  const std::vector<std::string_view> texts = read_texts(bytes);
  const int rounds = argc > 4 ? std::atoi(argv[4]) : 1;

  std::vector<std::vector<int32_t>> ids(texts.size());
  std::vector<std::string> decoded(texts.size());
  double encode_seconds = 1e9, decode_seconds = 1e9;  // the best of all rounds
  size_t count = 0;
  for (int round = 0; round < rounds; ++round) {
    Stopwatch encode;
    for (size_t i = 0; i < texts.size(); ++i) ids[i] = tokenizer.encode(texts[i]);
    encode_seconds = std::min(encode_seconds, encode.seconds());
    Stopwatch decode;
    for (size_t i = 0; i < texts.size(); ++i) decoded[i] = tokenizer.decode(ids[i]);
    decode_seconds = std::min(decode_seconds, decode.seconds());
  }
  for (const auto& row : ids) count += row.size();
  if (argc > 3) {
    easel::base::AtomicFile file{std::string(argv[3])};
    for (size_t i = 0; i < texts.size(); ++i) {
      write_word(file, ids[i].size());
      file.write(ids[i].data(), ids[i].size() * sizeof(int32_t));
      write_word(file, decoded[i].size());
      file.write(decoded[i]);
    }
    file.commit();
  }
  const double mib = static_cast<double>(bytes.size() - 4 * texts.size()) / (1 << 20);
  std::printf(
      "{\"texts\": %zu, \"mib\": %.2f, \"ids\": %zu, \"load_seconds\": %.4f, "
      "\"encode_seconds\": %.4f, \"decode_seconds\": %.4f}\n",
      texts.size(), mib, count, load_seconds, encode_seconds, decode_seconds);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tokenizer_bench: %s\n", error.what());
    return 1;
  }
}
