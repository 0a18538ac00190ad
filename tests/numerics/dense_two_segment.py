#!/usr/bin/env python3
"""GRPO steps on rollouts of two passes: a chain of its own, then an image from prompt and chain (T2I-R1, RECIPES section 3).

transformers' Janus in float64, one plain pass for each segment of each rollout, whole logits, autograd, torch.optim: no
packing, no chunks. Reads data/full and writes two_segment.safetensors and two_segment.json into it:

  row.R.{prompt_ids,cot_ids,image_prompt_ids,image_tokens,cot_logprobs,image_logprobs}, advantages made of `rewards`
  grad.NAME            of the first step's loss, for each of PARTS
  default.*, compat.*  loss, text_entropy, image_entropy and the entropy coefficients that STEPS steps on this batch used first
                       (`default`: controllers updated once a step; `compat`: after every rollout, by its own entropies,
                       as ReasonGen-R1's code does for each microbatch), and norm.weight after them
"""
import argparse
import copy
import json
import os

import torch
from safetensors.torch import save_file
from transformers import JanusForConditionalGeneration

PARTS = [
    "model.language_model.embed_tokens.weight",
    "model.language_model.layers.0.self_attn.q_proj.weight",
    "model.language_model.layers.1.mlp.down_proj.weight",
    "model.language_model.norm.weight",
    "model.generation_aligner.fc1.weight",
    "model.generation_head.proj_out.bias",
]
GROUPS, SIZE, STEPS = 2, 3, 4
CLIP, KL_WEIGHT, ADVANTAGE_EPS = 0.2, 0.01, 1e-4
TARGETS = {"text": 4.44, "image": 4.0}
RATE, LIMIT, LEARNING_RATE = 4e-4, 5e-3, 1e-2


class Controller:
    """alpha = sinh(psi); Adam on -alpha (H - target); alpha clamped."""

    def __init__(self, target):
        self.target = target
        self.psi = torch.zeros((), dtype=torch.float64, requires_grad=True)
        self.adam = torch.optim.Adam([self.psi], lr=RATE, betas=(0.9, 0.999), eps=1e-8)

    def alpha(self):
        return torch.sinh(self.psi).item()

    def update(self, entropy):
        self.adam.zero_grad()
        (-torch.sinh(self.psi) * (entropy - self.target)).backward()
        self.adam.step()
        with torch.no_grad():
            self.psi.copy_(torch.asinh(torch.sinh(self.psi).clamp(-LIMIT, LIMIT)))


def segments(model, row):
    """Log-softmax tables that predict the chain and the image, [tokens, vocabulary] and [tokens, codes]."""
    ids = torch.cat([row["prompt_ids"], row["cot_ids"]])
    text = model(input_ids=ids[None]).logits[0, len(row["prompt_ids"]) - 1 : -1]
    words = model.get_input_embeddings()(row["image_prompt_ids"])
    pictures = model.prepare_embeddings_for_image_generation(row["image_tokens"])
    hidden = model.model.language_model(inputs_embeds=torch.cat([words, pictures[:-1]])[None]).last_hidden_state[0]
    image = model.model.generation_head(hidden[len(row["image_prompt_ids"]) - 1 :])
    return torch.log_softmax(text, -1), torch.log_softmax(image, -1)


def chosen(table, tokens):
    return table.gather(1, tokens[:, None])[:, 0]


def entropy(table):
    return -(table.exp() * table).sum(-1)


def draw(model, config, rng):
    def ids(length):
        return torch.randint(10, config.text_config.vocab_size - 1, (length,), generator=rng)

    special = json.load(open(os.path.join(config.folder, "expected.json"), encoding="utf-8"))["special_ids"]
    bos, eos, boi = (torch.tensor([special[k]]) for k in ("bos", "eos", "begin_of_image"))
    rows = []
    for r in range(GROUPS * SIZE):
        row = {
            "prompt_ids": torch.cat([bos, ids(5 + r)]),
            "cot_ids": torch.cat([ids(3 + (r * 2) % 5), eos]),
            "image_prompt_ids": torch.cat([bos, ids(9 - r), boi]),
            "image_tokens": torch.randint(config.vq_config.num_embeddings, (16,), generator=rng),
        }
        with torch.no_grad():
            for name, table, tokens in zip(("cot", "image"), segments(model, row), (row["cot_ids"], row["image_tokens"])):
                now = chosen(table, tokens)
                row[f"{name}_logprobs"] = (now + 0.2 * torch.randn(now.shape, generator=rng)).float()
        rows.append(row)
    return rows


def run(model, reference, rows, advantages, each_microbatch):
    """STEPS steps; returns the trace and the first step's gradients."""
    trained = {n: p for n, p in model.named_parameters() if not any(s in n for s in (".vision_model.", ".aligner.", ".vqmodel."))}
    matrices = [p for p in trained.values() if p.dim() > 1]
    vectors = [p for p in trained.values() if p.dim() == 1]
    adamw = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0}], lr=LEARNING_RATE, betas=(0.9, 0.95)
    )
    control = {name: Controller(target) for name, target in TARGETS.items()}
    # A closing token that was put there (the last rollout, cut at the limit) is not trained.
    text_masks = [torch.ones(len(row["cot_ids"]), dtype=torch.float64) for row in rows]
    text_masks[-1][-1] = 0
    text_tokens = sum(m.sum() for m in text_masks)
    image_tokens = float(sum(len(row["image_tokens"]) for row in rows))
    trace = {k: [] for k in ("loss", "text_entropy", "image_entropy", "text_alpha", "image_alpha")}
    gradients = None
    for _ in range(STEPS):
        alpha = {name: c.alpha() for name, c in control.items()}
        for name in control:
            trace[f"{name}_alpha"].append(alpha[name])
        adamw.zero_grad()
        sums = {"loss": 0.0, "text": 0.0, "image": 0.0}
        for row, mask, advantage in zip(rows, text_masks, advantages):
            tables = segments(model, row)
            with torch.no_grad():
                fixed = segments(reference, row)
            loss = 0
            entropies = []
            for table, other, tokens, sampling, weight in zip(
                tables, fixed, (row["cot_ids"], row["image_tokens"]), (row["cot_logprobs"], row["image_logprobs"]), (mask, torch.ones(16))
            ):
                policy = chosen(table, tokens)
                ratio = torch.exp(policy - sampling.double())
                surrogate = torch.maximum(-advantage * ratio, -advantage * ratio.clamp(1 - CLIP, 1 + CLIP))
                gap = chosen(other, tokens) - policy
                k3 = gap.exp() - gap - 1
                loss = loss + ((surrogate + KL_WEIGHT * k3) * weight).sum() / (text_tokens + image_tokens)
                entropies.append((entropy(table) * weight).sum())
            loss = loss + alpha["text"] * entropies[0] / text_tokens + alpha["image"] * entropies[1] / image_tokens
            loss.backward()
            sums["loss"] += loss.item()
            sums["text"] += entropies[0].item() / text_tokens.item()
            sums["image"] += entropies[1].item() / image_tokens
            if each_microbatch:
                control["text"].update(entropies[0].item() / mask.sum().item())
                control["image"].update(entropies[1].item() / 16)
                alpha = {name: c.alpha() for name, c in control.items()}
        if gradients is None:
            gradients = {n: trained[n].grad.clone() for n in PARTS}
        torch.nn.utils.clip_grad_norm_(list(trained.values()), 1.0)
        adamw.step()
        if not each_microbatch:
            control["text"].update(sums["text"])
            control["image"].update(sums["image"])
        trace["loss"].append(sums["loss"])
        trace["text_entropy"].append(sums["text"])
        trace["image_entropy"].append(sums["image"])
    out = {k: torch.tensor(v, dtype=torch.float64) for k, v in trace.items()}
    out["norm.weight"] = model.model.language_model.norm.weight.detach().clone()
    return out, gradients


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, metavar="DIR", help="folder of the cases, tests/numerics/data")
    folder = os.path.join(parser.parse_args().data, "full")
    torch.set_num_threads(1)
    model = JanusForConditionalGeneration.from_pretrained(folder, local_files_only=True).double().eval()
    reference = copy.deepcopy(model)
    with torch.no_grad():
        reference.model.language_model.norm.weight.mul_(1.1)
    model.config.folder = folder
    rng = torch.Generator().manual_seed(11)
    rows = draw(model, model.config, rng)
    rewards = torch.rand(GROUPS, SIZE, generator=rng, dtype=torch.float64)
    advantages = ((rewards - rewards.mean(1, True)) / (rewards.std(1, correction=1, keepdim=True) + ADVANTAGE_EPS)).flatten()
    out = {"rewards": rewards}
    for r, row in enumerate(rows):
        out.update({f"row.{r}.{k}": v for k, v in row.items()})
    for name, each in (("default", False), ("compat", True)):
        trace, gradients = run(copy.deepcopy(model), reference, rows, advantages, each)
        out.update({f"{name}.{k}": v for k, v in trace.items()})
        if not each:
            out.update({f"grad.{k}": v.float() for k, v in gradients.items()})
    # The traces must differ, go both ways and move what is trained, or a test of them would show little.
    assert (out["default.text_alpha"] - out["compat.text_alpha"]).abs().max() > 1e-4
    assert (out["default.text_alpha"].diff() > 0).any() and (out["default.text_alpha"].diff() < 0).any()
    assert out["compat.image_alpha"].abs().max() == LIMIT and out["default.image_alpha"].abs().max() < LIMIT
    save_file({k: v.contiguous() for k, v in out.items()}, os.path.join(folder, "two_segment.safetensors"))
    with open(os.path.join(folder, "two_segment.json"), "w", encoding="utf-8") as f:
        constants = {
            "groups": GROUPS, "size": SIZE, "steps": STEPS, "clip": CLIP, "kl_weight": KL_WEIGHT, "advantage_eps": ADVANTAGE_EPS,
            "text_target": TARGETS["text"], "image_target": TARGETS["image"], "rate": RATE, "limit": LIMIT,
            "learning_rate": LEARNING_RATE,
        }
        json.dump(constants, f, indent=2, sort_keys=True)
        f.write("\n")


if __name__ == "__main__":
    main()
