"""Copies of bundles on disk: whether one is undamaged, and how a new one appears."""

from __future__ import annotations

import shutil
from pathlib import Path

from zoo.bundle.bundle_files import FILES, WEIGHTS, read_config
from zoo.errors import BundleError
from zoo.files import atomic_folder, sha256


def weights_are_whole(folder: Path) -> bool:
    """Whether the weights are there and are what the config says."""
    weights = read_config(folder).get("weights")
    stated = weights.get("sha256") if isinstance(weights, dict) else None
    return (folder / WEIGHTS).is_file() and sha256(folder / WEIGHTS) == stated


def check_free(folder: Path) -> None:
    """A copy never overwrites anything."""
    try:
        taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise BundleError(f"cannot be read: {error.strerror}", where=str(folder)) from error
    if taken:
        raise BundleError("exists already, and nothing is overwritten", where=str(folder), hint="name a new folder")


def copied(folder: Path, into: Path) -> Path:
    """Copy a bundle's files into a new folder that appears whole or not at all."""
    try:
        with atomic_folder(into) as part:
            for name in FILES:
                if (folder / name).is_file():
                    shutil.copyfile(folder / name, part / name)
    except OSError as error:
        raise BundleError(f"cannot be written: {error.strerror}", where=str(into)) from error
    return into
