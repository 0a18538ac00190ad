// The shape of a Janus policy: config.json in transformers' keys (model_type "janus") or DeepSeek's
// ("multi_modality"). Absent keys have transformers' defaults.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace easel::model {

struct LlamaConfig {
  int64_t vocab_size = 32000, hidden_size = 4096, intermediate_size = 11008;
  int64_t num_hidden_layers = 32, num_attention_heads = 32, num_key_value_heads = 32;
  int64_t head_dim = 128, max_position_embeddings = 2048;
  double rms_norm_eps = 1e-6, rope_theta = 10000;
  bool tie_word_embeddings = true;
};

// SigLIP tower and the aligner behind it.
struct VisionConfig {
  int64_t hidden_size = 1024, num_hidden_layers = 24, num_attention_heads = 16;
  int64_t num_channels = 3, patch_size = 16, image_size = 384;
  int64_t num_image_tokens = 576, projection_dim = 2048, depth = 2;
  double mlp_ratio = 4, layer_norm_eps = 1e-6;
  bool attention_bias = true;
  int64_t mlp_size() const { return static_cast<int64_t>(static_cast<double>(hidden_size) * mlp_ratio); }
  int64_t grid() const { return image_size / patch_size; }
};

// VQ-16 image tokenizer, the generation aligner and the generation head.
struct VqConfig {
  int64_t embed_dim = 8, num_embeddings = 16384, latent_channels = 256;
  int64_t in_channels = 3, out_channels = 3, base_channels = 128, num_res_blocks = 2;
  std::vector<int64_t> channel_multiplier = {1, 1, 2, 2, 4};
  int64_t projection_dim = 2048, num_hidden_layers = 2, image_token_embed_dim = 2048;
  int64_t downsampling() const { return int64_t{1} << (channel_multiplier.size() - 1); }
};

struct SpecialIds {
  int64_t bos = -1, eos = -1, pad = -1;
  int64_t begin_of_image = -1, end_of_image = -1, image_placeholder = -1;
};

struct JanusConfig {
  LlamaConfig text;
  VisionConfig vision;
  VqConfig vq;
  SpecialIds ids;
  double guidance_scale = 5;
  // What ends an answer, by generation_config.json, where `generate` looks for it; empty: the tokenizer's EOS.
  std::vector<int64_t> answer_ends;

  // Side of the token grid, tokens per image, side of the picture in pixels.
  int64_t grid() const { return vision.grid(); }
  int64_t image_tokens() const { return vision.num_image_tokens; }
  int64_t picture_size() const { return grid() * vq.downsampling(); }

  // Reads config.json and, where it is, generation_config.json of a checkpoint in transformers' layout or DeepSeek's
  // (which has no ids: those are the tokenizer's). Throws Error naming the file and the key: wrong type, impossible
  // shape, or a feature that is not supported.
  static JanusConfig load(const std::filesystem::path& folder);
  // The files of transformers' layout; `dtype` is that of the weights beside them.
  std::string config_json(const std::string& dtype) const;
  std::string generation_config_json() const;
  std::string preprocessor_config_json() const;
  // Those of DeepSeek's.
  std::string deepseek_config_json(const std::string& dtype) const;
  std::string deepseek_preprocessor_config_json() const;
};

// "nano", "janus-pro-1b", "janus-pro-7b". Throws UsageError for another name.
JanusConfig preset(const std::string& name);

}  // namespace easel::model
