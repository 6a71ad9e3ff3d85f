"""The files of checkpoints in a run folder.

A checkpoint is a JSON file that names the files of its tensors with their checksums. It is written last, so that a
checkpoint with a JSON file is complete; if a checksum differs, the file was damaged, and the checkpoint before is used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from zoo.errors import BundleError
from zoo.files import sha256, write_json
from zoo.progress import Reporter
from zoo.tensors import read_tensors, write_tensors

if TYPE_CHECKING:
    from torch import Tensor

FORMAT = 2
KEPT = 2
"""How many checkpoints are kept."""
OWN_FILE = re.compile(r"(step|best)-\d+\.(safetensors|json)|\.(step|best)-\d+\..*\.part|\.tmp\w{6}")
"""The names of the files that are written here; the last one is that of a file which safetensors is writing."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The state of a training between two steps."""

    step: int
    """The number of steps taken."""
    facts: Mapping[str, Any]
    """The part of the state that JSON can hold."""
    tensors: Mapping[str, Tensor]
    """Weights, averages and the optimizer's state, by name."""
    best_weights: Mapping[str, Tensor] = field(default_factory=dict)
    """The weights of the best epoch; empty if the last ones are kept."""
    best_epoch: int = 0
    """The number of the best epoch; 0 before there is one."""
    run: Mapping[str, Any] = field(default_factory=dict)
    """What run.yaml said of the training when the checkpoint was written: `RunRecord.fixed`."""


class Checkpoints:
    """The folder with the last checkpoints of a run."""

    def __init__(self, folder: Path, run: Mapping[str, Any] = MappingProxyType({})) -> None:
        """Use a folder; `run` is what run.yaml says of the training, which each checkpoint repeats."""
        self.folder, self.run = folder, run
        self._intact: set[str] = set()
        """The files whose contents are known to be right, as they were written or compared here."""

    def write(self, snapshot: Snapshot) -> None:
        """Write a checkpoint, then delete older ones."""
        self.folder.mkdir(exist_ok=True)
        name = f"step-{snapshot.step:09d}"
        files = {"state": f"{name}.safetensors"}
        write_tensors(self.folder / files["state"], snapshot.tensors)
        if snapshot.best_weights:
            files["best"] = f"best-{snapshot.best_epoch:05d}.safetensors"
            if files["best"] not in self._intact:
                write_tensors(self.folder / files["best"], snapshot.best_weights)
        document = {
            "format": FORMAT,
            "step": snapshot.step,
            "best_epoch": snapshot.best_epoch,
            "run": dict(self.run),
            "facts": dict(snapshot.facts),
            "files": {part: {"name": file, "sha256": sha256(self.folder / file)} for part, file in files.items()},
        }
        write_json(self.folder / f"{name}.json", document)
        self._intact.update(files.values())
        self._delete_old(name)

    def latest(self, progress: Reporter) -> Snapshot | None:
        """Return the newest checkpoint that is not damaged, if there is one; damaged ones are reported."""
        for path in reversed(self._documents()):
            try:
                return self._read(path)
            except (ValueError, KeyError, TypeError, OSError, BundleError) as error:
                progress.say(f"the checkpoint {path.stem} is damaged ({error}): using the one before")
        return None

    def clear(self) -> None:
        """Delete all checkpoints, and their folder unless it contains something else."""
        for path in self._files():
            path.unlink()
        with suppress(OSError):  # it does not exist, or is not empty
            self.folder.rmdir()

    def _read(self, path: Path) -> Snapshot:
        """Read a checkpoint from its JSON file; any error means that it is damaged."""
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']!r}, not {FORMAT}")
        found = {}
        for part, file in document["files"].items():
            tensors = self.folder / Path(file["name"]).name
            if sha256(tensors) != file["sha256"]:
                raise ValueError(f"the checksum of {tensors.name} differs")
            found[part] = read_tensors(tensors)
            self._intact.add(tensors.name)
        return Snapshot(
            step=document["step"],
            facts=document["facts"],
            tensors=found["state"],
            best_weights=found.get("best", {}),
            best_epoch=document["best_epoch"],
            run=document["run"],
        )

    def _documents(self) -> list[Path]:
        """Return the JSON files of all checkpoints, the oldest first."""
        return sorted(path for path in self._files() if path.suffix == ".json")

    def _delete_old(self, newest: str) -> None:
        """Delete all files but those of a checkpoint and the one before, which may be needed if it is damaged.

        Checkpoints of later steps are deleted too: they were damaged, or this one would not have been written.
        """
        documents = [path for path in self._documents() if path.stem <= newest][-KEPT:]
        named = {path.name for path in documents}
        for path in documents:
            try:
                named |= {file["name"] for file in json.loads(path.read_text(encoding="utf-8"))["files"].values()}
            except (ValueError, KeyError, TypeError):  # damaged, by a power cut for example; `latest` skips it
                continue
        for path in self._files():
            if path.name not in named:
                path.unlink()
                self._intact.discard(path.name)

    def _files(self) -> list[Path]:
        """Return the files of all checkpoints, also of half-written ones."""
        return [path for path in self.folder.glob("*") if OWN_FILE.fullmatch(path.name) and not path.is_dir()]
