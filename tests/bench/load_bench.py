#!/usr/bin/env python3
"""Loading a checkpoint: load-bench beside torch.load of the same weights.

Usage: load_bench.py FOLDER LOAD_BENCH

FOLDER holds model.safetensors; a copy in torch.save's format is made beside it in a temporary folder. Both files
are read once before anything is timed, so that they are in the page cache. Prints seconds, the best of three:
load-bench on either format (mapped; the type of the file), torch.load as people call it, and with mmap=True.
Needs torch and safetensors.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import torch
from safetensors.torch import load_file


def best(work):
    times = []
    for _ in range(3):
        start = time.perf_counter()
        kept = work()
        times.append(time.perf_counter() - start)
        del kept
    return min(times)


def ours(program, folder, dtype):
    lines = [subprocess.run([program, str(folder), dtype], check=True, capture_output=True, text=True).stdout for _ in range(3)]
    return min(lines, key=lambda line: float(line.split(": ")[1].split(" s,")[0]))


def main():
    folder, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    weights = load_file(folder / "model.safetensors")
    dtype = str(next(iter(weights.values())).dtype).removeprefix("torch.")
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        pickled = pathlib.Path(name)
        for file in folder.iterdir():
            if file.is_file() and file.suffix != ".safetensors":
                shutil.copy(file, pickled)
        torch.save(weights, pickled / "pytorch_model.bin")
        del weights
        print(ours(program, folder, dtype), end="")
        print(ours(program, pickled, dtype), end="")
        plain = best(lambda: torch.load(pickled / "pytorch_model.bin", map_location="cpu", weights_only=True))
        mapped = best(lambda: torch.load(pickled / "pytorch_model.bin", map_location="cpu", weights_only=True, mmap=True))
        print(f"torch.load {plain:.3f} s; with mmap=True {mapped:.3f} s")


if __name__ == "__main__":
    main()
