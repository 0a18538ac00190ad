// What models are asked: texts that are in the program, or files in their place.
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace easel::http {

// Texts by name, with places for values: {prompt}.
class PromptTexts {
 public:
  // `replaced` holds "NAME=FILE" words of the option `flag`. Throws UsageError for another word or an unknown name.
  PromptTexts(std::span<const std::pair<const char*, const char*>> texts, const std::string& flag,
              const std::vector<std::string>& replaced);

  // The text, its places filled in one pass: what is filled in is not looked at again. Unknown places stay.
  std::string filled(const std::string& name, const std::vector<std::pair<std::string, std::string>>& values) const;

 private:
  std::map<std::string, std::string> texts_;
};

}  // namespace easel::http
