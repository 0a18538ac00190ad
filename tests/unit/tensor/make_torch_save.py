#!/usr/bin/env python3
"""Writes the files of torch.save that torch_file_test.cpp reads. Values are 0, 1, 2, ... in each storage.

    python make_torch_save.py data
"""

import collections
import pathlib
import sys

import torch

folder = pathlib.Path(sys.argv[1])
base = torch.arange(12, dtype=torch.float32)
layer = torch.nn.Linear(3, 2)
with torch.no_grad():
    layer.weight.copy_(torch.arange(6, dtype=torch.float32).view(2, 3))
    layer.bias.copy_(torch.arange(2, dtype=torch.float32))

state = layer.state_dict()  # an OrderedDict with _metadata
state["half"] = torch.arange(4, dtype=torch.bfloat16)
state["transposed"] = base.view(3, 4).t()  # strides 1, 4
state["tail"] = base[8:]  # the same storage, from element 8
state["scalar"] = torch.tensor(7.0, dtype=torch.float64)
state["empty"] = torch.zeros(0, 3)
state["codes"] = torch.arange(5, dtype=torch.int64)
torch.save(state, folder / "state.bin")

# A training checkpoint: the state dict among other things, parameters in it.
torch.save(
    {"epoch": 3, "loss": 0.5, "name": "run", "done": False, "state_dict": collections.OrderedDict(weight=layer.weight)},
    folder / "checkpoint.bin",
)

# The same beside a tensor that is no weight; and a file whose writer made no checksums.
torch.save({"global_step": torch.tensor(5), "state_dict": {"weight": layer.weight, "bias": layer.bias}}, folder / "counted.bin")
torch.serialization.set_crc32_options(False)
torch.save({"weight": base}, folder / "unchecked.bin")
torch.serialization.set_crc32_options(True)


class Elsewhere:
    """What no checkpoint of tensors needs: its class is named by the pickle."""


torch.save({"weight": base, "extra": Elsewhere()}, folder / "foreign.bin")
torch.save({"weight": base}, folder / "old.bin", _use_new_zipfile_serialization=False)
