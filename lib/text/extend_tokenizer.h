// A tokenizer.json with tokens that it lacks: GoT-R1's four, say, for a published checkpoint.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace easel::text {

// Adds each token that the folder's tokenizer.json does not have yet to it, as text that is never split, with the next ids
// after the largest, and to what tokenizer_config.json lists where that lists any. Returns the ids of `tokens`. Throws Error
// for an empty token, or when an id would not be below `rows`, the rows of the model's embedding.
std::vector<int32_t> extend_tokenizer(const std::filesystem::path& folder, const std::vector<std::string>& tokens, int64_t rows);

}  // namespace easel::text
