#!/usr/bin/env python3
"""Makes the JPEG files that image_test.cpp reads, of a photograph that scikit-learn brings, and what Pillow reads in them.

    python make_jpeg.py data/jpeg
"""

import pathlib
import sys

from PIL import Image
from sklearn.datasets import load_sample_image

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
photograph = Image.fromarray(load_sample_image("flower.jpg")).resize((213, 142)).crop((70, 30, 133, 77))
kinds = {
    "plain": (photograph, {"quality": 75}),
    "fine": (photograph, {"quality": 95, "subsampling": "4:4:4"}),
    "halves": (photograph, {"quality": 85, "subsampling": "4:2:2"}),
    "progressive": (photograph, {"quality": 80, "progressive": True}),
    "restarts": (photograph, {"quality": 80, "restart_marker_blocks": 3}),
    "grey": (photograph.convert("L"), {"quality": 80}),
    "inks": (photograph.convert("CMYK"), {"quality": 80}),
}
for name, (picture, options) in kinds.items():
    picture.save(folder / f"{name}.jpg", **options)
    Image.open(folder / f"{name}.jpg").convert("RGB").save(folder / f"{name}.png", optimize=True)
