// Changes to a JSON document that leave it one: what a byte's change hardly ever does.
#pragma once

#include <span>
#include <string>

namespace easel::fuzz {

// A copy of `text` in which some values, drawn from the seed, are gone, twice there, or another: one of `words`, a number
// that sizes are wrong with, another type's, or a value from elsewhere in the document. What is no JSON comes back as
// it is.
std::string change_json(const std::string& text, std::span<const char* const> words, int changes, unsigned seed);

}  // namespace easel::fuzz
