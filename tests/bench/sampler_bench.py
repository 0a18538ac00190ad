#!/usr/bin/env python3
"""Draws images from one policy with sample-group and with transformers' Janus, both with guidance 5
and the same number of threads, and prints images a second of both.

Usage: sampler_bench.py POLICY [--threads N] [--images N] [--batch N] [--dtype TYPE]

sample-group is timed whole, start-up, log-probs and shards included; of transformers only generate()
is timed, in batches of the given size after one batch of warm-up. POLICY is a folder in transformers'
layout (janus-init writes one). sample-group must be on PATH. Needs torch and transformers.
"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import transformers
from transformers import AutoTokenizer, JanusForConditionalGeneration

transformers.utils.logging.disable_progress_bar()
GUIDANCE = 5.0


def ours(options, prompts):
    with tempfile.TemporaryDirectory() as folder:
        lines = "".join(json.dumps({"id": f"p{i}", "prompt": p}) + "\n" for i, p in enumerate(prompts))
        start = time.perf_counter()
        subprocess.run(
            ["sample-group", "--policy", options.policy, "--mode", "direct", "--group", "1", "--no-images",
             "--cfg-weight", str(GUIDANCE), "--threads", str(options.threads), "--dtype", options.dtype, "--out", folder, "--quiet"],
            input=lines.encode(), stdout=subprocess.DEVNULL, check=True,
        )
        return time.perf_counter() - start


@torch.no_grad()
def theirs(options, prompts):
    torch.set_num_threads(options.threads)
    model = JanusForConditionalGeneration.from_pretrained(
        options.policy, dtype=getattr(torch, options.dtype), local_files_only=True
    ).eval()
    tokenizer = AutoTokenizer.from_pretrained(options.policy, local_files_only=True)
    begin = model.generation_config.generation_kwargs["boi_token_id"]
    seconds = 0.0
    batches = [prompts[i:i + options.batch] for i in range(0, len(prompts), options.batch)]
    warm_up = [] if options.no_warm_up else batches[:1]
    for number, batch in enumerate(warm_up + batches):
        ids = [tokenizer.encode(f"<|User|>: {p}\n\n<|Assistant|>:") + [begin] for p in batch]
        longest = max(len(i) for i in ids)
        pad = model.generation_config.pad_token_id
        input_ids = torch.tensor([[pad] * (longest - len(i)) + i for i in ids])
        mask = torch.tensor([[0] * (longest - len(i)) + [1] * len(i) for i in ids])
        start = time.perf_counter()
        model.generate(input_ids=input_ids, attention_mask=mask, generation_mode="image", do_sample=True,
                       guidance_scale=GUIDANCE)
        if number >= len(warm_up):
            seconds += time.perf_counter() - start
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("policy", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--images", type=int, default=256)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--no-warm-up", action="store_true", help="of transformers, where a batch takes minutes")
    options = parser.parse_args()
    colors, shapes = ["red", "green", "blue", "yellow"], ["circle", "square", "star", "heart"]
    prompts = [
        f"a photo of a {colors[i % 4]} {shapes[i // 4 % 4]} and a {colors[i // 16 % 4]} {shapes[i // 64 % 4]}"
        for i in range(options.images)
    ]
    a = ours(options, prompts)
    b = theirs(options, prompts)
    print(f"{options.images} images, {options.dtype}, {options.threads} threads: sample-group {options.images / a:.3g} images/s, "
          f"transformers in batches of {options.batch} {options.images / b:.3g} images/s, ratio {b / a:.2f}")


if __name__ == "__main__":
    main()
