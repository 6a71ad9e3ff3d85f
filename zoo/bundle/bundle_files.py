"""The files of a bundle: written, read and copied. Reading a bundle runs no code from it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.bundle.bundle_file import bundle_file
from zoo.errors import BundleError
from zoo.files import atomic_folder, read_json, sha256, write_json, write_text
from zoo.tensors import write_tensors
from zoo.text import quoted, storage_size
from zoo.version import __version__

if TYPE_CHECKING:
    from torch import Tensor

FORMAT = 1
CONFIG, WEIGHTS, CARD, METRICS, GOLDEN, SEEN, BASELINE, CALIBRATION, NOVELTY = (
    "config.json",
    "model.safetensors",
    "README.md",
    "metrics.json",
    "golden.safetensors",
    "seen.json",
    "baseline.json",
    "calibration.json",
    "novelty.safetensors",
)
MAX_CONFIG_BYTES = 4_000_000
"""The size in bytes of the largest config.json that is read; with a thousand classes it has less than a tenth."""
MAX_CARD_BYTES = 4_000_000
"""The size in bytes of the largest card that is read."""
DESCRIBED = ("seen", "baseline", "calibration")
"""The keys of config.json that describe a JSON file, called KEY.json, which a bundle may lack."""
FILES = (CONFIG, WEIGHTS, CARD, METRICS, GOLDEN, SEEN, BASELINE, CALIBRATION, NOVELTY)


class ForeignConfigError(BundleError):
    """A config.json that another program wrote, such as timm."""


def is_bundle(folder: Path) -> bool:
    """Return whether a folder contains the config and the weights of a bundle, whether or not these can be read."""
    return (folder / CONFIG).exists() and (folder / WEIGHTS).exists()


def write_bundle(
    folder: Path,
    *,
    config: Mapping[str, Any],
    tensors: Mapping[str, Tensor],
    golden: Mapping[str, Tensor],
    seen: Mapping[str, Any] | None,
    baseline: Mapping[str, Any] | None,
    calibration: Mapping[str, Any] | None,
    novelty: Mapping[str, Tensor] | None,
) -> None:
    """Write a new bundle, atomically; `write_report` adds the card and the metrics once the model is evaluated.

    Args:
        folder: The new folder.
        config: The contents of config.json, without those that describe the files.
        tensors: The weights.
        golden: An input and the network's output for it.
        seen: The contents of seen.json; None if it is not known what the weights were trained on.
        baseline: The contents of baseline.json; None if there is no simple model to compare with.
        calibration: The contents of calibration.json; None if the probabilities are not calibrated.
        novelty: Features of training images; None if images unlike these cannot be detected.
    """
    with atomic_folder(folder, locked=False) as part:
        write_tensors(part / WEIGHTS, tensors)
        write_tensors(part / GOLDEN, golden)
        written = (("weights", WEIGHTS), ("golden", GOLDEN))
        files = {key: {"file": name, "sha256": sha256(part / name)} for key, name in written}
        described = (("seen", SEEN, seen), ("baseline", BASELINE, baseline), ("calibration", CALIBRATION, calibration))
        for key, name, document in described:
            if document is not None:
                write_json(part / name, document)
                files[key] = {"file": name, "sha256": sha256(part / name)}
        if novelty is not None:
            write_tensors(part / NOVELTY, novelty)
            files["novelty"] = {"file": NOVELTY, "sha256": sha256(part / NOVELTY)}
        versions = {"format": FORMAT, "library": "histozoo", "library_version": __version__}
        write_json(part / CONFIG, {**versions, **config, **files})


def read_config(folder: Path) -> dict[str, Any]:
    """Return the config of a bundle; a BundleError says why it cannot be read."""
    path = bundle_file(folder, CONFIG)
    if path is None:
        raise BundleError(f"there is no {CONFIG}, so this is not a bundle", where=str(folder))
    try:
        document = read_json(path, at_most=MAX_CONFIG_BYTES)
    except (OSError, ValueError) as error:
        raise BundleError(f"{CONFIG} cannot be read: {error}", where=str(folder)) from error
    if not isinstance(document, dict) or document.get("library") != "histozoo":
        raise ForeignConfigError(f"{CONFIG} was not written by histozoo", where=str(folder))
    if (found := document.get("format")) != FORMAT:
        raise BundleError(
            f"the bundle has format {quoted(found)}, but this version of histozoo reads format {FORMAT}",
            where=str(folder),
            hint=f"it was written by histozoo {quoted(document.get('library_version'))}; pip install -U histozoo",
        )
    return document


def write_report(folder: Path, *, metrics: Mapping[str, Any], card: str) -> None:
    """Write the metrics and the model card into an existing bundle."""
    write_json(folder / METRICS, metrics)
    write_text(folder / CARD, card)


def check_unused(folder: Path) -> None:
    """Raise a BundleError if a folder to copy into exists and is not empty."""
    try:
        used = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise BundleError(f"cannot be read: {error.strerror}", where=str(folder)) from error
    if used:
        raise BundleError("already exists; nothing is overwritten", where=str(folder), hint="choose a new folder")


def copy_bundle(folder: Path, into: Path) -> Path:
    """Copy the files of a bundle into a new folder, atomically, and return that folder."""
    try:
        with atomic_folder(into, locked=False) as part:
            for name in FILES:
                if (path := bundle_file(folder, name)) is not None:
                    shutil.copyfile(path, part / name)
    except OSError as error:
        check_unused(into)  # another process may have made it in the meantime
        raise BundleError(f"cannot be written: {error.strerror}", where=str(into)) from error
    return into


def read_described(folder: Path, key: str, *, at_most: int) -> Any:
    """Return the document in a JSON file of a bundle that config.json describes.

    Args:
        folder: The bundle.
        key: The key of the file in config.json, such as `seen`; the file is called KEY.json.
        at_most: The size in bytes of the largest file that is read.

    Raises:
        BundleError: It is not a file, or a link.
        FileNotFoundError: The bundle has no such file.
        OSError: The file cannot be read.
        ValueError: It is not JSON, or not the file that config.json describes.
    """
    path, stated = bundle_file(folder, f"{key}.json"), read_config(folder).get(key)
    if path is None:
        raise FileNotFoundError(folder / f"{key}.json")
    if path.stat().st_size > at_most:
        raise ValueError(f"it is larger than {storage_size(at_most)}, the most that is read")
    if not isinstance(stated, dict) or sha256(path) != stated.get("sha256"):
        raise ValueError(f"it is not the file that {CONFIG} describes: its sha256 differs")
    return read_json(path, at_most=at_most)
