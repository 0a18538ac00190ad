#!/usr/bin/env python3
"""Writes tiny Janus checkpoints and the numbers that Hugging Face transformers gets from them.

The C++ code is tested against these files, so that an implementation that we did
not write says what is right.  Nothing is downloaded: every model is built from a
configuration and filled with seeded random weights.

    python make_reference.py --out tests/numerics/data             # all cases
    python make_reference.py --out tests/numerics/data --case odd
    python make_reference.py --case odd --search 40                # look for a good seed

For every case, DIR/<case>/ receives

    config.json, generation_config.json, model.safetensors   from save_pretrained
    expected.safetensors                                     inputs and outputs
    expected.json                                            scalars and margins

README.md beside this file lists the tensors.  A run fails when a choice that the
tests rely on (an argmax, a nearest code) is close to a tie, because then another
correct implementation could differ.
"""

import argparse
import json
import math
import os
import sys
from dataclasses import dataclass

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
import transformers
from transformers import (
    JanusConfig,
    JanusForConditionalGeneration,
    JanusVisionConfig,
    JanusVQVAEConfig,
    LlamaConfig,
)

transformers.utils.logging.disable_progress_bar()

GUIDANCE = 5.0
NEW_TEXT_TOKENS = 10


# --------------------------------------------------------------------------- cases


@dataclass
class Case:
    """One tiny architecture.  The dictionaries go to the transformers configs as they are."""

    seed: int
    text: dict
    vision: dict
    vq: dict
    # Ids of the special tokens.  They differ between the cases so that no reader can
    # take one for granted.
    ids: dict
    # Codebook rows of length one?  Then the raw distance that transformers compares
    # in encode() and the distance between normalised vectors (which the authors of the
    # tokenizer compare) order the codes alike.
    unit_codebook: bool
    # Round the weights to values that bfloat16 can hold.  The file stays float32; it only
    # packs smaller, and a bfloat16 copy of it is the same model.
    bf16_exact: bool
    tie: bool = False
    text_lengths: tuple = (9, 17)
    prompt_lengths: tuple = (5, 8)

    @property
    def grid(self):
        return self.vision["image_size"] // self.vision["patch_size"]


CASES = {
    # Multi-head attention; every codebook row has length one; weights with all 24 bits.
    "full": Case(
        seed=25,
        text=dict(
            vocab_size=256, hidden_size=48, intermediate_size=96, num_hidden_layers=2,
            num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=128,
            rms_norm_eps=1e-6, rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        ),
        vision=dict(
            hidden_size=32, num_hidden_layers=2, num_attention_heads=2, patch_size=2, image_size=8,
            mlp_ratio=2.0, depth=2,
        ),
        vq=dict(
            embed_dim=8, num_embeddings=96, latent_channels=24, base_channels=32,
            channel_multiplier=[1, 1], num_res_blocks=1, num_hidden_layers=2,
        ),
        ids=dict(bos=250, eos=251, pad=252, boi=253, eoi=254, image=255),
        unit_codebook=True,
        bf16_exact=False,
    ),
    # Grouped key/value heads, two residual blocks a level, lm_head tied to the embedding
    # (so the checkpoint holds no lm_head.weight).
    "grouped": Case(
        seed=37,
        text=dict(
            vocab_size=240, hidden_size=64, intermediate_size=80, num_hidden_layers=2,
            num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256,
            rms_norm_eps=1e-6, rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        ),
        vision=dict(
            hidden_size=32, num_hidden_layers=2, num_attention_heads=2, patch_size=2, image_size=12,
            mlp_ratio=4.0, depth=2,
        ),
        vq=dict(
            embed_dim=4, num_embeddings=64, latent_channels=16, base_channels=32,
            channel_multiplier=[1, 1], num_res_blocks=2, num_hidden_layers=2,
        ),
        ids=dict(bos=1, eos=2, pad=0, boi=7, eoi=8, image=5),
        unit_codebook=False,
        bf16_exact=True,
        tie=True,
    ),
    # Odd MLP widths, three layers, heads wider than the hidden size, another rope base and
    # another epsilon, deeper aligners, three VQ levels of which one is wider.
    "odd": Case(
        seed=17,
        text=dict(
            vocab_size=211, hidden_size=40, intermediate_size=53, num_hidden_layers=3,
            num_attention_heads=4, num_key_value_heads=2, head_dim=16, max_position_embeddings=96,
            rms_norm_eps=1e-4, rope_parameters={"rope_type": "default", "rope_theta": 500.0},
        ),
        vision=dict(
            hidden_size=24, num_hidden_layers=3, num_attention_heads=3, patch_size=4, image_size=20,
            mlp_ratio=1.6, depth=3,
        ),
        vq=dict(
            embed_dim=8, num_embeddings=128, latent_channels=20, base_channels=32,
            channel_multiplier=[2, 1, 1], num_res_blocks=1, num_hidden_layers=3,
        ),
        ids=dict(bos=203, eos=204, pad=209, boi=206, eoi=207, image=205),
        unit_codebook=False,
        bf16_exact=True,
        text_lengths=(13, 6),
        prompt_lengths=(9, 4),
    ),
}


class Unsuitable(Exception):
    """The drawn weights put a tested choice near a tie, or make it trivial."""


def require(condition, message):
    if not condition:
        raise Unsuitable(message)


# --------------------------------------------------------------------------- model


def build(case):
    """The randomly filled model of a case, in float32 and evaluation mode."""
    hidden = case.text["hidden_size"]
    ids = case.ids
    config = JanusConfig(
        text_config=LlamaConfig(
            bos_token_id=ids["bos"], eos_token_id=ids["eos"], pad_token_id=ids["pad"],
            tie_word_embeddings=case.tie, **case.text,
        ),
        vision_config=JanusVisionConfig(
            projection_dim=hidden, num_image_tokens=case.grid**2, **case.vision
        ),
        vq_config=JanusVQVAEConfig(
            projection_dim=hidden, image_token_embed_dim=hidden, num_patches=case.grid, **case.vq
        ),
        image_token_id=ids["image"],
        tie_word_embeddings=case.tie,
    )
    # The VQ decoder must give images of the size that the vision tower reads.
    assert case.grid * 2 ** (len(case.vq["channel_multiplier"]) - 1) == case.vision["image_size"]
    model = JanusForConditionalGeneration(config).float().eval()
    generation = model.generation_config
    generation._from_model_config = False
    generation.bos_token_id = ids["bos"]
    generation.eos_token_id = ids["eos"]
    generation.pad_token_id = ids["pad"]
    generation.guidance_scale = GUIDANCE
    generation.generation_kwargs = {"boi_token_id": ids["boi"]}
    return model


# Standard deviation of a weight, times 1/sqrt(fan in).  The first entry found in the
# parameter's name counts.  The attention gains are large so that attention is not flat,
# the head gains so that the logits have a spread of between one and two.
GAINS = [
    ("language_model.layers", {"q_proj": 1.5, "k_proj": 1.5, "gate_proj": 1.4}),
    ("vision_model", {"q_proj": 1.6, "k_proj": 1.6, "patch_embedding": 1.5}),
    ("generation_head", {"proj_out": 1.6, "vision_head": 1.5}),
    ("generation_aligner", {"fc1": 1.4, "hidden_layers": 1.7}),
    ("vqmodel.decoder.conv_out", {"": 1.3}),
    ("vqmodel.quant_conv", {"": 1.2}),
    ("vqmodel", {".attn": 1.3, "conv": 1.3}),
    ("lm_head", {"": 1.5}),
    ("aligner", {"": 1.3}),
]


def gain(name):
    for part, table in GAINS:
        if part in name:
            for key, value in table.items():
                if key in name:
                    return value
            return 1.0
    return 1.0


@torch.no_grad()
def fill(model, case, seed):
    """Draws every parameter; none is left constant, none is left at a norm's neutral value."""
    rng = torch.Generator().manual_seed(seed)

    def normal(parameter):
        return torch.randn(parameter.shape, generator=rng)

    for name, p in model.named_parameters():
        is_norm = "norm" in name.split(".")[-2]
        if is_norm and name.endswith("weight"):
            value = 1.0 + 0.25 * normal(p)
        elif p.dim() == 1:
            value = 0.15 * normal(p)
        elif name.endswith("embed_tokens.weight"):
            # A tied matrix is the output layer as well, so its rows decide the logits' spread.
            value = normal(p) * (1.5 / math.sqrt(p.shape[1]) if case.tie else 1.0)
        elif name.endswith("position_embedding.weight"):
            value = 0.5 * normal(p)
        elif name.endswith("generation_embeddings.weight"):
            value = normal(p)
        elif name.endswith("quantize.embedding.weight"):
            value = F.normalize(normal(p), dim=-1)
            if not case.unit_codebook:
                value = value * (0.6 + 0.9 * torch.rand(p.shape[0], 1, generator=rng))
        else:
            fan_in = p[0].numel()
            value = normal(p) * gain(name) / math.sqrt(fan_in)
        if case.bf16_exact:
            value = value.bfloat16().float()
        p.copy_(value)


# --------------------------------------------------------------------------- helpers


def entropy(logprobs):
    return -(logprobs.exp() * logprobs).sum(-1)


def top_margin(scores):
    """Difference between the two largest entries of the last dimension."""
    top = scores.topk(2, dim=-1).values
    return top[..., 0] - top[..., 1]


def text_ids(rng, case, length):
    """Random ordinary ids: special ids are avoided."""
    special = set(case.ids.values())
    ordinary = [i for i in range(case.text["vocab_size"]) if i not in special]
    pick = torch.randint(len(ordinary), (length,), generator=rng)
    return torch.tensor([ordinary[i] for i in pick.tolist()])


def smooth_images(rng, count, size):
    """Low-frequency random pictures in [-1, 1], [count, 3, size, size]."""
    axis = torch.arange(size, dtype=torch.float32) / size
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    pictures = torch.zeros(count, 3, size, size)
    for n in range(count):
        for c in range(3):
            for _ in range(4):
                fx, fy, phase, weight = torch.rand(4, generator=rng).tolist()
                pictures[n, c] += (0.4 + weight) * torch.sin(
                    2 * math.pi * (2.5 * (fx - 0.5) * x + 2.5 * (fy - 0.5) * y + phase)
                )
    return pictures / pictures.abs().amax(dim=(1, 2, 3), keepdim=True)


def unconditional(ids, case):
    """What transformers feeds as the second half: only BOS and <begin_of_image> survive."""
    keep = (ids == case.ids["bos"]) | (ids == case.ids["boi"])
    return torch.where(keep, ids, torch.full_like(ids, case.ids["pad"]))


def image_logits(model, prompt, tokens):
    """Logits of the image head that predict `tokens`, from one plain pass without a cache."""
    words = model.get_input_embeddings()(prompt)
    pictures = model.prepare_embeddings_for_image_generation(tokens)
    hidden = model.model.language_model(
        inputs_embeds=torch.cat([words, pictures[:-1]])[None]
    ).last_hidden_state[0]
    return model.model.generation_head(hidden[len(prompt) - 1 :])


# --------------------------------------------------------------------------- parts


def text_part(model, case, rng, out, info):
    for i, length in enumerate(case.text_lengths):
        ids = torch.cat([torch.tensor([case.ids["bos"]]), text_ids(rng, case, length - 1)])
        # Outputs of the embedding, of every layer and of the last norm, to find a fault quickly.
        stages = [model.get_input_embeddings()(ids)]
        hooks = [
            layer.register_forward_hook(
                lambda _m, _i, o: stages.append((o[0] if isinstance(o, tuple) else o)[0])
            )
            for layer in model.model.language_model.layers
        ]
        logits = model(input_ids=ids[None]).logits[0]
        for hook in hooks:
            hook.remove()
        stages.append(model.model.language_model(input_ids=ids[None]).last_hidden_state[0])
        logprobs = F.log_softmax(logits, dim=-1)
        out[f"text.{i}.ids"] = ids
        out[f"text.{i}.logprobs"] = logprobs
        out[f"text.{i}.entropy"] = entropy(logprobs)
        if i == 0:
            out["text.0.stages"] = torch.stack(stages)
        info[f"text.{i}.logits_std"] = logits.std().item()
        require(0.7 < logits.std() < 3.0, "text logits are too flat or too sharp")


def image_part(model, case, rng, out, info):
    count = case.grid**2
    for i, length in enumerate(case.prompt_lengths):
        prompt = torch.cat(
            [
                torch.tensor([case.ids["bos"]]),
                text_ids(rng, case, length),
                torch.tensor([case.ids["boi"]]),
            ]
        )
        tokens = torch.randint(case.vq["num_embeddings"], (count,), generator=rng)
        cond = image_logits(model, prompt, tokens)
        uncond = image_logits(model, unconditional(prompt, case), tokens)
        out[f"image.{i}.prompt"] = prompt
        out[f"image.{i}.unconditional_prompt"] = unconditional(prompt, case)
        out[f"image.{i}.tokens"] = tokens
        logprobs = F.log_softmax(cond, dim=-1)
        out[f"image.{i}.logprobs"] = logprobs
        out[f"image.{i}.entropy"] = entropy(logprobs)
        out[f"image.{i}.guided_logprobs"] = F.log_softmax(uncond + GUIDANCE * (cond - uncond), dim=-1)
        info[f"image.{i}.logits_std"] = cond.std().item()
        require(0.7 < cond.std() < 3.0, "image logits are too flat or too sharp")


def generate_part(model, case, rng, out, info):
    """Greedy image tokens under guidance: each prompt alone, then both in one padded batch."""
    count = case.grid**2
    prompts = [out[f"image.{i}.prompt"] for i in range(2)]
    options = dict(generation_mode="image", do_sample=False, guidance_scale=GUIDANCE)
    alone = []
    smallest = math.inf
    for i, prompt in enumerate(prompts):
        tokens = model.generate(
            input_ids=prompt[None], attention_mask=torch.ones_like(prompt)[None], **options
        )[0]
        # The same choice once more, from the definition: no cache, no padding.
        cond = image_logits(model, prompt, tokens)
        uncond = image_logits(model, unconditional(prompt, case), tokens)
        guided = uncond + GUIDANCE * (cond - uncond)
        assert torch.equal(guided.argmax(-1), tokens), "generate() and the plain pass disagree"
        smallest = min(smallest, top_margin(guided).min().item())
        require(tokens.unique().numel() >= count // 3, "the greedy picture repeats itself")
        require(not torch.equal(cond.argmax(-1), tokens), "guidance changes nothing")
        alone.append(tokens)
        out[f"generate.{i}.tokens"] = tokens
        out[f"generate.{i}.margins"] = top_margin(guided)
        out[f"generate.{i}.pixels"] = model.model.vqmodel.decode(tokens[None])[0]
    width = max(len(p) for p in prompts)
    rows, masks = [], []
    for prompt in prompts:
        fill_length = width - len(prompt)
        rows.append(torch.cat([torch.full((fill_length,), case.ids["pad"]), prompt]))
        masks.append(torch.cat([torch.zeros(fill_length, dtype=torch.long), torch.ones_like(prompt)]))
    rows, masks = torch.stack(rows), torch.stack(masks)
    tokens = model.generate(input_ids=rows, attention_mask=masks, **options)
    require(torch.equal(tokens, torch.stack(alone)), "padding changes the greedy picture")
    out["generate.padded.prompts"] = rows
    out["generate.padded.mask"] = masks
    out["generate.padded.tokens"] = tokens
    info["generate.guidance"] = GUIDANCE
    info["generate.smallest_margin"] = smallest
    require(smallest > 1e-3, f"guided logits are near a tie ({smallest:.2g})")


def vq_part(model, case, rng, out, info):
    vq = model.model.vqmodel
    count = case.grid**2
    size = case.vision["image_size"]
    pixels = smooth_images(rng, 2, size)
    encoded = vq.encode(pixels)
    latents = vq.quant_conv(encoded.last_hidden_state)
    flat = latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1])
    book = vq.quantize.embedding.weight
    # transformers 5.23 compares the raw vectors.
    raw = torch.cdist(flat, book, compute_mode="donot_use_mm_for_euclid_dist") ** 2
    assert torch.equal(raw.argmin(-1), encoded.image_tokens)
    # The tokenizer's authors compare the normalised ones.
    unit = (
        torch.cdist(
            F.normalize(flat, dim=-1),
            F.normalize(book, dim=-1),
            compute_mode="donot_use_mm_for_euclid_dist",
        )
        ** 2
    )
    indices = unit.argmin(-1).reshape(2, count)
    out["vq.encode.pixels"] = pixels
    out["vq.encode.hidden"] = encoded.last_hidden_state
    out["vq.encode.latents"] = latents
    out["vq.encode.indices"] = indices
    out["vq.encode.indices_unnormalized"] = encoded.image_tokens.reshape(2, count)
    info["vq.smallest_margin"] = top_margin(-unit).min().item()
    info["vq.smallest_margin_unnormalized"] = top_margin(-raw).min().item()
    info["vq.distinct_indices"] = indices.unique().numel()
    same = torch.equal(out["vq.encode.indices_unnormalized"], indices)
    info["vq.both_rules_agree"] = same
    require(same == case.unit_codebook, "the two distance rules should agree only for a unit codebook")
    require(info["vq.smallest_margin"] > 1e-4, "two codes are nearly as close")
    require(info["vq.smallest_margin_unnormalized"] > 1e-4, "two codes are nearly as close")
    require(indices.unique().numel() >= count // 2, "too few codes are used")

    tokens = torch.randint(case.vq["num_embeddings"], (2, count), generator=rng)
    decoded = vq.decode(tokens)
    assert torch.equal(model.decode_image_tokens(tokens), decoded.permute(0, 2, 3, 1))
    assert decoded.shape == (2, 3, size, size)
    out["vq.decode.indices"] = tokens
    out["vq.decode.pixels"] = decoded
    info["vq.decode.std"] = decoded.std().item()
    require(0.3 < decoded.std() < 1.5, "decoded pixels are off the usual range")


def vision_part(model, case, rng, out, info):
    # The VQ tokenizer and the vision tower take pictures of one size here.
    pixels = out["vq.encode.pixels"]
    embeddings = model.model.vision_model.embeddings(pixels)
    features = model.model.get_image_features(pixels)
    out["vision.pixels"] = pixels.clone()
    out["vision.embeddings"] = embeddings
    out["vision.hidden"] = features.last_hidden_state
    out["vision.features"] = features.pooler_output
    require(0.2 < features.pooler_output.std() < 4, "vision features are off the usual range")


def understand_part(model, case, rng, out, info):
    """Greedy text after a picture."""
    count = case.grid**2
    ids = torch.cat(
        [
            torch.tensor([case.ids["bos"]]),
            text_ids(rng, case, 3),
            torch.tensor([case.ids["boi"]]),
            torch.full((count,), case.ids["image"]),
            torch.tensor([case.ids["eoi"]]),
            text_ids(rng, case, 4),
        ]
    )
    pixels = out["vision.pixels"][:1]
    full = model.generate(
        input_ids=ids[None],
        attention_mask=torch.ones_like(ids)[None],
        pixel_values=pixels,
        generation_mode="text",
        do_sample=False,
        max_new_tokens=NEW_TEXT_TOKENS,
    )[0]
    new = full[len(ids) :]
    require(len(new) == NEW_TEXT_TOKENS, "the answer ended early")
    require(not (new == case.ids["image"]).any(), "the answer holds a picture's placeholder")
    logits = model(input_ids=full[None], pixel_values=pixels).logits[0]
    steps = logits[len(ids) - 1 : -1]
    assert torch.equal(steps.argmax(-1), new), "generate() and the plain pass disagree"
    out["understand.input_ids"] = ids
    out["understand.pixels"] = pixels.clone()
    out["understand.output_ids"] = new
    out["understand.logprobs"] = F.log_softmax(steps, dim=-1)
    info["understand.smallest_margin"] = top_margin(steps).min().item()
    require(info["understand.smallest_margin"] > 1e-3, "the answer is near a tie")
    require(new.unique().numel() >= 3, "the answer repeats itself")
    # The picture must matter: another one changes the scores.
    other = model(input_ids=full[None], pixel_values=out["vision.pixels"][1:]).logits[0]
    require((other[len(ids) - 1 :] - logits[len(ids) - 1 :]).abs().max() > 0.05, "the picture is ignored")


@torch.no_grad()
def compute(case, seed):
    model = build(case)
    fill(model, case, seed)
    rng = torch.Generator().manual_seed(1000 + seed)
    out, info = {}, {"seed": seed}
    for part in (text_part, image_part, generate_part, vq_part, vision_part, understand_part):
        part(model, case, rng, out, info)
    info["special_ids"] = {
        "bos": case.ids["bos"],
        "eos": case.ids["eos"],
        "pad": case.ids["pad"],
        "begin_of_image": case.ids["boi"],
        "end_of_image": case.ids["eoi"],
        "image_placeholder": case.ids["image"],
    }
    info["grid"] = case.grid
    info["image_tokens"] = case.grid**2
    info["image_size"] = case.vision["image_size"]
    info["tied"] = case.tie
    info["parameters"] = sum(p.numel() for p in model.parameters())
    return model, {k: v.contiguous() for k, v in out.items()}, info


def write(model, out, info, folder):
    os.makedirs(folder, exist_ok=True)
    model.save_pretrained(folder)
    save_file(out, os.path.join(folder, "expected.safetensors"))
    with open(os.path.join(folder, "expected.json"), "w", encoding="utf-8") as f:
        json.dump(info, f, indent=2, sort_keys=True)
        f.write("\n")


@torch.no_grad()
def verify(folder, out):
    """Loads what was written, strictly, and repeats two figures with the loaded model."""
    model, report = JanusForConditionalGeneration.from_pretrained(
        folder, output_loading_info=True, local_files_only=True
    )
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        assert not report[kind], (kind, report[kind])
    again = F.log_softmax(model.eval()(input_ids=out["text.0.ids"][None]).logits[0], dim=-1)
    assert torch.allclose(again, out["text.0.logprobs"], atol=1e-6)
    # The special ids and the guidance weight come from generation_config.json here.
    tokens = model.generate(
        input_ids=out["generate.padded.prompts"],
        attention_mask=out["generate.padded.mask"],
        generation_mode="image",
        do_sample=False,
    )
    assert torch.equal(tokens, out["generate.padded.tokens"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", metavar="DIR", help="folder that receives one folder per case")
    parser.add_argument("--case", default="all", help="full, grouped, odd or all (default: all)")
    parser.add_argument(
        "--search", type=int, metavar="N", help="write nothing: try N seeds and say which are suitable"
    )
    options = parser.parse_args()
    if options.case != "all" and options.case not in CASES:
        parser.error(f"no such case: {options.case}")
    if not options.search and not options.out:
        parser.error("--out is needed unless --search is given")
    torch.set_num_threads(1)
    for name in CASES if options.case == "all" else [options.case]:
        case = CASES[name]
        if options.search:
            for seed in range(1, options.search + 1):
                try:
                    _, _, info = compute(case, seed)
                    print(f"{name}: seed {seed} suits", json.dumps(info, sort_keys=True))
                except Unsuitable as reason:
                    print(f"{name}: seed {seed}: {reason}")
            continue
        try:
            model, out, info = compute(case, case.seed)
        except Unsuitable as reason:
            sys.exit(f"{name}: seed {case.seed}: {reason}")
        folder = os.path.join(options.out, name)
        write(model, out, info, folder)
        verify(folder, out)
        print(f"{name}: {info['parameters']} parameters, {len(out)} tensors")


if __name__ == "__main__":
    main()
