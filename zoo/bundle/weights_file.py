"""The weights of a bundle: what the file states, compared with a network and with the sha256 in the config."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.bundle.bundle_file import bundle_file
from zoo.bundle.bundle_files import CONFIG, WEIGHTS, read_config
from zoo.errors import BundleError
from zoo.files import sha256
from zoo.tensors import TensorInfo, read_header, read_tensors

if TYPE_CHECKING:
    from torch import Tensor


def weights_are_intact(folder: Path) -> bool:
    """Return whether the weights file exists and has the sha256 in the config."""
    path = bundle_file(folder, WEIGHTS)
    return path is not None and sha256(path) == stated_sha256(folder)


def stated_sha256(folder: Path) -> str | None:
    """Return the sha256 of the weights that the config states; None if it states none."""
    weights = read_config(folder).get("weights")
    stated = weights.get("sha256") if isinstance(weights, dict) else None
    return stated if isinstance(stated, str) else None


def weights_header(folder: Path) -> Mapping[str, TensorInfo]:
    """Return what the weights file states of each tensor, by name; none is read."""
    path = _weights(folder)
    try:
        return read_header(path)
    except BundleError as error:
        raise BundleError(
            f"{WEIGHTS} is damaged: {error.message}", where=str(folder), hint="download the bundle again"
        ) from error


def weights_size(folder: Path) -> int:
    """Return the size of the weights file in bytes."""
    return _weights(folder).stat().st_size


def check_weights(folder: Path) -> None:
    """Raise a BundleError unless the weights file is the one that the config describes."""
    _weights(folder)
    if not weights_are_intact(folder):
        raise BundleError(
            f"{WEIGHTS} is not the file that {CONFIG} describes: its sha256 differs",
            where=str(folder),
            hint="download the bundle again",
        )


def read_weights(folder: Path, *, stated: bool = True) -> dict[str, Tensor]:
    """Return the weights, after comparing the file's sha256 with the one in the config.

    Args:
        folder: The bundle.
        stated: Whether the config states a sha256; that of another program does not.
    """
    if stated:
        check_weights(folder)
    return read_tensors(_weights(folder))


def _weights(folder: Path) -> Path:
    """Return the path of the weights file."""
    path = bundle_file(folder, WEIGHTS)
    if path is None:
        raise BundleError(f"there is no {WEIGHTS}", where=str(folder))
    return path
