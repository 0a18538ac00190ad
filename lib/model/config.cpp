#include "model/config.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "model/config_section.h"

namespace easel::model {

using base::cat;
using base::fail;
using Json = nlohmann::ordered_json;

namespace {

// Rotary embeddings that are turned in another way than Llama's first ones. The type has had two names, and its
// section too.
void read_rotary(const ConfigSection& s, LlamaConfig& c) {
  s.read("rope_theta", c.rope_theta);
  s.refuse_unless("partial_rotary_factor", 1);
  for (const char* key : {"rope_scaling", "rope_parameters"}) {
    if (!s.has(key)) continue;
    const ConfigSection rope = s.section(key);
    rope.refuse_unless("rope_type", "default");
    rope.refuse_unless("type", "default");
    rope.refuse_unless("partial_rotary_factor", 1);
    if (!rope.has("rope_type") && !rope.has("type")) rope.refuse_unless("factor", 1);
    rope.read("rope_theta", c.rope_theta);
  }
}

}  // namespace

LlamaConfig read_text_config(const ConfigSection& s, bool tie) {
  LlamaConfig c;
  s.read("vocab_size", c.vocab_size);
  s.read("hidden_size", c.hidden_size, 1, 1 << 18);
  s.read("intermediate_size", c.intermediate_size);
  s.read("num_hidden_layers", c.num_hidden_layers, 1, 4096);
  s.read("num_attention_heads", c.num_attention_heads, 1, 4096);
  c.num_key_value_heads = c.num_attention_heads;
  s.read("num_key_value_heads", c.num_key_value_heads, 1, 4096);
  c.head_dim = c.hidden_size / c.num_attention_heads;
  s.read("head_dim", c.head_dim, 1, 4096);
  s.read("max_position_embeddings", c.max_position_embeddings);
  s.read("rms_norm_eps", c.rms_norm_eps);
  read_rotary(s, c);
  s.refuse_unless("hidden_act", "silu");
  for (const char* key : {"attention_bias", "mlp_bias"}) {
    bool bias = false;
    s.read(key, bias);
    if (bias) s.bad(key, "false (biases in the language model are not supported)");
  }
  c.tie_word_embeddings = tie;
  if (c.num_attention_heads % c.num_key_value_heads != 0) {
    fail(cat(s.where(), ": num_attention_heads ", c.num_attention_heads,
             " is no multiple of num_key_value_heads ", c.num_key_value_heads));
  }
  if (c.head_dim % 2 != 0) fail(cat(s.where(), ": head_dim ", c.head_dim, " is odd"));
  return c;
}

void require_group_widths(const ConfigSection& s, const VqConfig& c) {
  for (const int64_t m : c.channel_multiplier) {
    if (c.base_channels * m % 32 != 0) {
      fail(cat(s.where(), ": width ", c.base_channels * m, " is no multiple of GroupNorm's 32 groups"));
    }
  }
}

namespace {

void read_ids(const ConfigSection& s, SpecialIds& ids) {
  s.read_id("bos_token_id", ids.bos);
  s.read_id("eos_token_id", ids.eos);
  s.read_id("pad_token_id", ids.pad);
}

VisionConfig read_vision(const ConfigSection& s) {
  VisionConfig c;
  s.read("hidden_size", c.hidden_size, 1, 1 << 18);
  s.read("num_hidden_layers", c.num_hidden_layers, 1, 4096);
  s.read("num_attention_heads", c.num_attention_heads, 1, 4096);
  s.read("num_channels", c.num_channels, 3, 3);
  s.read("patch_size", c.patch_size, 1, 4096);
  s.read("image_size", c.image_size, 1, 65536);
  s.read("num_image_tokens", c.num_image_tokens, 1, 1 << 20);
  s.read("projection_dim", c.projection_dim, 1, 1 << 18);
  s.read("depth", c.depth, 1, 64);
  s.read("mlp_ratio", c.mlp_ratio);
  s.read("layer_norm_eps", c.layer_norm_eps);
  s.read("attention_bias", c.attention_bias);
  s.refuse_unless("hidden_act", "gelu");
  bool qk_norm = false;
  s.read("use_qk_norm", qk_norm);
  if (qk_norm) s.bad("use_qk_norm", "false");
  if (c.hidden_size % c.num_attention_heads != 0) {
    fail(cat(s.where(), ": hidden_size ", c.hidden_size, " is no multiple of num_attention_heads ",
             c.num_attention_heads));
  }
  return c;
}

VqConfig read_vq(const ConfigSection& s) {
  VqConfig c;
  s.read("embed_dim", c.embed_dim, 1, 65536);
  s.read("num_embeddings", c.num_embeddings);
  s.read("latent_channels", c.latent_channels, 1, 65536);
  s.read("in_channels", c.in_channels, 3, 3);
  s.read("out_channels", c.out_channels, 3, 3);
  s.read("base_channels", c.base_channels, 1, 65536);
  s.read("num_res_blocks", c.num_res_blocks, 1, 64);
  s.read("channel_multiplier", c.channel_multiplier);
  s.read("projection_dim", c.projection_dim, 1, 1 << 18);
  s.read("num_hidden_layers", c.num_hidden_layers, 1, 64);
  s.read("image_token_embed_dim", c.image_token_embed_dim, 1, 1 << 18);
  s.refuse_unless("hidden_act", "gelu");
  bool double_latent = false;
  s.read("double_latent", double_latent);
  if (double_latent) s.bad("double_latent", "false");
  require_group_widths(s, c);
  return c;
}

JanusConfig read_transformers_config(const ConfigSection& top) {
  JanusConfig c;
  bool tie = true;
  top.read("tie_word_embeddings", tie);
  c.text = read_text_config(top.section("text_config"), tie);
  c.vision = read_vision(top.section("vision_config"));
  c.vq = read_vq(top.section("vq_config"));
  constexpr int64_t kImageToken = 100581;  // transformers' default
  if (kImageToken < c.text.vocab_size) c.ids.image_placeholder = kImageToken;
  top.read_id("image_token_id", c.ids.image_placeholder);
  read_ids(top.section("text_config"), c.ids);
  const auto agree = [&](const char* what, int64_t got, int64_t expected) {
    if (got != expected) {
      fail(cat(top.where(), ": ", what, " is ", got, ", but the decoder's width is ", expected));
    }
  };
  agree("vision_config projection_dim", c.vision.projection_dim, c.text.hidden_size);
  agree("vq_config projection_dim", c.vq.projection_dim, c.text.hidden_size);
  agree("vq_config image_token_embed_dim", c.vq.image_token_embed_dim, c.text.hidden_size);
  if (c.grid() * c.grid() != c.image_tokens()) {
    fail(cat(top.where(), ": num_image_tokens ", c.image_tokens(), " is not the square of image_size / patch_size = ",
             c.grid()));
  }
  return c;
}

// A key for an id that nobody knows is left out: -1 is none, and readers take it for a mistake.
void drop_unknown(Json& section, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (section[key] < 0) section.erase(key);
  }
}

}  // namespace

JanusConfig JanusConfig::load(const std::filesystem::path& folder) {
  const ConfigSection top = ConfigSection::file(folder / "config.json");
  const std::string type = top.text("model_type", "janus");
  if (type != "janus" && type != "multi_modality") {
    fail(cat(top.where(), ": model_type ", base::quote(type),
             " is not supported; expected \"janus\" or \"multi_modality\""));
  }
  JanusConfig c = type == "janus" ? read_transformers_config(top) : read_deepseek_config(top, folder);
  if (std::filesystem::exists(folder / "generation_config.json")) {
    const ConfigSection g = ConfigSection::file(folder / "generation_config.json");
    read_ids(g, c.ids);
    c.answer_ends = g.ids("eos_token_id");
    g.read("guidance_scale", c.guidance_scale);
    const ConfigSection kwargs = g.section("generation_kwargs");
    kwargs.read_id("boi_token_id", c.ids.begin_of_image);
    kwargs.read_id("eoi_token_id", c.ids.end_of_image);
  }
  return c;
}

std::string JanusConfig::config_json(const std::string& dtype) const {
  Json json = {
      {"architectures", {"JanusForConditionalGeneration"}},
      {"model_type", "janus"},
      {"dtype", dtype},
      {"image_token_id", ids.image_placeholder},
      {"tie_word_embeddings", text.tie_word_embeddings},
      {"text_config",
       {{"model_type", "llama"},
        {"vocab_size", text.vocab_size},
        {"hidden_size", text.hidden_size},
        {"intermediate_size", text.intermediate_size},
        {"num_hidden_layers", text.num_hidden_layers},
        {"num_attention_heads", text.num_attention_heads},
        {"num_key_value_heads", text.num_key_value_heads},
        {"head_dim", text.head_dim},
        {"max_position_embeddings", text.max_position_embeddings},
        {"rms_norm_eps", text.rms_norm_eps},
        // Version 5 of transformers reads rope_parameters, version 4 rope_theta.
        {"rope_theta", text.rope_theta},
        {"rope_parameters", {{"rope_theta", text.rope_theta}, {"rope_type", "default"}}},
        {"hidden_act", "silu"},
        {"attention_bias", false},
        {"mlp_bias", false},
        {"bos_token_id", ids.bos},
        {"eos_token_id", ids.eos},
        {"pad_token_id", ids.pad},
        {"tie_word_embeddings", text.tie_word_embeddings}}},
      {"vision_config",
       {{"model_type", "janus_vision_model"},
        {"hidden_size", vision.hidden_size},
        {"num_hidden_layers", vision.num_hidden_layers},
        {"num_attention_heads", vision.num_attention_heads},
        {"num_channels", vision.num_channels},
        {"patch_size", vision.patch_size},
        {"image_size", vision.image_size},
        {"mlp_ratio", vision.mlp_ratio},
        {"num_image_tokens", vision.num_image_tokens},
        {"projection_dim", vision.projection_dim},
        {"depth", vision.depth},
        {"layer_norm_eps", vision.layer_norm_eps},
        {"attention_bias", vision.attention_bias},
        {"use_qk_norm", false},
        {"hidden_act", "gelu"}}},
      {"vq_config",
       {{"model_type", "janus_vqgan"},
        {"embed_dim", vq.embed_dim},
        {"num_embeddings", vq.num_embeddings},
        {"latent_channels", vq.latent_channels},
        {"in_channels", vq.in_channels},
        {"out_channels", vq.out_channels},
        {"base_channels", vq.base_channels},
        {"channel_multiplier", vq.channel_multiplier},
        {"num_res_blocks", vq.num_res_blocks},
        {"num_patches", grid()},
        {"double_latent", false},
        {"projection_dim", vq.projection_dim},
        {"num_hidden_layers", vq.num_hidden_layers},
        {"image_token_embed_dim", vq.image_token_embed_dim},
        {"hidden_act", "gelu"}}}};
  drop_unknown(json, {"image_token_id"});
  drop_unknown(json["text_config"], {"bos_token_id", "eos_token_id", "pad_token_id"});
  return json.dump(2) + "\n";
}

std::string JanusConfig::generation_config_json() const {
  Json json = {{"bos_token_id", ids.bos},
               {"eos_token_id", ids.eos},
               {"pad_token_id", ids.pad},
               {"guidance_scale", guidance_scale},
               {"generation_kwargs",
                {{"boi_token_id", ids.begin_of_image}, {"eoi_token_id", ids.end_of_image}}}};
  drop_unknown(json, {"bos_token_id", "eos_token_id", "pad_token_id"});
  drop_unknown(json["generation_kwargs"], {"boi_token_id", "eoi_token_id"});
  return json.dump(2) + "\n";
}

std::string JanusConfig::preprocessor_config_json() const {
  const Json json = {{"image_processor_type", "JanusImageProcessor"},
                     {"do_resize", true},
                     {"size", {{"height", vision.image_size}, {"width", vision.image_size}}},
                     {"resample", 3},
                     {"do_rescale", true},
                     {"rescale_factor", 1.0 / 255},
                     {"do_normalize", true},
                     {"image_mean", {0.5, 0.5, 0.5}},
                     {"image_std", {0.5, 0.5, 0.5}},
                     {"min_size", 14}};
  return json.dump(2) + "\n";
}

namespace {

JanusConfig janus_pro(int64_t layers, int64_t hidden, int64_t heads, int64_t mlp) {
  JanusConfig c;
  c.text.vocab_size = 102400;
  c.text.hidden_size = hidden;
  c.text.intermediate_size = mlp;
  c.text.num_hidden_layers = layers;
  c.text.num_attention_heads = c.text.num_key_value_heads = heads;
  c.text.head_dim = hidden / heads;
  c.text.max_position_embeddings = 16384;
  c.text.tie_word_embeddings = false;
  c.vision.projection_dim = c.vq.projection_dim = c.vq.image_token_embed_dim = hidden;
  return c;
}

}  // namespace

JanusConfig preset(const std::string& name) {
  if (name == "janus-pro-1b") return janus_pro(24, 2048, 16, 5632);
  if (name == "janus-pro-7b") return janus_pro(30, 4096, 32, 11008);
  if (name != "nano") {
    base::fail_usage(cat("--preset: expected nano, janus-pro-1b or janus-pro-7b, got ",
                         base::quote(name)));
  }
  // The same architecture for the 48-pixel world: 6 x 6 tokens of 8 x 8 pixels.
  JanusConfig c;
  c.text = {.vocab_size = 640, .hidden_size = 192, .intermediate_size = 512, .num_hidden_layers = 4,
            .num_attention_heads = 6, .num_key_value_heads = 6, .head_dim = 32,
            .max_position_embeddings = 1024, .rms_norm_eps = 1e-6, .rope_theta = 10000,
            .tie_word_embeddings = false};
  c.vision.hidden_size = 64;
  c.vision.num_hidden_layers = 2;
  c.vision.num_attention_heads = 4;
  c.vision.patch_size = 8;
  c.vision.image_size = 48;
  c.vision.num_image_tokens = 36;
  c.vision.mlp_ratio = 2;
  c.vision.projection_dim = 192;
  c.vq.embed_dim = 8;
  c.vq.num_embeddings = 512;
  c.vq.latent_channels = 64;
  c.vq.base_channels = 32;
  c.vq.channel_multiplier = {1, 1, 2, 2};
  c.vq.num_res_blocks = 1;
  c.vq.projection_dim = c.vq.image_token_embed_dim = 192;
  return c;
}

}  // namespace easel::model
