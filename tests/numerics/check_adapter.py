#!/usr/bin/env python3
"""Loads a policy folder with an adapter by transformers and PEFT, compares the log-probs of chains with ours, and
saves the adapter again.

    python check_adapter.py BASE FOLDER OUT PROMPTS CHAINS LOGPROBS

BASE is the folder without the adapter (transformers would load one that it finds there by itself).

The last three are files with a JSON list a line: prompt ids, chain ids, and our log-prob of every chain token.
"""

import json
import sys

import torch
from peft import PeftModel
from transformers import JanusForConditionalGeneration

base, folder, out, *files = sys.argv[1:]
prompts, chains, ours = ([json.loads(line) for line in open(f)] for f in files)
model, report = JanusForConditionalGeneration.from_pretrained(base, output_loading_info=True, dtype=torch.float32)
assert not any(report[k] for k in ("missing_keys", "unexpected_keys", "mismatched_keys")), report
model = PeftModel.from_pretrained(model, folder).eval()
pairs = [n for n, _ in model.named_parameters() if "lora_" in n]
assert pairs and not any("vision_model" in n for n in pairs), pairs[:3]
worst = 0.0
with torch.no_grad():
    for prompt, chain, expected in zip(prompts, chains, ours):
        logits = model(input_ids=torch.tensor([prompt + chain])).logits[0, len(prompt) - 1 : -1].float()
        got = torch.log_softmax(logits, -1).gather(1, torch.tensor(chain)[:, None])[:, 0]
        worst = max(worst, (got - torch.tensor(expected)).abs().max().item())
print(f"largest difference {worst:.2g} over {len(chains)} chains")
assert len(chains) > 1 and worst < 1e-5, worst
model.save_pretrained(out)
