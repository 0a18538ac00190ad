// JSON in what a model wrote.
#pragma once

#include <optional>
#include <string_view>

#include "jsonl/object.h"

namespace easel::http {

// The first object or array in the text that is whole: all of it, or what stands between words or in a fenced block.
// nullopt when there is none. Time is linear in the text but for the beginnings that lead nowhere, of which 64 are tried.
std::optional<jsonl::Json> json_in_text(std::string_view text);

}  // namespace easel::http
