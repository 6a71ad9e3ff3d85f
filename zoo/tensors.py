"""Named tensors in a safetensors file: read, and written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.errors import BundleError
from zoo.files import atomic_file
from zoo.text import storage_size

if TYPE_CHECKING:
    from torch import Tensor

FLOATS = ("F64", "F32", "F16", "BF16")
"""The types of numbers that weights and features have, as a header names them."""
INTEGERS = ("I64", "I32", "I16", "I8", "U8", "BOOL")
"""The types of counters and tables."""
MAX_HEADER_BYTES = 4_000_000
"""The size in bytes of the largest header that is read; the hundreds of tensors of a network have 100,000."""


@dataclass(frozen=True, kw_only=True)
class TensorInfo:
    """What the header of a safetensors file states of a tensor."""

    dtype: str
    """Its type as the header names it, such as "F32"."""
    shape: tuple[int, ...]


def read_header(path: Path) -> dict[str, TensorInfo]:
    """Return what a safetensors file contains, without reading the tensors; the file has the size that it states."""
    from safetensors import SafetensorError, safe_open

    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
        if size > MAX_HEADER_BYTES:
            raise BundleError(
                f"cannot be read: its header is larger than {storage_size(MAX_HEADER_BYTES)}", where=str(path)
            )
        with safe_open(path, framework="numpy") as tensors:
            slices = {name: tensors.get_slice(name) for name in tensors.keys()}  # noqa: SIM118  # no mapping
            return {
                name: TensorInfo(dtype=str(part.get_dtype()), shape=tuple(part.get_shape()))
                for name, part in slices.items()
            }
    except (SafetensorError, OSError) as error:
        raise BundleError(f"cannot be read: {error}", where=str(path)) from error


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Return all tensors of a safetensors file, on the CPU."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise BundleError(f"cannot be read: {error}", where=str(path)) from error


def to_bytes(tensors: Mapping[str, Tensor]) -> bytes:
    """Return tensors as the content of a safetensors file."""
    from safetensors.torch import save

    return save(_plain(tensors), metadata={"format": "pt"})


def from_bytes(content: bytes) -> dict[str, Tensor]:
    """Return all tensors in the content of a safetensors file, on the CPU."""
    from safetensors.torch import load

    return load(content)


def _plain(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors as safetensors writes them."""
    return {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write tensors to a safetensors file, whole or not at all."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    try:
        with atomic_file(path) as part:
            save_file(_plain(tensors), part, metadata={"format": "pt"})
    except SafetensorError as error:  # safetensors reports a full disk with this error too
        raise BundleError(f"cannot be written: {error}", where=str(path), hint="is the disk full?") from error
