// JSON in what a model wrote.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "jsonl/object.h"

namespace easel::http {

// The first object or array in the text that is whole and, where `wanted` is given, of that kind: all of the text, or what
// stands between words or in a fenced block. nullopt when there is none. What lies within another is not looked at, and a
// text that ends in the middle of one ("[{"a":1},{"b") has none from there on: a part of an answer is not the answer.
// Time is linear in the text but for the beginnings that lead nowhere, of which 64 are tried.
std::optional<jsonl::Json> json_in_text(std::string_view text, const std::function<bool(const jsonl::Json&)>& wanted = {});

// All of them, in order: an answer may come in several, or a draft before it. None when the text ends in the middle of
// one: it would have been the last.
std::vector<jsonl::Json> every_json_in_text(std::string_view text,
                                            const std::function<bool(const jsonl::Json&)>& wanted = {});

// Whether JSON begins somewhere in the text ({" or [{), whole or not: what stands around it is then no answer either.
bool begins_json(std::string_view text);

}  // namespace easel::http
