#!/usr/bin/env python3
"""Makes the pictures that bicubic_test.cpp compares with: Pillow's BICUBIC, and the input of Janus' vision
tower by transformers' own processor (its Pillow backend). Needs Pillow, numpy and transformers.

    python make_bicubic.py data
"""

import pathlib
import sys

import numpy as np
from PIL import Image
from transformers.models.janus.image_processing_pil_janus import JanusImageProcessorPil

folder = pathlib.Path(sys.argv[1])
rng = np.random.default_rng(5)
# Noise in part of it: overshoot at edges must be clipped as Pillow clips it.
y, x = np.mgrid[0:53, 0:71]
smooth = np.stack([127 + 120 * np.sin(x / 7), 127 + 120 * np.cos(y / 5), (3 * x + 2 * y) % 256], -1)
noise = rng.choice([0, 255], size=smooth.shape)
source = Image.fromarray(np.where((x > 40)[..., None], noise, smooth).astype(np.uint8))
source.save(folder / "source.png", optimize=True)
for width, height in [(30, 20), (71, 20), (30, 53), (140, 110), (7, 200), (1, 1)]:
    source.resize((width, height), Image.BICUBIC).save(folder / f"resized_{width}x{height}.png", optimize=True)

tall = source.crop((0, 0, 9, 53))
for name, picture in (("wide", source), ("tall", tall)):
    picture.save(folder / f"{name}.png", optimize=True)
    half = [0.5, 0.5, 0.5]  # as the checkpoints say
    processor = JanusImageProcessorPil(size={"height": 48, "width": 48}, min_size=14, image_mean=half, image_std=half)
    pixels = np.asarray(processor(picture, return_tensors="np")["pixel_values"][0])
    square = np.rint((pixels + 1) * 127.5).astype(np.uint8).transpose(1, 2, 0)
    Image.fromarray(square).save(folder / f"square_{name}.png", optimize=True)
