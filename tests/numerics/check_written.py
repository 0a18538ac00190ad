#!/usr/bin/env python3
"""Checks a policy folder that Easel wrote, by loading it with Hugging Face transformers.

    python check_written.py FOLDER FIGURES.json [--tolerance 1e-4 | --bfloat16]

FOLDER is in transformers' layout (config.json, generation_config.json, one or more
safetensors files).  It must load without a missing, an unexpected or a mismatched key.

FIGURES.json holds what our programs computed from the same folder:

    {"rows": [
      {"kind": "text",   "prompt": [ids], "tokens": [ids], "logprobs": [one per token]},
      {"kind": "image",  "prompt": [ids], "tokens": [codes], "logprobs": [one per token],
                         "guidance": 1.0},
      {"kind": "greedy", "prompt": [ids], "tokens": [codes], "guidance": 5.0}
    ]}

text    logprobs[i] is log p(tokens[i] | prompt, tokens[:i]) from the language head.
image   The prompt ends with <begin_of_image>; logprobs[i] comes from the image head at
        the position before token i.  With a guidance w other than 1 (the default) it is
        taken from u + w(c - u), where the unconditional row u has every id but BOS and
        <begin_of_image> replaced by pad.
greedy  `tokens` must equal what transformers' own generate() picks without sampling; this
        also tries the ids in generation_config.json.  Guidance must be above 1.

With --bfloat16 the log-probs were computed in bfloat16: their mean distance from those that transformers computes in
float32 must be at most a quarter more than the distance of its own in bfloat16. There are no greedy rows then, which
ties would decide.

A row may carry a "name" for the report.  Ids are unpadded.  Prints one line a figure;
the exit status is 0 when all agree, 1 when one does not, 2 for unusable input.
"""

import argparse
import json
import os
import sys

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import torch.nn.functional as F
import transformers
from transformers import JanusForConditionalGeneration

transformers.utils.logging.disable_progress_bar()


class Report:
    def __init__(self):
        self.good = True

    def line(self, ok, text):
        self.good &= ok
        print(f"{'ok  ' if ok else 'FAIL'} {text}")


def special(model, name):
    config = model.generation_config
    if name == "boi_token_id":
        return config.generation_kwargs[name]
    return getattr(config, name)


def text_logprobs(model, prompt, tokens):
    ids = torch.cat([prompt, tokens])
    logits = model(input_ids=ids[None]).logits[0]
    return F.log_softmax(logits[len(prompt) - 1 : -1].float(), dim=-1)


def image_logits(model, prompt, tokens):
    words = model.get_input_embeddings()(prompt)
    pictures = model.prepare_embeddings_for_image_generation(tokens[:-1])
    hidden = model.model.language_model(
        inputs_embeds=torch.cat([words, pictures])[None]
    ).last_hidden_state[0]
    return model.model.generation_head(hidden[len(prompt) - 1 :]).float()


def image_logprobs(model, prompt, tokens, guidance):
    logits = image_logits(model, prompt, tokens)
    if guidance != 1.0:
        keep = (prompt == special(model, "bos_token_id")) | (prompt == special(model, "boi_token_id"))
        empty = torch.where(keep, prompt, torch.full_like(prompt, special(model, "pad_token_id")))
        uncond = image_logits(model, empty, tokens)
        logits = uncond + guidance * (logits - uncond)
    return F.log_softmax(logits, dim=-1)


def check_row(model, rounded, row, label, tolerance, report):
    prompt = torch.tensor(row["prompt"], dtype=torch.long)
    tokens = torch.tensor(row["tokens"], dtype=torch.long)
    if row["kind"] == "greedy":
        picked = model.generate(
            input_ids=prompt[None],
            attention_mask=torch.ones_like(prompt)[None],
            generation_mode="image",
            do_sample=False,
            guidance_scale=float(row.get("guidance", 5.0)),
        )[0]
        if len(picked) != len(tokens):
            report.line(False, f"{label}: {len(tokens)} tokens, transformers makes {len(picked)}")
            return
        wrong = (picked != tokens).nonzero().flatten().tolist()
        report.line(
            not wrong,
            f"{label}: {len(tokens)} tokens, {len(wrong)} differ"
            + (f", the first at {wrong[0]}" if wrong else ""),
        )
        return

    def logprobs(by):
        if row["kind"] == "text":
            table = text_logprobs(by, prompt, tokens)
        elif row["kind"] == "image":
            table = image_logprobs(by, prompt, tokens, float(row.get("guidance", 1.0)))
        else:
            raise ValueError(f"unknown kind {row['kind']!r}")
        return table.gather(-1, tokens[:, None])[:, 0].double()

    ours = torch.tensor(row["logprobs"], dtype=torch.float64)
    theirs = logprobs(model)
    if ours.shape != theirs.shape:
        report.line(False, f"{label}: {len(ours)} log-probs for {len(theirs)} tokens")
        return
    if rounded is not None:
        distance = (ours - theirs).abs().mean()
        usual = (logprobs(rounded) - theirs).abs().mean()
        report.line(bool(distance <= 1.25 * usual),
                    f"{label}: {len(ours)} log-probs in bfloat16, mean distance from float32 {distance:.3g}, "
                    f"transformers' {usual:.3g}")
        return
    difference = (ours - theirs).abs()
    worst = int(difference.argmax())
    ok = bool((difference <= tolerance).all())  # false for NaN as well
    report.line(
        ok,
        f"{label}: {len(ours)} log-probs, largest difference {difference[worst]:.3g} at {worst}"
        f" (ours {ours[worst]:.6f}, theirs {theirs[worst]:.6f})",
    )


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", help="policy folder in transformers' layout")
    parser.add_argument("figures", help="JSON of prompts, tokens and our log-probs")
    parser.add_argument(
        "--tolerance", type=float, default=1e-4, help="largest allowed difference (default: 1e-4)"
    )
    parser.add_argument("--bfloat16", action="store_true", help="log-probs that were computed in bfloat16")
    options = parser.parse_args()
    torch.set_num_threads(1)
    try:
        with open(options.figures, encoding="utf-8") as f:
            rows = json.load(f)["rows"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"check_written: {options.figures}: {error!r}", file=sys.stderr)
        return 2
    if not rows:
        print(f"check_written: {options.figures}: no rows", file=sys.stderr)
        return 2
    report = Report()
    try:
        # Float32 arithmetic whatever the file holds; mismatches are listed rather than thrown.
        model, loading = JanusForConditionalGeneration.from_pretrained(
            options.folder,
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
            local_files_only=True,
        )
    except Exception as error:  # whatever transformers throws, the folder does not load
        report.line(False, f"transformers cannot load the folder: {error}")
        return 1
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        names = sorted(str(name) for name in loading[kind])
        shown = "".join(f"\n       {name}" for name in names[:8])
        report.line(not names, f"{kind.replace('_', ' ')}: {len(names)}{shown}")
    if not report.good:
        return 1
    model.eval()
    rounded = None
    if options.bfloat16:
        rounded = JanusForConditionalGeneration.from_pretrained(
            options.folder, dtype=torch.bfloat16, local_files_only=True
        ).eval()
    for index, row in enumerate(rows):
        label = f"{row.get('name', f'row {index}')} ({row.get('kind')})"
        try:
            check_row(model, rounded, row, label, options.tolerance, report)
        except (KeyError, ValueError, TypeError, IndexError) as error:
            print(f"check_written: row {index}: {error!r}", file=sys.stderr)
            return 2
    return 0 if report.good else 1


if __name__ == "__main__":
    sys.exit(main())
