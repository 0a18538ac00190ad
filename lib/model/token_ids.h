// The ids of the tokens that have a meaning to Janus. Every program takes them from here, so that all mean the same ones.
#pragma once

#include <filesystem>

#include "model/config.h"
#include "text/tokenizer.h"

namespace easel::model {

// The tokenizer's ids; those of the config stay where it has none.
void adopt_token_ids(SpecialIds& ids, const text::Tokenizer& tokenizer);
// The same of the tokenizer in a policy's folder, if there is one.
void adopt_token_ids(SpecialIds& ids, const std::filesystem::path& folder);

}  // namespace easel::model
