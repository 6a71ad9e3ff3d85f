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


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write tensors to a safetensors file, whole or not at all."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    try:
        with atomic_file(path) as part:
            save_file(plain, part, metadata={"format": "pt"})
    except SafetensorError as error:  # safetensors reports a full disk with this error too
        raise BundleError(f"cannot be written: {error}", where=str(path), hint="is the disk full?") from error
