// What stands beside the weights in transformers' layout: preprocessor_config.json, or processor_config.json, which says how
// pictures are made ready for the vision tower, and generation_config.json.
#pragma once

#include <filesystem>
#include <string>

#include "model/config.h"

namespace easel::model {

// What is done here is no option. For whoever looks at pictures, or writes the file anew: throws Error naming the file and the
// key when one in `folder` wants something else.
void require_usual_preprocessor(const std::filesystem::path& folder, const VisionConfig& vision);

// Writes these files for a policy in transformers' layout that was made of the one in `from`: what that says in this layout
// stays, what it does not say is the config's.
void write_processing_files(const std::filesystem::path& into, const std::filesystem::path& from, const JanusConfig& config);

}  // namespace easel::model
