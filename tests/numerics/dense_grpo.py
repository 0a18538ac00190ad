#!/usr/bin/env python3
"""Writes reference values for the RL loss, the advantages, the entropy controller and AdamW.

Plain dense PyTorch: whole logits, whole batch, one autograd call, no segments, no chunks,
no micro-batches.  Inputs are float32 values; everything is computed in float64 from them,
so the reference itself carries no rounding worth a test's tolerance.

    python dense_grpo.py --out tests/numerics/data/grpo

writes expected.safetensors (tensors) and expected.json (constants and scalars).
README.md beside this file lists them.
"""

import argparse
import json
import math
import os

import torch
from safetensors.torch import save_file

ROWS = 6
TEXT = 7  # padded length of the text segment
IMAGE = 5
TEXT_VOCABULARY = 11
CODEBOOK = 9

CLIP_LOW = 0.2
CLIP_HIGH = 0.28
KL_WEIGHT = 0.05
ALPHA_TEXT = 0.003
ALPHA_IMAGE = -0.002
FIXED_LENGTH = 16
MODES = ("token", "sequence", "fixed")

CONTROLLER_STEPS = 50
CONTROLLER_LIMIT = 5e-3
CONTROLLER_RATES = {"lr_5e-5": 5e-5, "lr_5e-4": 5e-4}
TARGETS = {"text": 2.0, "image": 7.0}


# ------------------------------------------------------------------------------ loss


def draw_batch(rng):
    """Float32 inputs with every situation of the clip, and rows of different length."""

    def normal(*shape):
        return torch.randn(*shape, generator=rng)

    lengths = torch.tensor([7, 4, 1, 6, 5, 2])
    batch = {
        "logits_text": 1.5 * normal(ROWS, TEXT, TEXT_VOCABULARY),
        "logits_image": 1.5 * normal(ROWS, IMAGE, CODEBOOK),
        "targets_text": torch.randint(TEXT_VOCABULARY, (ROWS, TEXT), generator=rng),
        "targets_image": torch.randint(CODEBOOK, (ROWS, IMAGE), generator=rng),
        "mask_text": (torch.arange(TEXT)[None] < lengths[:, None]).float(),
        "mask_image": torch.ones(ROWS, IMAGE),
        "advantages": torch.tensor([1.3, -0.7, 0.4, -1.1, 0.9, -0.2]),
    }
    # A row whose picture does not count (its rollout was cut short, say).
    batch["mask_image"][4] = 0
    for segment in ("text", "image"):
        now = torch.log_softmax(batch[f"logits_{segment}"], dim=-1)
        now = now.gather(-1, batch[f"targets_{segment}"][..., None])[..., 0]
        batch[f"sampling_logprobs_{segment}"] = now + 0.3 * normal(*now.shape)
        batch[f"reference_logprobs_{segment}"] = now + 0.5 * normal(*now.shape)
    return batch


def aggregate(values, mask, mode):
    """One number from [rows, tokens] values.  A row without a token counts as zero."""
    total = (values * mask).sum(-1)
    if mode == "token":
        return total.sum() / mask.sum()
    if mode == "sequence":
        return (total / mask.sum(-1).clamp(min=1)).mean()
    return total.sum() / (mask.shape[0] * FIXED_LENGTH)


def losses(batch, out, scalars):
    data = {k: v.double() if v.is_floating_point() else v for k, v in batch.items()}
    logits = {s: data[f"logits_{s}"].clone().requires_grad_() for s in ("text", "image")}
    mask = torch.cat([data["mask_text"], data["mask_image"]], dim=-1)
    logprobs, entropies = {}, {}
    for s in logits:
        table = torch.log_softmax(logits[s], dim=-1)
        logprobs[s] = table.gather(-1, data[f"targets_{s}"][..., None])[..., 0]
        entropies[s] = -(table.exp() * table).sum(-1)

    # Text and image tokens of a row are one response: [rows, TEXT + IMAGE].
    policy = torch.cat([logprobs["text"], logprobs["image"]], dim=-1)
    sampling = torch.cat([data["sampling_logprobs_text"], data["sampling_logprobs_image"]], dim=-1)
    reference = torch.cat([data["reference_logprobs_text"], data["reference_logprobs_image"]], dim=-1)
    advantage = data["advantages"][:, None]
    ratio = torch.exp(policy - sampling)
    plain = -advantage * ratio
    clipped = -advantage * ratio.clamp(1 - CLIP_LOW, 1 + CLIP_HIGH)
    surrogate = torch.maximum(plain, clipped)
    k3 = torch.exp(reference - policy) - (reference - policy) - 1

    counted = mask.bool()
    active = (clipped > plain) & counted
    high = active & (advantage > 0)
    low = active & (advantage < 0)
    outside = ((ratio > 1 + CLIP_HIGH) | (ratio < 1 - CLIP_LOW)) & counted
    assert ((ratio - 1 - CLIP_HIGH).abs() > 1e-3).all() and ((ratio - 1 + CLIP_LOW).abs() > 1e-3).all()
    # All four situations must occur, so that a wrong sign somewhere cannot pass.
    assert high.any() and low.any()
    assert (outside & ~active & (advantage > 0)).any()
    assert (outside & ~active & (advantage < 0)).any()

    for name, value in {
        "policy_logprobs": policy,
        "entropy_text": entropies["text"],
        "entropy_image": entropies["image"],
        "ratio": ratio,
        "surrogate": surrogate,
        "k3": k3,
        "clip_active": active.long(),
    }.items():
        out[f"token_level.{name}"] = value.detach()
    scalars["clip_fraction"] = (active.sum() / mask.sum()).item()
    scalars["clip_fraction_high"] = (high.sum() / mask.sum()).item()
    scalars["clip_fraction_low"] = (low.sum() / mask.sum()).item()
    scalars["ratio_mean"] = ((ratio * mask).sum() / mask.sum()).item()

    # The entropy terms are token means over their own segment in every mode.
    entropy_text = aggregate(entropies["text"], data["mask_text"], "token")
    entropy_image = aggregate(entropies["image"], data["mask_image"], "token")
    scalars["entropy_text"] = entropy_text.item()
    scalars["entropy_image"] = entropy_image.item()

    for mode in MODES:
        pg = aggregate(surrogate, mask, mode)
        kl = aggregate(k3, mask, mode)
        loss = pg + KL_WEIGHT * kl + ALPHA_TEXT * entropy_text + ALPHA_IMAGE * entropy_image
        variants = {"": loss, ".pg_only": pg, ".kl_only": kl}
        for suffix, value in variants.items():
            for s, gradient in zip(
                ("text", "image"),
                torch.autograd.grad(value, [logits["text"], logits["image"]], retain_graph=True),
            ):
                out[f"{mode}{suffix}.grad_{s}"] = gradient
        scalars[mode] = {"loss": loss.item(), "pg": pg.item(), "kl": kl.item()}
    for s, value in (("text", entropy_text), ("image", entropy_image)):
        out[f"entropy_{s}.grad"] = torch.autograd.grad(value, logits[s], retain_graph=True)[0]


# ------------------------------------------------------------------------ advantages


def advantages(rng, out):
    """Six groups of eight: spread, binary, all zero, all 0.7, one outlier, hardly any spread."""
    rewards = torch.stack(
        [
            torch.randn(8, generator=rng, dtype=torch.float64),
            torch.tensor([1, 0, 0, 1, 1, 0, 0, 0], dtype=torch.float64),
            torch.zeros(8, dtype=torch.float64),
            torch.full((8,), 0.7, dtype=torch.float64),
            torch.tensor([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 9.0], dtype=torch.float64),
            0.5 + 1e-5 * torch.randn(8, generator=rng, dtype=torch.float64),
        ]
    )
    mean = rewards.mean(-1, keepdim=True)
    deviation = rewards.std(-1, correction=1, keepdim=True)
    constant = (rewards.amax(-1) == rewards.amin(-1))[:, None]
    centred = torch.where(constant, torch.zeros_like(rewards), rewards - mean)
    out["advantage.rewards"] = rewards
    out["advantage.mean"] = mean[:, 0]
    out["advantage.std"] = torch.where(constant, torch.zeros_like(deviation), deviation)[:, 0]
    out["advantage.zero_variance"] = constant[:, 0].long()
    out["advantage.eps_1e-6"] = centred / (deviation + 1e-6)
    out["advantage.eps_1e-4"] = centred / (deviation + 1e-4)
    out["advantage.no_std"] = centred


# ------------------------------------------------------------------------ controller


def controller_trace(entropies, target, rate):
    """psi and alpha after each update; `clamped` is 1 where the limit was met."""
    psi = torch.zeros((), dtype=torch.float64, requires_grad=True)
    adam = torch.optim.Adam([psi], lr=rate, betas=(0.9, 0.999), eps=1e-8)
    trace = {"psi": [], "alpha": [], "clamped": []}
    for entropy in entropies:
        adam.zero_grad()
        loss = -torch.sinh(psi) * (entropy - target)
        loss.backward()
        adam.step()
        with torch.no_grad():
            free = torch.sinh(psi)
            alpha = free.clamp(-CONTROLLER_LIMIT, CONTROLLER_LIMIT)
            psi.copy_(torch.asinh(alpha))
        trace["alpha"].append(alpha.item())
        trace["psi"].append(psi.item())
        trace["clamped"].append(int(alpha.item() != free.item()))
    return {
        "psi": torch.tensor(trace["psi"], dtype=torch.float64),
        "alpha": torch.tensor(trace["alpha"], dtype=torch.float64),
        "clamped": torch.tensor(trace["clamped"], dtype=torch.int64),
    }


def controllers(rng, out):
    for segment, target in TARGETS.items():
        # One side of the target, then further off on the other for longer (with the larger
        # rate that reaches both limits), then back, with noise on top.
        step = torch.arange(CONTROLLER_STEPS)
        drift = torch.where(step < 14, 0.7, torch.where(step < 46, -1.8, 0.9)).double()
        drift = drift if segment == "text" else -0.5 * drift
        noise = 0.1 * torch.randn(CONTROLLER_STEPS, generator=rng, dtype=torch.float64)
        entropies = target + drift + noise
        out[f"controller.{segment}.entropy"] = entropies
        for name, rate in CONTROLLER_RATES.items():
            trace = controller_trace(entropies, target, rate)
            for key, value in trace.items():
                out[f"controller.{segment}.{name}.{key}"] = value
            if rate == 5e-5:
                assert not trace["clamped"].any()
            else:
                assert (trace["alpha"] == CONTROLLER_LIMIT).any()
                assert (trace["alpha"] == -CONTROLLER_LIMIT).any()


# ----------------------------------------------------------------------------- AdamW


def adamw(rng, out):
    """Twenty clipped AdamW steps on a least-squares problem whose target jumps about."""
    a = torch.randn(5, 4, generator=rng).double()
    b = torch.randn(7, generator=rng).double()
    out["adamw.initial.a"], out["adamw.initial.b"] = a.clone(), b.clone()
    a.requires_grad_()
    b.requires_grad_()
    # Decay applies to both tensors; `b` shows it on a vector.
    optimizer = torch.optim.AdamW([a, b], lr=1e-3, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.01)
    mixing = torch.randn(27, 27, generator=rng).double() / math.sqrt(27)
    record = {"grad.a": [], "grad.b": [], "norm": [], "param.a": [], "param.b": []}
    for step in range(20):
        goal = torch.randn(27, generator=rng).double()
        scale = 1.0 if step % 3 else 0.05  # some gradients stay below norm 1
        optimizer.zero_grad()
        (0.5 * scale * (mixing @ torch.cat([a.flatten(), b]) - goal).square().sum()).backward()
        record["grad.a"].append(a.grad.clone())
        record["grad.b"].append(b.grad.clone())
        record["norm"].append(torch.nn.utils.clip_grad_norm_([a, b], 1.0).detach().clone())
        optimizer.step()
        record["param.a"].append(a.detach().clone())
        record["param.b"].append(b.detach().clone())
    norms = torch.stack(record["norm"])
    assert (norms < 1).any() and (norms > 1).any()
    for key, values in record.items():
        out[f"adamw.{key}"] = torch.stack(values)


# ------------------------------------------------------------------------------ main


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True, metavar="DIR", help="folder that receives the files")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rng = torch.Generator().manual_seed(4)
    out, scalars = {}, {}
    batch = draw_batch(rng)
    out.update({f"input.{k}": v for k, v in batch.items()})
    losses(batch, out, scalars)
    advantages(rng, out)
    controllers(rng, out)
    adamw(rng, out)
    scalars["constants"] = {
        "clip_low": CLIP_LOW,
        "clip_high": CLIP_HIGH,
        "kl_weight": KL_WEIGHT,
        "alpha_text": ALPHA_TEXT,
        "alpha_image": ALPHA_IMAGE,
        "fixed_length": FIXED_LENGTH,
        "controller_limit": CONTROLLER_LIMIT,
        "controller_target_text": TARGETS["text"],
        "controller_target_image": TARGETS["image"],
        "adamw_lr": 1e-3,
        "adamw_beta1": 0.9,
        "adamw_beta2": 0.95,
        "adamw_eps": 1e-8,
        "adamw_weight_decay": 0.01,
        "adamw_max_norm": 1.0,
    }
    os.makedirs(options.out, exist_ok=True)
    save_file(
        {k: v.contiguous() for k, v in out.items()}, os.path.join(options.out, "expected.safetensors")
    )
    with open(os.path.join(options.out, "expected.json"), "w", encoding="utf-8") as f:
        json.dump(scalars, f, indent=2, sort_keys=True)
        f.write("\n")
    print(f"grpo: {len(out)} tensors")


if __name__ == "__main__":
    main()
