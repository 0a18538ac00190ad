#include "text/extend_tokenizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "text/tokenizer.h"

namespace easel::text {

using base::cat;
using Json = nlohmann::ordered_json;

namespace {

Json added_token(const std::string& token) {
  return {{"content", token}, {"single_word", false}, {"lstrip", false}, {"rstrip", false}, {"normalized", false}, {"special", false}};
}

}  // namespace

std::vector<int32_t> extend_tokenizer(const std::filesystem::path& folder, const std::vector<std::string>& tokens, int64_t rows) {
  const Tokenizer tokenizer = Tokenizer::load(folder);  // says what is wrong with a file that is none
  const auto file = folder / "tokenizer.json", config_file = folder / "tokenizer_config.json";
  Json json = Json::parse(base::read_file(file));
  Json config = std::filesystem::exists(config_file) ? Json::parse(base::read_file(config_file)) : Json();
  int64_t next = tokenizer.vocab_size();
  std::vector<int32_t> ids;
  for (const auto& token : tokens) {
    if (token.empty()) base::fail("a token cannot be empty");
    if (const auto known = tokenizer.id_of(token)) {
      ids.push_back(*known);
      continue;
    }
    const auto again = std::find(tokens.begin(), tokens.end(), token) - tokens.begin();
    if (again < static_cast<std::ptrdiff_t>(ids.size())) {  // named twice
      ids.push_back(ids[static_cast<size_t>(again)]);
      continue;
    }
    if (next >= rows) {
      base::fail(cat("no room for the token ", base::quote(token), ": the model's embedding has ", rows, " rows, and the tokenizer ",
                     tokenizer.vocab_size(), " ids"));
    }
    Json entry = {{"id", next}};
    entry.update(added_token(token));
    json["added_tokens"].push_back(entry);
    if (config.contains("added_tokens_decoder")) config["added_tokens_decoder"][cat(next)] = added_token(token);
    ids.push_back(static_cast<int32_t>(next++));
  }
  base::write_file(file, json.dump(2) + "\n");
  if (!config.is_null()) base::write_file(config_file, config.dump(2) + "\n");
  return ids;
}

}  // namespace easel::text
