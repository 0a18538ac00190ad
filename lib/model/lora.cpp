#include "model/lora.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace easel::model {

using base::cat;
using base::fail;
using Json = nlohmann::ordered_json;

namespace {
constexpr std::string_view kWeight = ".weight";
// PEFT takes a list of names for every module that ends so, those of the vision tower too: a pattern it is.
constexpr std::string_view kDecoderLayer = R"(model\.language_model\.layers\.\d+\.(self_attn|mlp)\.)";
}  // namespace

std::vector<std::string> all_projections() {
  return {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"};
}

bool LoraConfig::targets_name(const std::string& parameter_name) const {
  return rank > 0 && std::find(targets.begin(), targets.end(), projection_name(parameter_name)) != targets.end();
}

LoraConfig LoraConfig::parse(const std::string& text, const std::string& file) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) fail(cat(file, ": expected a JSON object"));
  const auto bad = [&](const char* key, const std::string& expected) {
    fail(cat(file, ": ", base::quote(key), ": expected ", expected, ", got ",
             json.contains(key) ? json[key].dump().substr(0, 60) : "nothing"));
  };
  if (json.value("peft_type", Json()) != "LORA") bad("peft_type", "\"LORA\"");
  LoraConfig c;
  if (!json.contains("r") || !json["r"].is_number_integer() || json["r"] < 1 || json["r"] > 65536) {
    bad("r", "a rank from 1 to 65536");
  }
  c.rank = json["r"];
  if (!json.contains("lora_alpha") || !json["lora_alpha"].is_number()) bad("lora_alpha", "a number");
  c.alpha = json["lora_alpha"];
  for (const char* key : {"use_rslora", "use_dora", "fan_in_fan_out"}) {
    if (json.contains(key) && json[key] == true) bad(key, "false");
  }
  for (const char* key : {"rank_pattern", "alpha_pattern", "modules_to_save", "layers_to_transform"}) {
    if (json.contains(key) && !json[key].is_null() && !json[key].empty()) bad(key, "nothing");
  }
  if (json.contains("bias") && json["bias"] != "none") bad("bias", "\"none\"");
  return c;
}

std::string LoraConfig::json(const std::vector<std::string>& modules) const {
  Json json = {{"peft_type", "LORA"},
                     {"task_type", nullptr},
                     {"base_model_name_or_path", nullptr},
                     {"inference_mode", true},
                     {"r", rank},
                     {"lora_alpha", alpha},
                     {"lora_dropout", 0.0},
                     {"bias", "none"},
                     {"fan_in_fan_out", false},
                     {"init_lora_weights", true},
                     {"use_rslora", false},
                     {"use_dora", false},
                     {"target_modules", cat(kDecoderLayer, "(", base::join(targets, "|"), ")")}};
  if (!modules.empty()) json["target_modules"] = modules;
  return json.dump(2) + "\n";
}

Tensor Projection::operator()(const Tensor& x) const {
  const Tensor y = linear_layer(x, weight);
  if (!adapted()) return y;
  // The adapter keeps float32 whatever the weights are: its updates are small.
  return y + (scale * linear_layer(linear_layer(x.to(a.scalar_type()), a), b)).to(y.scalar_type());
}

Tensor Projection::merged() const {
  if (!adapted()) return weight;
  return (weight.to(torch::kFloat32) + scale * torch::mm(b.to(torch::kFloat32), a.to(torch::kFloat32)))
      .to(weight.scalar_type());
}

std::string projection_name(std::string_view name) {
  if (!name.ends_with(kWeight)) return "";
  name.remove_suffix(kWeight.size());
  return std::string(name.substr(name.rfind('.') + 1));
}

std::string lora_name(const std::string& weight_name, char which) {
  return cat("base_model.model.", weight_name.substr(0, weight_name.size() - kWeight.size()), ".lora_", which,
             ".weight");
}

}  // namespace easel::model
