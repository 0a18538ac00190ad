#!/usr/bin/env python3
"""Encodes 100,000 generated texts with tokenizer_bench and with Hugging Face tokenizers, both with
one thread, compares ids and decoded texts, and prints the times.

Usage: tokenizer_bench.py BENCH_PROGRAM TOKENIZER.json [--count N] [--seed S] [--rounds R]
Needs the Python package `tokenizers`.
"""

import argparse
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "numerics" / "text"))

import tokenizers  # noqa: E402
from mixed_text import damaged, lines  # noqa: E402


def best(rounds, work):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
    return min(times), result


def read_result(path, count):
    data = path.read_bytes()
    at, out = 0, []
    for _ in range(count):
        (n,) = struct.unpack_from("<I", data, at)
        ids = list(struct.unpack_from(f"<{n}i", data, at + 4))
        at += 4 + 4 * n
        (size,) = struct.unpack_from("<I", data, at)
        out.append((ids, data[at + 4 : at + 4 + size].decode()))
        at += 4 + size
    assert at == len(data)
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("tokenizer")
    parser.add_argument("--count", type=int, default=100000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    rng = random.Random(options.seed)
    texts = [
        text.encode() if i % 20 else damaged(rng, text)
        for i, text in enumerate(lines(options.count, options.seed))
    ]
    repaired = [text.decode("utf-8", "replace") for text in texts]

    reference = tokenizers.Tokenizer.from_file(options.tokenizer)
    load, _ = best(3, lambda: tokenizers.Tokenizer.from_file(options.tokenizer))
    one_by_one, _ = best(1, lambda: [reference.encode(t).ids for t in repaired])
    batch, encodings = best(options.rounds, lambda: reference.encode_batch_fast(repaired))
    expected = [e.ids for e in encodings]
    decode, decoded = best(
        options.rounds,
        lambda: [reference.decode(ids, skip_special_tokens=True) for ids in expected],
    )

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with open(folder / "texts", "wb") as out:
            for text in texts:
                out.write(struct.pack("<I", len(text)) + text)
        ours = json.loads(
            subprocess.run(
                [
                    options.program,
                    options.tokenizer,
                    folder / "texts",
                    folder / "result",
                    str(options.rounds),
                ],
                check=True,
                stdout=subprocess.PIPE,
            ).stdout
        )
        result = read_result(folder / "result", len(texts))

    different = [i for i, (ids, _) in enumerate(result) if ids != expected[i]]
    different_decoded = [i for i, (_, text) in enumerate(result) if text != decoded[i]]
    for i in different[:5] + different_decoded[:5]:
        print(
            f"text {i}: {repaired[i]!r}\n  expected {expected[i]} {decoded[i]!r}\n  got {result[i]}",
            file=sys.stderr,
        )
    mib = ours["mib"]
    print(
        f"{len(texts)} texts, {mib:.2f} MiB, {ours['ids']} ids; differing: {len(different)} encoded, "
        f"{len(different_decoded)} decoded"
    )
    print(f"{'':24}{'tokenizers ' + tokenizers.__version__:>18}{'easel':>12}{'ratio':>9}")
    for name, theirs, our in (
        ("load, s", load, ours["load_seconds"]),
        ("encode, s (batch)", batch, ours["encode_seconds"]),
        ("encode, s (one by one)", one_by_one, ours["encode_seconds"]),
        ("decode, s", decode, ours["decode_seconds"]),
    ):
        print(f"{name:24}{theirs:18.3f}{our:12.3f}{theirs / our:9.1f}")
    print(f"{'encode, MiB/s':24}{mib / batch:18.2f}{mib / ours['encode_seconds']:12.2f}")
    return 1 if different or different_decoded else 0


if __name__ == "__main__":
    sys.exit(main())
