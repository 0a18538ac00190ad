#!/usr/bin/env python3
"""One GRPO step on the same policy and rollouts by grpo-step and by plain PyTorch (transformers' Janus,
padded batches, dense logits, AdamW), and prints the seconds of both.

Usage: grpo_bench.py POLICY [--threads N] [--prompts P] [--group G] [--microbatch N]

Rollouts are drawn from POLICY, a folder in transformers' layout, and get rewards of 0 and 1 in turn, so that no
group is dropped. Of both sides the step alone counts, without start-up: of grpo-step its metrics' `seconds`, the
best of two runs each with microbatches of 2,048 and of 8,192 tokens; of PyTorch forward, backward and update, the best over microbatches of N/4, N and 4 N rollouts
after one that is not counted. The losses and the gradients' norms are printed too: they must agree. sample-group,
shard-cat and grpo-step must be on PATH. Needs torch, transformers and safetensors.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import load_file
from transformers import JanusForConditionalGeneration

transformers.utils.logging.disable_progress_bar()
RATE = 1e-5


def run(*words, **options):
    return subprocess.run([str(w) for w in words], check=True, **options)


def draw(options, folder):
    """Scored rollouts: their file, and token lists with advantages."""
    colors, shapes = ["red", "green", "blue", "yellow"], ["circle", "square", "star", "heart"]
    prompts = "".join(
        json.dumps({"id": f"p{i}", "prompt": f"a {colors[i % 4]} {shapes[i // 4 % 4]} and a {colors[i // 16 % 4]} cross"}) + "\n"
        for i in range(options.prompts)
    )
    drawn = run("sample-group", "--policy", options.policy, "--group", options.group, "--no-images", "--out", folder / "r",
                "--quiet", input=prompts.encode(), stdout=subprocess.PIPE).stdout
    records = [json.loads(line) for line in drawn.splitlines()]
    for record in records:
        record["reward"] = record["index"] % 2
    (folder / "scored.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    run("shard-cat", *sorted((folder / "r").glob("*.zst")), "--out", folder / "all.safetensors")
    rows = load_file(folder / "all.safetensors")
    rollouts = []
    for i, record in enumerate(records):
        part = lambda name, offsets: rows[name][rows[offsets][i] : rows[offsets][i + 1]]
        rewards = torch.tensor([float(r["reward"]) for r in records if r["group_id"] == record["group_id"]])
        rollouts.append({
            "prompt": part("prompt_ids", "prompt_offsets").long(), "chain": part("cot_ids", "cot_offsets").long(),
            "image": rows["image_tokens"][i].long(),
            "sampling": torch.cat([part("cot_sampling_logprobs", "cot_offsets"), rows["image_sampling_logprobs"][i]]),
            "drawn": record["finish"] == "stop",
            "advantage": float((record["reward"] - rewards.mean()) / (rewards.std() + 1e-6)),
        })
    return folder / "scored.jsonl", rollouts


def ours(options, folder, scored):
    best = None
    for tokens in (2048, 8192) * 2:
        shutil.rmtree(folder / "policy", ignore_errors=True)
        shutil.copytree(options.policy, folder / "policy", ignore=shutil.ignore_patterns("trainer"))
        out = run("grpo-step", "--policy", folder / "policy", "--lr", RATE, "--threads", options.threads,
                  "--microbatch-tokens", tokens, "--quiet", "--input", scored, stdout=subprocess.PIPE).stdout
        metrics = json.loads(out)
        best = metrics if best is None or metrics["seconds"] < best["seconds"] else best
    return best


def dense_step(model, rollouts, size, optimizer):
    """Loss, gradient norm and seconds of one step in microbatches of `size` rollouts."""
    total = sum(len(r["chain"]) - (not r["drawn"]) + len(r["image"]) for r in rollouts)
    start = time.perf_counter()
    optimizer.zero_grad()
    loss_sum = 0.0
    for begin in range(0, len(rollouts), size):
        part = rollouts[begin : begin + size]
        embedded = []
        for r in part:
            words = model.get_input_embeddings()(torch.cat([r["prompt"], r["chain"]]))
            embedded.append(torch.cat([words, model.prepare_embeddings_for_image_generation(r["image"][:-1])]))
        inputs = torch.nn.utils.rnn.pad_sequence(embedded, batch_first=True)
        mask = torch.zeros(inputs.shape[:2], dtype=torch.long)
        for i, e in enumerate(embedded):
            mask[i, : len(e)] = 1
        hidden = model.model.language_model(inputs_embeds=inputs, attention_mask=mask).last_hidden_state
        loss = 0.0
        text_logits, image_logits = model.lm_head(hidden), model.model.generation_head(hidden)
        for i, r in enumerate(part):
            p, c, n = len(r["prompt"]), len(r["chain"]), len(r["image"])
            text = F.log_softmax(text_logits[i, p - 1 : p + c - 1], -1).gather(1, r["chain"][:, None])[:, 0]
            image = F.log_softmax(image_logits[i, p + c - 1 : p + c - 1 + n], -1).gather(1, r["image"][:, None])[:, 0]
            ratio = (torch.cat([text, image]) - r["sampling"]).exp()
            weight = torch.ones_like(ratio)
            if not r["drawn"] and c > 0:
                weight[c - 1] = 0
            a = r["advantage"]
            loss = loss - (torch.minimum(ratio * a, ratio.clamp(0.8, 1.2) * a) * weight).sum() / total
        loss.backward()
        loss_sum += loss.item()
    norm = torch.nn.utils.clip_grad_norm_([p for g in optimizer.param_groups for p in g["params"]], 1.0).item()
    optimizer.step()
    return loss_sum, norm, time.perf_counter() - start


def theirs(options, rollouts):
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    best = None
    for size in (options.microbatch, options.microbatch // 4, options.microbatch, 4 * options.microbatch):
        model = JanusForConditionalGeneration.from_pretrained(options.policy, dtype=torch.float32, local_files_only=True)
        generator = [p for n, p in model.named_parameters()
                     if not n.startswith(("model.vision_model.", "model.aligner.", "model.vqmodel."))]
        optimizer = torch.optim.AdamW(generator, lr=RATE, betas=(0.9, 0.95), weight_decay=0.01)
        loss, norm, seconds = dense_step(model, rollouts, max(1, size), optimizer)
        if best is None:
            best = (float("inf"),)  # the first warms up
        elif seconds < best[0]:
            best = (seconds, loss, norm, size)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("policy", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompts", type=int, default=24)
    parser.add_argument("--group", type=int, default=8)
    parser.add_argument("--microbatch", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        scored, rollouts = draw(options, folder)
        a = ours(options, folder, scored)
        b = theirs(options, rollouts)
    print(f"{len(rollouts)} rollouts, {options.threads} threads: grpo-step {a['seconds']:.2f} s (loss {a['loss']:.6f}, "
          f"gradient {a['grad_norm']:.6f}), PyTorch {b[0]:.2f} s in microbatches of {b[3]} (loss {b[1]:.6f}, gradient "
          f"{b[2]:.6f}), ratio {b[0] / a['seconds']:.2f}")


if __name__ == "__main__":
    main()
