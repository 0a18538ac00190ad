#!/usr/bin/env python3
"""Random checkpoints of 576 image tokens and pictures of 384 x 384, as Janus-Pro's, with small decoders.

    python make_sized.py TOKENIZER_FOLDER OUT [NAME...]

TOKENIZER_FOLDER is a policy folder whose tokenizer and special ids are taken. OUT/NAME is a folder in transformers'
layout for each of:

    plain      full heads, 2 layers
    grouped    a key-value head for two heads, 3 layers, tied text head
    shared     one key-value head for all, 4 layers
    odd        5 layers, an odd MLP width, heads that together are wider than the hidden size
    deep       6 layers, another rope base; weights that bfloat16 holds
    hundred    Janus-Pro's image vocabulary on a decoder of 100 million parameters, 12 layers
    picture    the image tokenizer of Janus-Pro in its own size (69 million parameters), 2 layers

Weights are drawn as make_reference.py draws them. Seeds were taken as they came; the programs that compare say how
near to a tie what they compared was.
"""

import json
import pathlib
import shutil
import sys

import torch

from make_reference import Case, build, fill

SMALL_VQ = dict(embed_dim=8, num_embeddings=512, latent_channels=32, base_channels=32,
                channel_multiplier=[1, 1, 1, 1, 1], num_res_blocks=1, num_hidden_layers=2)
FULL_VQ = dict(embed_dim=8, num_embeddings=16384, latent_channels=256, base_channels=128,
               channel_multiplier=[1, 1, 2, 2, 4], num_res_blocks=2, num_hidden_layers=2)
VISION = dict(hidden_size=48, num_hidden_layers=2, num_attention_heads=3, patch_size=16, image_size=384, mlp_ratio=2.0,
              depth=2)


def decoder(hidden, mlp, layers, heads, kv, base=10000.0, **more):
    return dict(hidden_size=hidden, intermediate_size=mlp, num_hidden_layers=layers, num_attention_heads=heads,
                num_key_value_heads=kv, max_position_embeddings=1024, rms_norm_eps=1e-6,
                rope_parameters={"rope_type": "default", "rope_theta": base}, **more)


SIZED = {
    "plain": dict(seed=1, text=decoder(64, 160, 2, 4, 4), vq=SMALL_VQ),
    "grouped": dict(seed=2, text=decoder(96, 200, 3, 6, 3), vq=SMALL_VQ, tie=True),
    "shared": dict(seed=3, text=decoder(64, 128, 4, 4, 1), vq=SMALL_VQ),
    "odd": dict(seed=4, text=decoder(56, 149, 5, 4, 2, head_dim=24), vq=SMALL_VQ),
    "deep": dict(seed=5, text=decoder(72, 177, 6, 3, 3, base=500000.0), vq=SMALL_VQ, bf16_exact=True),
    "hundred": dict(seed=7, text=decoder(768, 2048, 12, 12, 12), vq=dict(SMALL_VQ, num_embeddings=16384)),
    "picture": dict(seed=6, text=decoder(64, 128, 2, 4, 4), vq=FULL_VQ),
}


@torch.no_grad()
def main():
    source, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    config = json.loads((source / "config.json").read_text())
    generation = json.loads((source / "generation_config.json").read_text())
    ids = dict(bos=generation["bos_token_id"], eos=generation["eos_token_id"], pad=generation["pad_token_id"],
               boi=generation["generation_kwargs"]["boi_token_id"], eoi=generation["generation_kwargs"]["eoi_token_id"],
               image=config["image_token_id"])
    for name in sys.argv[3:] or [n for n in SIZED if n != "hundred"]:
        given = dict(SIZED[name])
        given["text"] = dict(given["text"], vocab_size=config["text_config"]["vocab_size"])
        case = Case(**{"vision": VISION, "ids": ids, "unit_codebook": True, "bf16_exact": False, **given})
        model = build(case)
        fill(model, case, case.seed)
        model.generation_config.generation_kwargs["eoi_token_id"] = ids["eoi"]
        model.save_pretrained(out / name)
        for file in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
            shutil.copy(source / file, out / name)


if __name__ == "__main__":
    main()
