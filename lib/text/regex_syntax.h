// Patterns of tokenizer.json are written for Oniguruma with Ruby's syntax and Unicode classes.
// This turns one into a PCRE2 pattern that matches the same, or refuses it by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace easel::text {

struct CodePointRange;

struct TranslatedPattern {
  std::string basic;     // relies on PCRE2's own Unicode tables
  std::string extended;  // adds the members of unicode_supplement.h; equal to basic if none matter
};

// Throws base::Error "regex "...": what is wrong". The result is for PCRE2_UTF | PCRE2_UCP |
// PCRE2_MULTILINE.
TranslatedPattern translate_regex(std::string_view pattern);
// What stands between the brackets of a class of these.
std::string range_items(const std::vector<CodePointRange>& ranges);

}  // namespace easel::text
