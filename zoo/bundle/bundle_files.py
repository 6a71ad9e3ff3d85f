"""The bundle: a folder that is a Hub repository. Reading one runs nothing that lies in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.errors import BundleError
from zoo.files import atomic_file, atomic_folder, sha256, write_json, write_text
from zoo.version import __version__

if TYPE_CHECKING:
    from torch import Tensor

FORMAT = 1
CONFIG, WEIGHTS, CARD, METRICS, GOLDEN = (
    "config.json",
    "model.safetensors",
    "README.md",
    "metrics.json",
    "golden.safetensors",
)
FILES = (CONFIG, WEIGHTS, CARD, METRICS, GOLDEN)


def is_bundle(folder: Path) -> bool:
    """Whether a folder looks like a bundle."""
    return (folder / CONFIG).is_file() and (folder / WEIGHTS).is_file()


def write_bundle(
    folder: Path,
    *,
    config: Mapping[str, Any],
    tensors: Mapping[str, Tensor],
    golden: Mapping[str, Tensor],
) -> None:
    """Write weights and config into a new folder that appears whole; card and metrics are added when known."""
    with atomic_folder(folder) as part:
        write_tensors(part / WEIGHTS, tensors)
        write_tensors(part / GOLDEN, golden)
        weights = {"file": WEIGHTS, "sha256": sha256(part / WEIGHTS)}
        made_by = {"format": FORMAT, "library": "histozoo", "library_version": __version__}
        write_json(part / CONFIG, {**made_by, **config, "weights": weights})


def read_config(folder: Path) -> dict[str, Any]:
    """The config of a bundle, if this zoo can read it."""
    path = folder / CONFIG
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BundleError(f"there is no {CONFIG}, so this is not a bundle", where=str(folder)) from error
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BundleError(f"{CONFIG} cannot be read: {error}", where=str(folder)) from error
    if not isinstance(document, dict) or document.get("library") != "histozoo":
        raise BundleError(f"{CONFIG} was not written by histozoo", where=str(folder))
    if document.get("format") != FORMAT:
        raise BundleError(
            f"bundle format {document.get('format')!r}; this zoo reads format {FORMAT}",
            where=str(folder),
            hint=f"it was written by histozoo {document.get('library_version')}; pip install -U histozoo",
        )
    return document


def read_weights(folder: Path) -> dict[str, Tensor]:
    """The weights, after their checksum was compared with the config's."""
    path = folder / WEIGHTS
    if not path.is_file():
        raise BundleError(f"there is no {WEIGHTS}", where=str(folder))
    weights = read_config(folder).get("weights")
    stated = weights.get("sha256") if isinstance(weights, dict) else None
    if sha256(path) != stated:
        raise BundleError(
            f"{WEIGHTS} is not the file that {CONFIG} describes: its sha256 differs",
            where=str(folder),
            hint="fetch the bundle again",
        )
    return read_tensors(path)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a safetensors file."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise BundleError(f"cannot be read: {error}", where=str(path)) from error


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write tensors, whole or not at all."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    try:
        with atomic_file(path) as part:
            save_file(plain, part, metadata={"format": "pt"})
    except SafetensorError as error:  # its word for a full disk too
        raise BundleError(f"cannot be written: {error}", where=str(path), hint="is there space left?") from error


def write_report(folder: Path, *, metrics: Mapping[str, Any], card: str) -> None:
    """Add the measured numbers and the card."""
    write_json(folder / METRICS, metrics)
    write_text(folder / CARD, card)
