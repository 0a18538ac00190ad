"""Reference values of 8-bit block-wise quantisation: data/quantize.safetensors.

    python make_quantize.py

Maps, scales and what bitsandbytes makes of the codes that its CPU code chose (which are not always the nearest);
the nearest codes by an exhaustive search in float64.
"""
import pathlib

import bitsandbytes.functional as F
import torch
from safetensors.torch import save_file

torch.manual_seed(5)
# Many orders of magnitude, a last block that is not full, and a block of zeros.
first = torch.randn(1300) * 10 ** (torch.rand(1300) * 6 - 6)
first[512:768] = 0
second = first**2
out = {"first": first, "second": second}
for name, values, signed in (("first", first, True), ("second", second, False)):
    values_of_codes = F.create_dynamic_map(signed=signed)
    codes, state = F.quantize_blockwise(values, code=values_of_codes, blocksize=256)
    scales = state.absmax.double().repeat_interleave(256)[: len(values)]
    unit = values.double() / scales.clamp_min(1e-300)
    nearest = (unit[:, None] - values_of_codes.double()).abs().argmin(1).to(torch.uint8)
    out |= {f"{name}.map": values_of_codes, f"{name}.nearest": nearest, f"{name}.scales": state.absmax}
    out[f"{name}.again"] = F.dequantize_blockwise(codes, state)
save_file(out, pathlib.Path(__file__).parent / "data" / "quantize.safetensors")
