// config.json of DeepSeek's layout, read and written. It names its networks and gives few of their widths:
// those of Janus-Pro are what the names stand for. Ours for other widths are keys of the same sections.
#include <algorithm>

#include "base/error.h"
#include "model/config_section.h"
#include "model/weights.h"

namespace easel::model {

using base::cat;
using base::fail;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kTower = "vision_model.vision_tower.";
constexpr const char* kPictures = "gen_vision_model.";

// Widths of networks that the config only names, from the shapes of their weights. A tensor that is absent
// or has another number of dimensions leaves what the name stands for: loading will say what is wrong.
class StoredWidths {
 public:
  explicit StoredWidths(const Weights& weights) : weights_(weights) {}
  void read(const std::string& tensor, size_t dimension, int64_t& value) const {
    const auto shape = weights_.stored_shape(tensor);
    if (dimension < shape.size() && shape[dimension] > 0) value = shape[dimension];
  }
  int64_t count(const std::string& before, const std::string& after) const {
    int64_t n = 0;
    while (!weights_.stored_shape(cat(before, n, after)).empty()) ++n;
    return n;
  }

 private:
  const Weights& weights_;
};

void read_stored(VisionConfig& c, const StoredWidths& stored) {
  const std::string tower = kTower;
  stored.read(tower + "patch_embed.proj.weight", 0, c.hidden_size);
  stored.read(tower + "patch_embed.proj.weight", 2, c.patch_size);
  c.num_hidden_layers = std::max<int64_t>(1, stored.count(tower + "blocks.", ".norm1.weight"));
  int64_t mlp = c.mlp_size();
  stored.read(tower + "blocks.0.mlp.fc1.weight", 0, mlp);
  c.mlp_ratio = static_cast<double>(mlp) / static_cast<double>(c.hidden_size);
  // A width is this ratio's product, cut: where the quotient falls short, from the middle of what gives the width.
  if (c.mlp_size() != mlp) c.mlp_ratio = (static_cast<double>(mlp) + 0.5) / static_cast<double>(c.hidden_size);
  constexpr int64_t kHead = 64;  // of SigLIP-L
  c.num_attention_heads = std::max<int64_t>(1, c.hidden_size / kHead);
}

void read_stored(VqConfig& c, const StoredWidths& stored) {
  const std::string encoder = cat(kPictures, "encoder.");
  stored.read(encoder + "conv_in.weight", 0, c.base_channels);
  stored.read(encoder + "conv_out.weight", 0, c.latent_channels);
  c.num_res_blocks = std::max<int64_t>(1, stored.count(encoder + "conv_blocks.0.res.", ".conv1.weight"));
  const int64_t levels = stored.count(encoder + "conv_blocks.", ".res.0.conv1.weight");
  if (levels == 0) return;
  c.channel_multiplier.clear();
  for (int64_t l = 0; l < levels; ++l) {
    int64_t width = c.base_channels;
    stored.read(cat(encoder, "conv_blocks.", l, ".res.0.conv1.weight"), 0, width);
    c.channel_multiplier.push_back(std::max<int64_t>(1, width / c.base_channels));
  }
}

}  // namespace

JanusConfig read_deepseek_config(const ConfigSection& top, const std::filesystem::path& folder) {
  JanusConfig c;
  const ConfigSection language = top.section("language_config");
  bool tie = false;
  language.read("tie_word_embeddings", tie);
  c.text = read_text_config(language, tie);
  const int64_t width = c.text.hidden_size;
  const auto agree = [&](const ConfigSection& section, const char* key) {
    int64_t got = width;
    section.read(key, got, 1, 1 << 18);
    if (got != width) section.bad(key, cat(width, ", the decoder's width"));
    return got;
  };

  const ConfigSection vision = top.section("vision_config").section("params");
  const ConfigSection aligner = top.section("aligner_config").section("params");
  vision.refuse_unless("model_name", "siglip_large_patch16_384");
  vision.refuse_unless("select_feature", "same");
  aligner.refuse_unless("projector_type", "mlp_gelu");
  vision.read("image_size", c.vision.image_size, 1, 65536);
  const ConfigSection pictures = top.section("gen_vision_config").section("params");
  if (!vision.has("width") || !pictures.has("ch")) {
    const Weights weights = Weights::map(folder);
    const StoredWidths stored(weights);
    read_stored(c.vision, stored);
    read_stored(c.vq, stored);
  }
  vision.read("width", c.vision.hidden_size, 1, 1 << 18);
  vision.read("layers", c.vision.num_hidden_layers, 1, 4096);
  vision.read("heads", c.vision.num_attention_heads, 1, 4096);
  vision.read("patch_size", c.vision.patch_size, 1, 4096);
  vision.read("mlp_ratio", c.vision.mlp_ratio);
  c.vision.projection_dim = agree(aligner, "n_embed");
  aligner.read("depth", c.vision.depth, 1, 64);
  if (c.vision.hidden_size % c.vision.num_attention_heads != 0) {
    fail(cat(vision.where(), ": width ", c.vision.hidden_size, " is no multiple of heads ", c.vision.num_attention_heads));
  }
  c.vision.num_image_tokens = c.vision.grid() * c.vision.grid();

  pictures.read("n_embed", c.vq.embed_dim, 1, 65536);
  pictures.read("image_token_size", c.vq.num_embeddings);
  pictures.read("ch", c.vq.base_channels, 1, 65536);
  pictures.read("z_channels", c.vq.latent_channels, 1, 65536);
  pictures.read("num_res_blocks", c.vq.num_res_blocks, 1, 64);
  pictures.read("encoder_ch_mult", c.vq.channel_multiplier);
  require_group_widths(pictures, c.vq);
  const ConfigSection generation = top.section("gen_aligner_config").section("params");
  c.vq.projection_dim = agree(generation, "n_embed");
  generation.read("depth", c.vq.num_hidden_layers, 1, 64);
  c.vq.image_token_embed_dim = agree(top.section("gen_head_config").section("params"), "image_token_embed");
  return c;
}

std::string JanusConfig::deepseek_config_json(const std::string& dtype) const {
  const VisionConfig usual;
  if (vision.layer_norm_eps != usual.layer_norm_eps) {
    fail(cat("vision_config: layer_norm_eps ", vision.layer_norm_eps, ": DeepSeek's layout cannot say so; expected ", usual.layer_norm_eps));
  }
  if (!vision.attention_bias) fail("vision_config: attention_bias false: DeepSeek's layout cannot say so");
  const auto section = [](const char* name, Json params) {
    return Json{{"cls", name}, {"model_type", ""}, {"params", std::move(params)}};
  };
  Json json = {
      {"architectures", {"MultiModalityCausalLM"}},
      {"model_type", "multi_modality"},
      {"torch_dtype", dtype},
      {"language_config",
       {{"model_type", "llama"},
        {"torch_dtype", dtype},
        {"vocab_size", text.vocab_size},
        {"hidden_size", text.hidden_size},
        {"intermediate_size", text.intermediate_size},
        {"num_hidden_layers", text.num_hidden_layers},
        {"num_attention_heads", text.num_attention_heads},
        {"num_key_value_heads", text.num_key_value_heads},
        {"head_dim", text.head_dim},
        {"max_position_embeddings", text.max_position_embeddings},
        {"rms_norm_eps", text.rms_norm_eps},
        {"rope_theta", text.rope_theta},
        {"tie_word_embeddings", text.tie_word_embeddings}}},
      {"vision_config", section("CLIPVisionTower", {{"image_size", vision.image_size},
                                                    {"model_name", "siglip_large_patch16_384"},
                                                    {"select_feature", "same"},
                                                    {"select_layer", -1},
                                                    {"width", vision.hidden_size},
                                                    {"layers", vision.num_hidden_layers},
                                                    {"heads", vision.num_attention_heads},
                                                    {"patch_size", vision.patch_size},
                                                    {"mlp_ratio", vision.mlp_ratio}})},
      {"aligner_config", section("MlpProjector", {{"depth", vision.depth},
                                                  {"input_dim", vision.hidden_size},
                                                  {"n_embed", vision.projection_dim},
                                                  {"projector_type", "mlp_gelu"}})},
      {"gen_vision_config", section("VQ-16", {{"image_token_size", vq.num_embeddings},
                                              {"n_embed", vq.embed_dim},
                                              {"ch", vq.base_channels},
                                              {"z_channels", vq.latent_channels},
                                              {"num_res_blocks", vq.num_res_blocks},
                                              {"encoder_ch_mult", vq.channel_multiplier},
                                              {"decoder_ch_mult", vq.channel_multiplier}})},
      {"gen_aligner_config", section("MlpProjector", {{"depth", vq.num_hidden_layers},
                                                      {"input_dim", vq.embed_dim},
                                                      {"n_embed", vq.projection_dim},
                                                      {"projector_type", "mlp_gelu"}})},
      {"gen_head_config", section("vision_head", {{"image_token_embed", vq.image_token_embed_dim},
                                                  {"image_token_size", vq.num_embeddings},
                                                  {"n_embed", vq.projection_dim}})}};
  constexpr std::pair<const char*, const char*> kTypes[] = {
      {"vision_config", "vision"}, {"aligner_config", "aligner"}, {"gen_vision_config", "gen_vision"},
      {"gen_aligner_config", "gen_aligner"}, {"gen_head_config", "gen_head"}};
  for (const auto& [key, type] : kTypes) json[key]["model_type"] = type;
  return json.dump(2) + "\n";
}

std::string JanusConfig::deepseek_preprocessor_config_json() const {
  const Json json = {{"image_processor_type", "VLMImageProcessor"},
                     {"processor_class", "VLChatProcessor"},
                     {"background_color", {127, 127, 127}},
                     {"do_normalize", true},
                     {"image_mean", {0.5, 0.5, 0.5}},
                     {"image_size", vision.image_size},
                     {"image_std", {0.5, 0.5, 0.5}},
                     {"min_size", 14},
                     {"rescale_factor", 1.0 / 255}};
  return json.dump(2) + "\n";
}

}  // namespace easel::model
