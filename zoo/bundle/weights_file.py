"""The weights of a bundle, compared with the sha256 in its config."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo.bundle.bundle_files import CONFIG, WEIGHTS, read_config
from zoo.errors import BundleError
from zoo.files import sha256
from zoo.tensors import read_tensors

if TYPE_CHECKING:
    from torch import Tensor


def weights_are_intact(folder: Path) -> bool:
    """Return whether the weights file exists and has the sha256 in the config."""
    weights = read_config(folder).get("weights")
    stated = weights.get("sha256") if isinstance(weights, dict) else None
    return (folder / WEIGHTS).is_file() and sha256(folder / WEIGHTS) == stated


def read_weights(folder: Path) -> dict[str, Tensor]:
    """Return the weights, after comparing the file's sha256 with the one in the config."""
    if not (folder / WEIGHTS).is_file():
        raise BundleError(f"there is no {WEIGHTS}", where=str(folder))
    if not weights_are_intact(folder):
        raise BundleError(
            f"{WEIGHTS} is not the file that {CONFIG} describes: its sha256 differs",
            where=str(folder),
            hint="download the bundle again",
        )
    return read_tensors(folder / WEIGHTS)
