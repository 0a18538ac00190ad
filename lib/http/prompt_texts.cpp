#include "http/prompt_texts.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"

namespace easel::http {

using base::cat;
using base::quote;

PromptTexts::PromptTexts(std::span<const std::pair<const char*, const char*>> texts, const std::string& flag,
                         const std::vector<std::string>& replaced) {
  std::vector<std::string> names;
  for (const auto& [name, text] : texts) {
    texts_[name] = std::string(base::trim(text));
    names.emplace_back(name);
  }
  for (const auto& word : replaced) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (equals == std::string::npos || !texts_.count(name)) {
      base::fail_usage(cat(flag, ": expected NAME=FILE, NAME one of ", base::join(names, ", "), ", got ", quote(word)));
    }
    texts_[name] = std::string(base::trim(base::read_file(word.substr(equals + 1), 1 << 20)));
  }
}

std::string PromptTexts::filled(const std::string& name,
                                const std::vector<std::pair<std::string, std::string>>& values) const {
  const std::string& text = texts_.at(name);
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const auto here = std::find_if(values.begin(), values.end(), [&](const auto& v) {
      const std::string place = "{" + v.first + "}";
      return text.compare(at, place.size(), place) == 0;
    });
    if (here == values.end()) {
      out += text[at++];
    } else {
      out += here->second;
      at += here->first.size() + 2;
    }
  }
  return out;
}

}  // namespace easel::http
