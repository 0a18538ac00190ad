#include "model/preprocessor.h"

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "model/config_section.h"

namespace easel::model {

using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kPictures = "preprocessor_config.json";
constexpr const char* kProcessor = "processor_config.json";
constexpr const char* kGeneration = "generation_config.json";

void require_usual(const ConfigSection& s, const VisionConfig& vision) {
  const Json halves = {0.5, 0.5, 0.5}, grey = {127, 127, 127};
  constexpr int kBicubic = 3;  // of Pillow's filters
  for (const char* step : {"do_resize", "do_rescale", "do_normalize", "do_pad"}) s.refuse_unless(step, true);
  s.refuse_unless("resample", kBicubic);
  s.refuse_unless("rescale_factor", 1.0 / 255);
  s.refuse_unless("image_mean", halves);
  s.refuse_unless("image_std", halves);
  s.refuse_unless("background_color", grey);
  s.refuse_unless("image_size", vision.image_size);
  for (const char* side : {"height", "width"}) s.section("size").refuse_unless(side, vision.image_size);
  s.refuse_unless("min_size", 14);
}

// What `ours` has and `theirs` does not is added.
void complete(Json& theirs, const Json& ours) {
  for (const auto& [key, value] : ours.items()) {
    if (!theirs.contains(key)) theirs[key] = value;
    else if (value.is_object() && theirs[key].is_object()) complete(theirs[key], value);
  }
}

std::string kept_preprocessor(const std::filesystem::path& file, const JanusConfig& config) {
  const bool is_of_this_layout = std::filesystem::exists(file) && !ConfigSection::file(file).has("image_size");
  return is_of_this_layout ? base::read_file(file) : config.preprocessor_config_json();
}

// transformers' processor puts so many places for image tokens into a prompt; its own number without this file is Janus-Pro's.
std::string kept_processor(const std::filesystem::path& file, const JanusConfig& config) {
  constexpr const char* kClass = "JanusProcessor";
  if (std::filesystem::exists(file) && ConfigSection::file(file).text("processor_class", "") == kClass) return base::read_file(file);
  return Json{{"processor_class", kClass}, {"num_image_tokens", config.vision.num_image_tokens}}.dump(2) + "\n";
}

std::string kept_generation(const std::filesystem::path& file, const JanusConfig& config) {
  const std::string ours = config.generation_config_json();
  if (!std::filesystem::exists(file)) return ours;
  Json json = Json::parse(base::read_file(file), nullptr, false);
  if (!json.is_object()) return ours;
  complete(json, Json::parse(ours));
  return json.dump(2) + "\n";
}

}  // namespace

void write_processing_files(const std::filesystem::path& into, const std::filesystem::path& from, const JanusConfig& config) {
  base::write_file(into / kGeneration, kept_generation(from / kGeneration, config));
  base::write_file(into / kPictures, kept_preprocessor(from / kPictures, config));
  base::write_file(into / kProcessor, kept_processor(from / kProcessor, config));
}

void require_usual_preprocessor(const std::filesystem::path& folder, const VisionConfig& vision) {
  if (std::filesystem::exists(folder / kPictures)) require_usual(ConfigSection::file(folder / kPictures), vision);
  if (!std::filesystem::exists(folder / kProcessor)) return;
  require_usual(ConfigSection::file(folder / kProcessor).section("image_processor"), vision);
}

}  // namespace easel::model
