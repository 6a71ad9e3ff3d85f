"""Many hostile bundles, one after the other, through every door."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image

from tests.fuzz.doors import try_bundle
from tests.fuzz.hostile_bundles import OPTIONS, make_hostile
from tests.fuzz.sound_bundle import CLASSES, write_sound_bundle
from zoo.errors import UnknownNameError
from zoo.metrics import measure
from zoo.metrics.metrics_file import DatasetInfo, EvaluatedPart, Metrics
from zoo.registry import meta_network, registry

FAULTS = (
    "foreign exception",
    "hangs",
    "takes more than a second",
    "takes much memory",
    "prints NaN or infinity",
    "prints no valid JSON",
    "prints control characters",
    "message is longer than a screen",
    "advises a command of the bundle",
    "the card has markup of the bundle",
    "the card has other metadata",
    "uploads a file from elsewhere",
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What all doors did with one bundle."""

    number: int
    kind: str
    what: str
    refused: bool
    """Whether any door refused it."""
    faults: tuple[str, ...]
    seconds: float
    megabytes: float

    @property
    def kinds_of_faults(self) -> set[str]:
        """The faults without the door and the exception."""
        return {fault.split(": ")[1] for fault in self.faults}


def campaign(folder: Path, *, bundles: int, seed: int) -> Iterator[Outcome]:
    """Make bundles and yield what the doors did with each; the sound one comes first, as number 0.

    Args:
        folder: An empty folder.
        bundles: How many.
        seed: Another seed makes other bundles.
    """
    sound = write_sound_bundle(folder / "sound", _metrics())
    image = folder / "tile.png"
    pixels = np.random.default_rng(0).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(image)
    _import_architectures()
    try_bundle(sound, image)  # what is imported only once counts for no bundle
    yield _outcome(0, "sound", "nothing was changed", sound, image)
    for number in range(1, bundles + 1):
        hostile = folder / "hostile"
        kind, what = make_hostile(sound, hostile, Random(f"{seed}/{number}"))
        yield _outcome(number, kind, what, hostile, image)
        shutil.rmtree(hostile)


def _outcome(number: int, kind: str, what: str, folder: Path, image: Path) -> Outcome:
    """Take one bundle through every door."""
    trials = try_bundle(folder, image)
    return Outcome(
        number=number,
        kind=kind,
        what=what,
        refused=any(trial.refused for trial in trials),
        faults=tuple(f"{trial.door}: {fault}" for trial in trials for fault in trial.faults),
        seconds=max(trial.seconds for trial in trials),
        megabytes=max(trial.megabytes for trial in trials),
    )


def _import_architectures() -> None:
    """Import the code of the architectures that the bundles name."""
    for name in OPTIONS:
        try:
            architecture, plugin = registry().architecture(name)
        except UnknownNameError:
            continue
        defaults = {option: declared.default for option, declared in architecture.options.items()}
        meta_network(architecture, 2, defaults, plugin=plugin)


def _metrics() -> Metrics:
    """Return the metrics of a made-up test part."""
    labels = [index % 2 for index in range(60)]
    sure = [0.9 if index % 7 else 0.1 for index in range(60)]
    return Metrics(
        data=DatasetInfo(source="breakhis", name="BreakHis 40x", synthetic=False, fingerprint="a1b2c3d4"),
        split=EvaluatedPart(unit="patient", seed=7, part="test"),
        training_seed=3,
        measures=measure(
            labels=labels,
            probabilities=[[p, 1 - p] if y == 0 else [1 - p, p] for y, p in zip(labels, sure, strict=True)],
            classes=list(CLASSES),
            groups=[f"patient {index // 3}" for index in range(60)],
        ),
    )
