#!/usr/bin/env python3
"""Image tokenizer and answers beside transformers'.

    python check_pictures.py POLICY PICTURES ENCODED.json DECODED TOKENS.json ANSWERS.json SYSTEM QUESTION MAX

PICTURES is a folder of PNG files of the policy's size. ENCODED.json: {name: codes} that vq-encode made of them.
DECODED holds, as PNG files under the same names, what vq-decode made of TOKENS.json, {name: codes}. ANSWERS.json:
{name: text} of janus-answer about the pictures, asked QUESTION after SYSTEM, of at most MAX tokens. Prints one line a
figure; the exit status is 0 when

  at least 99.9 % of the codes are transformers' nearest on the unit sphere, as the tokenizer's authors define them,
  and every other one is within 1e-4 of the nearest's squared distance;
  decoded pixels are within 1/255 of transformers';
  the answers are those of transformers' greedy generate().
"""

import json
import os
import pathlib
import sys

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
import torch.nn.functional as F
import transformers
from PIL import Image
from transformers import AutoTokenizer, JanusForConditionalGeneration

transformers.utils.logging.disable_progress_bar()


def pixels_of(path):
    return torch.tensor(np.asarray(Image.open(path).convert("RGB"))).permute(2, 0, 1)[None].float() / 127.5 - 1


@torch.no_grad()
def main():
    policy, pictures, encoded, decoded, tokens, answers, system, question, most = sys.argv[1:]
    load = lambda file: json.loads(pathlib.Path(file).read_text())
    model = JanusForConditionalGeneration.from_pretrained(policy, dtype=torch.float32, local_files_only=True).eval()
    vq = model.model.vqmodel
    good = True

    total = same = 0
    worst = 0.0
    book = F.normalize(vq.quantize.embedding.weight, dim=-1)
    for name, codes in load(encoded).items():
        latents = vq.quant_conv(vq.encode(pixels_of(pathlib.Path(pictures) / f"{name}.png")).last_hidden_state)
        flat = F.normalize(latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1]), dim=-1)
        distance = 2 - 2 * flat @ book.T
        codes = torch.tensor(codes)
        nearest = distance.argmin(-1)
        total += len(codes)
        same += int((codes == nearest).sum())
        off = distance.gather(1, codes[:, None])[:, 0] - distance.min(-1).values
        worst = max(worst, off.max().item())
    ok = same >= 0.999 * total and worst < 1e-4 and total > 0
    good &= ok
    print(f"{'ok  ' if ok else 'FAIL'} encode: {same} of {total} codes the same, others within {worst:.2g} of the nearest")

    # Ours are bytes: half a step of rounding comes on top of what the decoders differ by.
    worst = 0.0
    for name, codes in load(tokens).items():
        theirs = vq.decode(torch.tensor(codes)[None])[0]
        ours = pixels_of(pathlib.Path(decoded) / f"{name}.png")[0]
        worst = max(worst, ((theirs.clamp(-1, 1) - ours).abs().max().item() / 2 - 0.5 / 255))
    ok = worst < 1 / 255
    good &= ok
    print(f"{'ok  ' if ok else 'FAIL'} decode: pixels within {max(0.0, worst) * 255:.3f} / 255 besides rounding")

    # What the vision tower sees of a picture of its own size is the picture itself.
    tokenizer = AutoTokenizer.from_pretrained(policy, local_files_only=True)
    special = model.generation_config.generation_kwargs
    placeholder = model.config.image_token_id
    words = tokenizer.encode(f"{system}\n\n<|User|>: <image_placeholder>\n{question}\n\n<|Assistant|>:")
    place = words.index(placeholder)
    seen = [special["boi_token_id"]] + [placeholder] * model.config.vision_config.num_image_tokens + [special["eoi_token_id"]]
    prompt = torch.tensor(words[:place] + seen + words[place + 1:])
    for name, answer in load(answers).items():
        ids = model.generate(input_ids=prompt[None], attention_mask=torch.ones_like(prompt)[None],
                             pixel_values=pixels_of(pathlib.Path(pictures) / f"{name}.png"), generation_mode="text",
                             do_sample=False, max_new_tokens=int(most))[0][len(prompt):]
        got = tokenizer.decode(ids, skip_special_tokens=True).strip()
        good &= got == answer
        print(f"{'ok  ' if got == answer else 'FAIL'} answer about {name}: {len(ids)} ids, {len(set(ids.tolist()))} different")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
