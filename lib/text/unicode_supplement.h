// Code points that were assigned after Unicode 14, by general category, script and property; and what the
// reference's pre-tokenizer Punctuation cuts out.
//
// PCRE2's own tables may be older than those of the regex engine whose splits we reproduce; a
// pattern is then compiled a second time with these members added, for texts that hold any of them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace easel::text {

struct CodePointRange {
  char32_t first, last;
};

// New members of a general category ("L", "Lu"), of a script ("Han") or of "Alphabetic", "Uppercase", "Lowercase"; all of
// "Punctuation"; empty for others.
std::vector<CodePointRange> supplement(std::string_view property);
// Every code point of the table: what "Cn" has lost.
const std::vector<CodePointRange>& new_code_points();
bool has_new_code_points(std::string_view utf8);
// Whether c lies in one of `count` ranges, which are in order.
bool in_ranges(const CodePointRange* ranges, size_t count, char32_t c);

}  // namespace easel::text
