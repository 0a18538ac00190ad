#include "model/layout.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/strings.h"

namespace easel::model {

namespace {

using Pair = std::pair<std::string_view, std::string_view>;  // transformers', DeepSeek's

// The longest beginning comes first where one begins with another.
constexpr Pair kBeginnings[] = {
    {"lm_head.", "language_model.lm_head."},
    {"model.language_model.", "language_model.model."},
    {"model.vision_model.embeddings.patch_embedding.", "vision_model.vision_tower.patch_embed.proj."},
    {"model.vision_model.embeddings.position_embedding.weight", "vision_model.vision_tower.pos_embed"},
    {"model.vision_model.encoder.layers.", "vision_model.vision_tower.blocks."},
    {"model.vision_model.post_layernorm.", "vision_model.vision_tower.norm."},
    {"model.aligner.", "aligner.layers."},
    {"model.generation_aligner.", "gen_aligner.layers."},
    {"model.generation_embeddings.", "gen_embed."},
    {"model.generation_head.proj_out.", "gen_head.output_mlp_projector."},
    {"model.generation_head.vision_head.", "gen_head.vision_head."},
    {"model.vqmodel.encoder.down.", "gen_vision_model.encoder.conv_blocks."},
    {"model.vqmodel.decoder.up.", "gen_vision_model.decoder.conv_blocks."},
    {"model.vqmodel.", "gen_vision_model."},
};

constexpr Pair kVisionParts[] = {
    {".layer_norm1.", ".norm1."},
    {".layer_norm2.", ".norm2."},
    {".self_attn.projection_layer.", ".attn.proj."},
};
constexpr std::string_view kFused[] = {".self_attn.q_proj.", ".self_attn.k_proj.", ".self_attn.v_proj."};

constexpr Pair kPictureParts[] = {
    {".block.", ".res."},
    {".mid.block_1.", ".mid.0."},
    {".mid.attn_1.", ".mid.1."},
    {".mid.block_2.", ".mid.2."},
};

bool replace(std::string& text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  if (at == std::string::npos) return false;
  text.replace(at, from.size(), to);
  return true;
}

// "fc1." and "hidden_layers.J." of an aligner: linear layers with a GELU, which has a number too, between them.
void number_layers(std::string& name, std::string_view root) {
  std::string_view rest = std::string_view(name).substr(root.size());
  if (rest.starts_with("fc1.")) {
    name = base::cat(root, "0.", rest.substr(4));
    return;
  }
  constexpr std::string_view kHidden = "hidden_layers.";
  const size_t dot = rest.find('.', kHidden.size());
  const auto layer = base::parse_int(rest.substr(kHidden.size(), dot - kHidden.size()));
  name = base::cat(root, 2 * (layer.value_or(0) + 1), rest.substr(dot));
}

}  // namespace

DeepSeekPlace deepseek_place(const std::string& transformers_name) {
  DeepSeekPlace place;
  for (const auto& [from, to] : kBeginnings) {
    if (!transformers_name.starts_with(from)) continue;
    place.name = base::cat(to, std::string_view(transformers_name).substr(from.size()));
    place.batched = to.ends_with("pos_embed");
    if (to.ends_with("aligner.layers.")) number_layers(place.name, to);
    if (to.starts_with("vision_model.")) {
      for (const auto& [theirs, ours] : kVisionParts) replace(place.name, theirs, ours);
      for (int i = 0; i < 3; ++i) {
        if (replace(place.name, kFused[i], ".attn.qkv.")) place.third = i;
      }
    }
    if (to.starts_with("gen_vision_model.")) {
      for (const auto& [theirs, ours] : kPictureParts) replace(place.name, theirs, ours);
    }
    return place;
  }
  base::fail(base::cat("tensor ", base::quote(transformers_name), " has no name in DeepSeek's layout"));
}

bool is_unused(const std::string& name) {
  return name.starts_with("vision_model.vision_tower.attn_pool.") ||
         name == "gen_vision_model.quantize.codebook_used" || name.ends_with(".rotary_emb.inv_freq");
}

}  // namespace easel::model
