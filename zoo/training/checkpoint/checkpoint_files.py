"""Checkpoints as they lie in a run's folder.

One is a JSON file that names the files of its tensors with their sums. It is written last: without it there is no
checkpoint, and with it there is a whole one, unless a sum says otherwise. Then the one before is taken.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from zoo.errors import BundleError
from zoo.files import sha256, write_json
from zoo.progress import Reporter
from zoo.tensors import read_tensors, write_tensors

FORMAT = 1
KEPT = 2


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A training between two steps."""

    step: int
    """How many steps are done."""
    facts: Mapping[str, Any]
    """What JSON can hold."""
    tensors: Mapping[str, Tensor]
    best: Mapping[str, Tensor] = field(default_factory=dict)
    """The weights to keep, if they are not the present ones."""
    best_epoch: int = 0


class Checkpoints:
    """A folder of the last few."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, snapshot: Snapshot) -> None:
        """Add one; then take away what is older than the ones kept."""
        self.folder.mkdir(exist_ok=True)
        name = f"step-{snapshot.step:09d}"
        files = {"state": f"{name}.safetensors"}
        write_tensors(self.folder / files["state"], snapshot.tensors)
        if snapshot.best:
            files["best"] = f"best-{snapshot.best_epoch:05d}.safetensors"
            if not (self.folder / files["best"]).exists():
                write_tensors(self.folder / files["best"], snapshot.best)
        document = {
            "format": FORMAT,
            "step": snapshot.step,
            "best_epoch": snapshot.best_epoch,
            "facts": dict(snapshot.facts),
            "files": {part: {"name": file, "sha256": sha256(self.folder / file)} for part, file in files.items()},
        }
        write_json(self.folder / f"{name}.json", document)
        self._tidy()

    def latest(self, progress: Reporter) -> Snapshot | None:
        """The newest whole one; what is torn is said and passed over."""
        for path in reversed(self._documents()):
            try:
                return self._read(path)
            except (ValueError, KeyError, TypeError, OSError, BundleError) as error:
                progress.say(f"the checkpoint {path.stem} is damaged ({error}): taking the one before")
        return None

    def clear(self) -> None:
        """Take everything away, once it is no longer needed."""
        if self.folder.is_dir():
            for path in self.folder.iterdir():
                path.unlink()
            self.folder.rmdir()

    def _read(self, path: Path) -> Snapshot:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']!r}, not {FORMAT}")
        found = {}
        for part, file in document["files"].items():
            place = self.folder / Path(file["name"]).name
            if sha256(place) != file["sha256"]:
                raise ValueError(f"the sum of {place.name} differs")
            found[part] = read_tensors(place)
        return Snapshot(
            step=document["step"],
            facts=document["facts"],
            tensors=found["state"],
            best=found.get("best", {}),
            best_epoch=document["best_epoch"],
        )

    def _documents(self) -> list[Path]:
        return sorted(self.folder.glob("step-*.json"))

    def _tidy(self) -> None:
        """Keep the newest, what they name, and nothing else: a killed process leaves halves of files behind."""
        documents = self._documents()
        for path in documents[:-KEPT]:
            path.unlink()
        named = {path.name for path in documents[-KEPT:]}
        for path in documents[-KEPT:]:
            try:
                named |= {file["name"] for file in json.loads(path.read_text(encoding="utf-8"))["files"].values()}
            except (ValueError, KeyError, TypeError):  # torn, by a power cut say; it will be passed over
                continue
        for path in self.folder.iterdir():
            if path.name not in named:
                path.unlink()
