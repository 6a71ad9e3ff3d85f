"""Named tensors in a safetensors file: read, and written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.errors import BundleError
from zoo.files import atomic_file

if TYPE_CHECKING:
    from torch import Tensor


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
