#!/usr/bin/env python3
"""Writes one checkpoint in every form that people have on disk, from a folder in transformers' layout.

    python make_checkpoints.py POLICY OUT [--dtype float32|bfloat16]

OUT/deepseek        DeepSeek's names, torch.save, one file, with the tensors of SigLIP's pooling head and the
                    count of used codes, which nothing computes with
OUT/deepseek-parts  the same in two parts and an index
OUT/transformers    transformers' names, torch.save
OUT/wrapped         the same as a data-parallel trainer saves it: module.NAME, inside {"state_dict": ...}

The renaming follows transformers' convert_janus_weights_to_hf.py, read backwards; it shares nothing with ours.
DeepSeek's config.json has the keys that DeepSeek publishes and no others: widths of vision tower and image
tokenizer are left to whoever reads the weights.
"""

import argparse
import json
import pathlib
import re
import shutil

import torch
from safetensors.torch import load_file

RULES = [
    (r"^lm_head\.", "language_model.lm_head."),
    (r"^model\.language_model\.", "language_model.model."),
    (r"^model\.vision_model\.embeddings\.patch_embedding\.", "vision_model.vision_tower.patch_embed.proj."),
    (r"^model\.vision_model\.embeddings\.position_embedding\.weight$", "vision_model.vision_tower.pos_embed"),
    (r"^model\.vision_model\.post_layernorm\.", "vision_model.vision_tower.norm."),
    (r"^model\.vision_model\.encoder\.layers\.(\d+)\.layer_norm(\d)\.", r"vision_model.vision_tower.blocks.\1.norm\2."),
    (r"^model\.vision_model\.encoder\.layers\.(\d+)\.self_attn\.projection_layer\.", r"vision_model.vision_tower.blocks.\1.attn.proj."),
    (r"^model\.vision_model\.encoder\.layers\.(\d+)\.self_attn\.", r"vision_model.vision_tower.blocks.\1.attn."),
    (r"^model\.vision_model\.encoder\.layers\.", "vision_model.vision_tower.blocks."),
    (r"^model\.aligner\.fc1\.", "aligner.layers.0."),
    (r"^model\.aligner\.hidden_layers\.0\.", "aligner.layers.2."),
    (r"^model\.aligner\.hidden_layers\.1\.", "aligner.layers.4."),
    (r"^model\.generation_aligner\.fc1\.", "gen_aligner.layers.0."),
    (r"^model\.generation_aligner\.hidden_layers\.0\.", "gen_aligner.layers.2."),
    (r"^model\.generation_aligner\.hidden_layers\.1\.", "gen_aligner.layers.4."),
    (r"^model\.generation_embeddings\.", "gen_embed."),
    (r"^model\.generation_head\.proj_out\.", "gen_head.output_mlp_projector."),
    (r"^model\.generation_head\.vision_head\.", "gen_head.vision_head."),
    (r"^model\.vqmodel\.(.*)\.mid\.block_1\.", r"gen_vision_model.\1.mid.0."),
    (r"^model\.vqmodel\.(.*)\.mid\.attn_1\.", r"gen_vision_model.\1.mid.1."),
    (r"^model\.vqmodel\.(.*)\.mid\.block_2\.", r"gen_vision_model.\1.mid.2."),
    (r"^model\.vqmodel\.encoder\.down\.(\d+)\.block\.", r"gen_vision_model.encoder.conv_blocks.\1.res."),
    (r"^model\.vqmodel\.decoder\.up\.(\d+)\.block\.", r"gen_vision_model.decoder.conv_blocks.\1.res."),
    (r"^model\.vqmodel\.encoder\.down\.", "gen_vision_model.encoder.conv_blocks."),
    (r"^model\.vqmodel\.decoder\.up\.", "gen_vision_model.decoder.conv_blocks."),
    (r"^model\.vqmodel\.", "gen_vision_model."),
]
TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")


def deepseek_name(name):
    for pattern, replacement in RULES:
        renamed, count = re.subn(pattern, replacement, name)
        if count:
            return renamed
    raise SystemExit(f"no rule for {name}")


def to_deepseek(state):
    renamed, fused = {}, {}
    for name, value in state.items():
        name = deepseek_name(name)
        part = re.match(r"(vision_model\.vision_tower\.blocks\.\d+\.attn\.)([qkv])_proj\.(weight|bias)$", name)
        if part:
            fused.setdefault(f"{part[1]}qkv.{part[3]}", {})[part[2]] = value
        elif name.endswith("pos_embed"):
            renamed[name] = value[None]
        else:
            renamed[name] = value
    for name, parts in fused.items():
        renamed[name] = torch.cat([parts["q"], parts["k"], parts["v"]])
    width = renamed["vision_model.vision_tower.norm.weight"].shape[0]
    renamed["vision_model.vision_tower.attn_pool.latent"] = torch.zeros(1, 1, width)
    renamed["vision_model.vision_tower.attn_pool.q.weight"] = torch.zeros(width, width)
    renamed["gen_vision_model.quantize.codebook_used"] = torch.zeros(65536)
    return renamed


def deepseek_config(config):
    text, vision, vq = config["text_config"], config["vision_config"], config["vq_config"]
    width = text["hidden_size"]
    keys = ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
            "num_key_value_heads", "head_dim", "max_position_embeddings", "rms_norm_eps")
    language = {"model_type": "llama", **{k: text[k] for k in keys if k in text}}
    language["rope_theta"] = text["rope_parameters"]["rope_theta"]
    language["tie_word_embeddings"] = config.get("tie_word_embeddings", True)

    def section(name, **params):
        return {"cls": name, "params": params}

    return {
        "model_type": "multi_modality",
        "language_config": language,
        "vision_config": section("CLIPVisionTower", image_size=vision["image_size"],
                                 model_name="siglip_large_patch16_384", select_feature="same", select_layer=-1),
        "aligner_config": section("MlpProjector", depth=vision["depth"], input_dim=vision["hidden_size"],
                                  n_embed=width, projector_type="mlp_gelu"),
        "gen_vision_config": section("VQ-16", image_token_size=vq["num_embeddings"], n_embed=vq["embed_dim"]),
        "gen_aligner_config": section("MlpProjector", depth=vq["num_hidden_layers"], input_dim=vq["embed_dim"],
                                      n_embed=width, projector_type="mlp_gelu"),
        "gen_head_config": section("vision_head", image_token_embed=width, image_token_size=vq["num_embeddings"],
                                   n_embed=width),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("policy", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    o = parser.parse_args()
    state = {k: v.to(getattr(torch, o.dtype)) for k, v in load_file(o.policy / "model.safetensors").items()}
    config = json.loads((o.policy / "config.json").read_text())
    for name in ("deepseek", "deepseek-parts", "transformers", "wrapped"):
        folder = o.out / name
        folder.mkdir(parents=True)
        for file in TOKENIZER:
            if (o.policy / file).exists():
                shutil.copy(o.policy / file, folder)
        if name.startswith("deepseek"):
            (folder / "config.json").write_text(json.dumps(deepseek_config(config), indent=2))
        else:
            shutil.copy(o.policy / "config.json", folder)
            shutil.copy(o.policy / "generation_config.json", folder)
    theirs = to_deepseek(state)
    torch.save(theirs, o.out / "deepseek" / "pytorch_model.bin")
    names = sorted(theirs)
    halves = {"pytorch_model-00001-of-00002.bin": names[::2], "pytorch_model-00002-of-00002.bin": names[1::2]}
    for file, part in halves.items():
        torch.save({n: theirs[n] for n in part}, o.out / "deepseek-parts" / file)
    index = {"metadata": {}, "weight_map": {n: f for f, part in halves.items() for n in part}}
    (o.out / "deepseek-parts" / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    torch.save(state, o.out / "transformers" / "pytorch_model.bin")
    wrapped = {"epoch": 1, "state_dict": {f"module.{k}": torch.nn.Parameter(v) for k, v in state.items()}}
    torch.save(wrapped, o.out / "wrapped" / "pytorch_model.bin")


if __name__ == "__main__":
    main()
