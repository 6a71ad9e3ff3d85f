"""Safetensors files that a hostile author writes: other tensors, other numbers, damaged headers."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.fuzz.hostile_values import NUMBERS, TEXTS, hostile_value

TYPES = (torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.bool, torch.complex64, torch.float8_e5m2)
FILLS = (float("nan"), float("inf"), -float("inf"), 3e38, -3e38, 1e20, 0.0)
SHAPES = ((), (0,), (1,), (2, 3), (1, 1, 1, 1), (2, 3, 16, 16), (3, 0, 16, 16), (64, 64), (1, 2))


def change_tensors(path: Path, random: Random) -> str:
    """Write the tensors of a file again with one of them changed; return what was done."""
    tensors = load_file(path)
    name = random.choice(sorted(tensors))
    what = random.choice(("fill", "one number", "type", "shape", "drop", "rename", "extra"))
    tensor = tensors[name]
    if what == "fill" and tensor.is_floating_point():
        tensors[name] = torch.full(tensor.shape, random.choice(FILLS)).to(tensor.dtype)
    elif what == "one number" and tensor.is_floating_point() and tensor.numel():
        tensor.view(-1)[random.randrange(tensor.numel())] = torch.tensor(random.choice(FILLS)).to(tensor.dtype)
    elif what == "type":
        tensors[name] = tensor.to(random.choice(TYPES))
    elif what == "shape":
        tensors[name] = torch.zeros(random.choice(SHAPES), dtype=tensor.dtype)
    elif what == "drop":
        del tensors[name]
    elif what == "rename":
        tensors[_name(random)] = tensors.pop(name)
    else:
        tensors[_name(random)] = torch.zeros(random.choice(SHAPES))
    _save(path, tensors)
    return f"{what} of {name}"


def change_header(path: Path, random: Random) -> str:
    """Change the header of a file, or the bytes before or after it; return what was done."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header, body = data[8 : 8 + size], data[8 + size :]
    what = random.choice(("entry", "length", "deep", "bytes", "truncated", "longer", "not JSON", "many"))
    if what == "entry":
        document = json.loads(header)
        entry = document[random.choice([name for name in document if name != "__metadata__"])]
        key = random.choice(("dtype", "shape", "data_offsets"))
        wild = [random.choice(NUMBERS[:13]), random.choice(NUMBERS[:13])]
        entry[key] = random.choice((hostile_value(random), wild, [random.choice((2**62, 2**40, 3, -1))] * 4))
        header = json.dumps(document, allow_nan=True).encode()
        size = len(header)
    elif what == "length":
        size = random.choice((0, 1, size - 1, size + 1, 2**31, 2**63, 2**64 - 1))
    elif what == "deep":
        header = b'{"a":' * 100_000
        size = len(header)
    elif what == "bytes":
        damaged = bytearray(header)
        for _ in range(random.randint(1, 8)):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        header = bytes(damaged)
    elif what == "truncated":
        body = body[: random.randrange(len(body))]
    elif what == "longer":
        body += b"x" * random.randint(1, 1000)
    elif what == "not JSON":
        header = random.choice((b"", b"[]", b"null", b"{" * 50, b"\xff" * 64, b"PK\x03\x04" * 16))
        size = len(header)
    else:
        names = (f"{number}" for number in range(30_000))
        header = json.dumps({name: {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for name in names}).encode()
        size, body = len(header), b""
    path.write_bytes(size.to_bytes(8, "little") + header + body)
    return f"header: {what}"


def _name(random: Random) -> str:
    """Return the name of a tensor, as far as the library writes it."""
    return random.choice(TEXTS).encode("utf-8", "replace").decode()[:1000]


def _save(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write tensors, which need no memory in common."""
    save_file({name: tensor.clone().contiguous() for name, tensor in tensors.items()}, path)
