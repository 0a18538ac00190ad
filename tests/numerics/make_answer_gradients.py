#!/usr/bin/env python3
"""Loss and gradients of an answer to a question about a picture, by transformers' Janus.

Reads a case's folder and the question, picture and answer in its expected.safetensors, and writes
answer_gradients.safetensors beside them: `loss`, the sum of cross-entropies of the answer's tokens, and for each of PARTS the
gradient of it, under the parameter's name.
"""
import argparse
import os

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from transformers import JanusForConditionalGeneration

PARTS = [
    "model.vision_model.embeddings.patch_embedding.weight",
    "model.vision_model.embeddings.position_embedding.weight",
    "model.vision_model.encoder.layers.0.self_attn.k_proj.weight",
    "model.vision_model.post_layernorm.bias",
    "model.aligner.fc1.weight",
    "model.aligner.hidden_layers.0.bias",
    "model.language_model.layers.0.self_attn.q_proj.weight",
    "model.language_model.norm.weight",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, metavar="DIR", help="folder of the cases, tests/numerics/data")
    data = parser.parse_args().data
    torch.set_num_threads(1)
    for case in ("full", "grouped", "odd"):
        folder = os.path.join(data, case)
        model = JanusForConditionalGeneration.from_pretrained(folder, local_files_only=True).eval()
        given = load_file(os.path.join(folder, "expected.safetensors"))
        question, answer = given["understand.input_ids"], given["understand.output_ids"]
        ids = torch.cat([question, answer])
        logits = model(input_ids=ids[None], pixel_values=given["understand.pixels"]).logits[0]
        loss = F.cross_entropy(logits[len(question) - 1 : -1], answer, reduction="sum")
        loss.backward()
        parameters = dict(model.named_parameters())
        out = {name: parameters[name].grad.contiguous() for name in PARTS}
        out["loss"] = loss.detach()[None]
        save_file(out, os.path.join(folder, "answer_gradients.safetensors"))


if __name__ == "__main__":
    main()
