// Runs a fuzz target without a fuzzing engine: every file of a corpus as it is, then changed copies of them, drawn
// from a seed. A target is LLVMFuzzerTestOneInput, so that libFuzzer can take this file's place; one that knows its
// format defines easel_change, which then makes three of four changes.
//
//   zip-fuzz [--runs N] [--seed S] CORPUS...    the last input stands in ./zip-fuzz.input while it is tried
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "mutator.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

[[gnu::weak]] std::string easel_change(const std::string& input, int, unsigned) { return input; }

namespace {

using Random = std::mt19937_64;

size_t below(Random& random, size_t n) { return n == 0 ? 0 : static_cast<size_t>(random() % n); }

// Numbers that lengths, offsets and counts are wrong with.
constexpr uint64_t kNumbers[] = {0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, ~uint64_t{0}};

void change(std::string& bytes, const std::vector<std::string>& corpus, Random& random) {
  const size_t at = below(random, bytes.size() + 1);
  switch (random() % 8) {
    case 0:  // a bit
      if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
      return;
    case 1:  // a byte
      if (at < bytes.size()) bytes[at] = static_cast<char>(random());
      return;
    case 2: bytes.resize(at); return;
    case 3: bytes.erase(at, 1 + below(random, 16)); return;
    case 4: {  // a run of one byte
      bytes.insert(at, 1 + below(random, 8), static_cast<char>(random()));
      return;
    }
    case 5: {  // a number of 1 to 8 bytes
      const uint64_t number = kNumbers[random() % std::size(kNumbers)];
      const size_t size = std::min<size_t>(size_t{1} << random() % 4, bytes.size() - at);
      if (size > 0) std::memcpy(&bytes[at], &number, size);
      return;
    }
    case 6: {  // a piece of its own, elsewhere
      const size_t from = below(random, bytes.size()), size = below(random, 64);
      bytes.insert(at, bytes.substr(std::min(from, bytes.size()), size));
      return;
    }
    default: {  // a piece of another file
      const std::string& other = corpus[below(random, corpus.size())];
      bytes.insert(at, other.substr(below(random, other.size()), below(random, 64)));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t runs = 1000000, seed = 1;
  std::vector<std::string> corpus;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if ((word == "--runs" || word == "--seed") && i + 1 < argc) {
      (word == "--runs" ? runs : seed) = std::strtoull(argv[++i], nullptr, 10);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(word)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
  }
  if (corpus.empty()) {
    std::fprintf(stderr, "usage: %s [--runs N] [--seed S] CORPUS...\n", argv[0]);
    return 2;
  }
  const std::string kept = std::filesystem::path(argv[0]).filename().string() + ".input";
  std::FILE* const file = std::fopen(kept.c_str(), "wb");
  if (file == nullptr) return 1;
  Random random(seed);
  for (uint64_t run = 0; run < runs; ++run) {
    std::string bytes = corpus[run < corpus.size() ? run : below(random, corpus.size())];
    if (run >= corpus.size()) {
      // Of inputs whose format is known three in four stay within it.
      const int changes = 1 + static_cast<int>(below(random, 6));
      std::string next = random() % 4 == 0 ? bytes : easel_change(bytes, changes, static_cast<unsigned>(random()));
      if (next == bytes) {
        for (int n = 0; n < changes; ++n) change(next, corpus, random);
      }
      bytes = std::move(next);
    }
    // Written before it is tried: a crash leaves it behind.
    std::rewind(file);
    std::fwrite(bytes.data(), 1, bytes.size(), file);
    std::fflush(file);
    if (::truncate(kept.c_str(), static_cast<off_t>(bytes.size())) != 0) return 1;
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    if (run % 100000 == 0) std::fprintf(stderr, "%llu\n", static_cast<unsigned long long>(run));
  }
  std::fclose(file);
  std::remove(kept.c_str());
  std::printf("%s: %llu executions without a finding\n", argv[0], static_cast<unsigned long long>(runs));
}
