#include "model/preprocessor.h"

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "model/config_section.h"

namespace easel::model {

using Json = nlohmann::ordered_json;

namespace {
constexpr const char* kFile = "preprocessor_config.json";
}

std::string kept_preprocessor(const std::filesystem::path& folder, const JanusConfig& config) {
  const auto file = folder / kFile;
  const bool is_of_this_layout = std::filesystem::exists(file) && !ConfigSection::file(file).has("image_size");
  return is_of_this_layout ? base::read_file(file) : config.preprocessor_config_json();
}

void require_usual_preprocessor(const std::filesystem::path& folder, const VisionConfig& vision) {
  const auto file = folder / kFile;
  if (!std::filesystem::exists(file)) return;
  const ConfigSection s = ConfigSection::file(file);
  const Json halves = {0.5, 0.5, 0.5}, grey = {127, 127, 127};
  s.refuse_unless("do_normalize", true);
  s.refuse_unless("image_mean", halves);
  s.refuse_unless("image_std", halves);
  s.refuse_unless("background_color", grey);
  s.refuse_unless("image_size", vision.image_size);
  for (const char* side : {"height", "width"}) s.section("size").refuse_unless(side, vision.image_size);
  s.refuse_unless("min_size", 14);
}

}  // namespace easel::model
