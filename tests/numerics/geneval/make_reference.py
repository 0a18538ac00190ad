#!/usr/bin/env python3
"""Reference results of GenEval's official scripts for random detections.

Runs evaluation/evaluate_images.py and evaluation/summary_scores.py of a checkout of
github.com/djghosh13/geneval as they are, except that the detector and the colour classifier hand
out the random detections (so neither a GPU nor weights are needed), that folders are listed in
sorted order, and that relations are printed in a fixed order (the official script joins a set,
whose order changes from run to run). Needs numpy and pandas.

    make_reference.py GENEVAL_CHECKOUT            writes detections.jsonl, prompts.jsonl,
                                                  expected.jsonl and expected_summary.txt here
    make_reference.py GENEVAL_CHECKOUT --check PROGRAM
                                                  runs eval-geneval on fresh random detections and
                                                  compares every byte
"""

import argparse
import importlib.util
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import types

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
COLORS = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white"]
RELATIONS = ["left of", "right of", "above", "below"]
TAGS = ["single_object", "two_object", "counting", "colors", "position", "color_attr"]


def load_official(checkout):
    """The official module with stand-ins for what needs a GPU."""
    def module(name, **members):
        made = types.ModuleType(name)
        made.__dict__.update(members)
        sys.modules[name] = made
        return made

    data = module("torch.utils.data", Dataset=object)
    module("torch.utils", data=data)
    module("torch", cuda=types.SimpleNamespace(is_available=lambda: True),
           utils=types.SimpleNamespace(data=data))
    module("PIL", Image=types.SimpleNamespace(open=lambda path: None, Image=object),
           ImageOps=types.SimpleNamespace(exif_transpose=lambda image: None))
    module("mmdet")
    module("mmdet.apis", inference_detector=None, init_detector=None)
    module("open_clip")
    module("clip_benchmark")
    module("clip_benchmark.metrics", zeroshot_classification=types.SimpleNamespace())
    spec = importlib.util.spec_from_file_location(
        "evaluate_images", checkout / "evaluation" / "evaluate_images.py")
    official = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(official)
    return official


def random_prompt(rng, names):
    tag = rng.choice(TAGS)
    a, b = rng.sample(names, 2)
    if tag == "single_object":
        include, text = [{"class": a, "count": 1}], f"a photo of a {a}"
    elif tag == "two_object":
        include = [{"class": a, "count": 1}, {"class": b, "count": 1}]
        text = f"a photo of a {a} and a {b}"
    elif tag == "counting":
        n = rng.randint(2, 4)
        include, text = [{"class": a, "count": n}], f"a photo of {n} {a}s"
    elif tag == "colors":
        color = rng.choice(COLORS)
        include = [{"class": a, "count": rng.randint(1, 2), "color": color}]
        text = f"a photo of a {color} {a}"
    elif tag == "position":
        relation = rng.choice(RELATIONS)
        include = [{"class": b, "count": 1},
                   {"class": a, "count": 1, "position": [relation, 0]}]
        text = f"a photo of a {a} {relation} a {b}"
    else:
        include = [{"class": a, "count": 1, "color": rng.choice(COLORS)},
                   {"class": b, "count": 1, "color": rng.choice(COLORS)}]
        text = f"a photo of a {a} and a {b}"
    metadata = {"tag": tag, "include": include}
    if tag == "counting":
        metadata["exclude"] = [{"class": a, "count": include[0]["count"] + 1}]
    # Text that both writers escape.
    metadata["prompt"] = text + rng.choice(["", "", "", " \u00e9t\u00e9 1/2", " \"\U0001f600\" \t\\"])
    return metadata


def random_detections(rng, metadata, names):
    """{class: [[x1, y1, x2, y2, score], ...]} in single precision, often what the prompt wants."""
    detections, colors, used = {}, {}, set()

    def add(name, color):
        x, y = rng.uniform(0, 700), rng.uniform(0, 700)
        # No two scores of an image are the same: the order of equal ones is up to numpy's sort.
        score = np.float32(rng.choice([rng.uniform(0.05, 1), rng.uniform(0.9, 1), 0.3, 0.9, 0.95]))
        while float(score) in used:
            score = np.float32(rng.uniform(0.31, 1))
        used.add(float(score))
        box = np.array([x, y, x + rng.uniform(5, 200), y + rng.uniform(5, 200), score], np.float32)
        detections.setdefault(name, []).append(box.tolist())
        colors.setdefault(name, []).append(color)

    for clause in metadata["include"]:
        for _ in range(max(0, clause["count"] + rng.choice([-1, 0, 0, 0, 1]))):
            wanted = clause.get("color", rng.choice(COLORS))
            add(clause["class"], wanted if rng.random() < 0.7 else rng.choice(COLORS))
    for _ in range(rng.choice([0, 0, 1, 3])):
        add(rng.choice(names), rng.choice(COLORS))
    if rng.random() < 0.05:  # more than the 16 that are kept
        for _ in range(20):
            add(names[0], rng.choice(COLORS))
    return detections, colors


def write_case(checkout, folder, seed, prompts, samples):
    rng = random.Random(seed)
    names = (checkout / "evaluation" / "object_names.txt").read_text().split("\n")[:80]
    lines, metadata_lines = [], []
    for index in range(prompts):
        metadata = random_prompt(rng, names)
        metadata_lines.append(json.dumps(metadata))
        base = folder / "images" / f"{index:05}"
        (base / "samples").mkdir(parents=True)
        (base / "metadata.jsonl").write_text(json.dumps(metadata))
        for sample in range(samples):
            (base / "samples" / f"{sample:04}.png").write_bytes(b"")
            detections, colors = random_detections(rng, metadata, names)
            lines.append({"filename": f"{index:05}/samples/{sample:04}.png",
                          "detections": detections, "colors": colors})
    (folder / "prompts.jsonl").write_text("".join(line + "\n" for line in metadata_lines))
    (folder / "detections.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return {line["filename"]: line for line in lines}, names


def run_official(official, checkout, folder, replay, names):
    """Results and summary text of the official scripts for the images in `folder`."""
    def inference_detector(_, path):
        line = replay["/".join(path.split("/")[-3:])]
        boxes = [np.array(line["detections"].get(name, []), np.float32).reshape(-1, 5)
                 for name in names]
        return boxes, [line["colors"].get(name, []) for name in names]

    relative_position = official.__dict__.setdefault("_relative", official.relative_position)
    official.inference_detector = inference_detector
    official.object_detector = None
    official.classnames = names
    official.color_classification = lambda image, objects, name: [color for _, color in objects]
    official.relative_position = lambda a, b: [r for r in RELATIONS if r in relative_position(a, b)]
    official.os = types.SimpleNamespace(
        path=os.path, makedirs=os.makedirs, listdir=lambda path: sorted(os.listdir(path)))
    official.THRESHOLD, official.COUNTING_THRESHOLD = 0.3, 0.9
    official.MAX_OBJECTS, official.NMS_THRESHOLD, official.POSITION_THRESHOLD = 16, 1.0, 0.1
    old = os.getcwd()
    os.chdir(folder)
    try:
        official.main(types.SimpleNamespace(imagedir="images", outfile="expected.jsonl"))
    finally:
        os.chdir(old)
    summary = subprocess.run(
        [sys.executable, checkout / "evaluation" / "summary_scores.py", folder / "expected.jsonl"],
        check=True, capture_output=True, text=True).stdout
    (folder / "expected_summary.txt").write_text(summary)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=pathlib.Path)
    parser.add_argument("--check", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    official = load_official(args.checkout)
    for seed in range(1, args.seeds + 1) if args.check else [0]:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            replay, names = write_case(args.checkout, folder, seed, prompts=50, samples=4)
            run_official(official, args.checkout, folder, replay, names)
            if not args.check:
                for made in ["prompts.jsonl", "detections.jsonl", "expected.jsonl",
                             "expected_summary.txt"]:
                    (HERE / made).write_bytes((folder / made).read_bytes())
                continue
            run = subprocess.run(
                [args.check.resolve(), "--detector", "replay:detections.jsonl", "--images",
                 "images", "--output", "results.jsonl"],
                cwd=folder, check=True, capture_output=True, text=True)
            same = (folder / "results.jsonl").read_bytes() == (folder / "expected.jsonl").read_bytes()
            same_summary = run.stderr.endswith((folder / "expected_summary.txt").read_text())
            print(f"seed {seed}: results {'same' if same else 'DIFFER'}, "
                  f"summary {'same' if same_summary else 'DIFFERS'}")
            if not (same and same_summary):
                (HERE / "got.jsonl").write_bytes((folder / "results.jsonl").read_bytes())
                (HERE / "want.jsonl").write_bytes((folder / "expected.jsonl").read_bytes())
                sys.exit(1)


if __name__ == "__main__":
    main()
