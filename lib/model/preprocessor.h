// preprocessor_config.json: how pictures are made ready for the vision tower.
#pragma once

#include <filesystem>
#include <string>

#include "model/config.h"

namespace easel::model {

// What is done here is no option. For whoever looks at pictures, or writes the file anew: throws Error naming the file and the
// key when the one in `folder`, if there is one, wants something else.
void require_usual_preprocessor(const std::filesystem::path& folder, const VisionConfig& vision);

// What a policy in transformers' layout that was made of the one in `folder` has to say: the same, if that was of this
// layout.
std::string kept_preprocessor(const std::filesystem::path& folder, const JanusConfig& config);

}  // namespace easel::model
