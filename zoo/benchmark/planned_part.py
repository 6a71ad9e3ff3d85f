"""The grid of runs of a part of a protocol, as keywords of `zoo.train_many`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.benchmark.protocol import SPLITS, Part, Protocol
from zoo.config.benchmark_config import BenchmarkConfig
from zoo.config.grid_config import GridConfig
from zoo.grid.smoke import SETTINGS, smoke_side
from zoo.registry import registry

OF_A_SPLIT = ("split", "split_seed", "fractions", "folds", "fold")
"""Keywords that have no effect beside a file that states the split."""


@dataclass(frozen=True, kw_only=True)
class PlannedPart:
    """A part of a protocol, with the models that are trained."""

    part: Part
    models: tuple[str, ...]
    path: Path
    """The folder of its grid."""
    split_file: Path
    """The published split."""
    stated: bool
    """Whether that file states the split; if not, it is written after training, as folds always are."""
    keywords: Mapping[str, Any]
    """The keywords of `zoo.train_many`, but for the folder."""

    @property
    def config(self) -> GridConfig:
        """The configuration of the grid."""
        return GridConfig.from_keywords(self.models, self.keywords)

    @property
    def policy_config(self) -> GridConfig:
        """The configuration of a grid whose split is made, not read from a file."""
        own = {name: value for name, value in self.part.settings.items() if name in OF_A_SPLIT}
        kept = {name: value for name, value in self.keywords.items() if name != "split_file"}
        return GridConfig.from_keywords(self.models, {**kept, **own})


def plan_parts(protocol: Protocol, config: BenchmarkConfig, folder: Path) -> tuple[PlannedPart, ...]:
    """Return the parts of a protocol, all of them, whichever are to be trained now.

    Args:
        protocol: The protocol.
        config: The configuration.
        folder: The folder of the benchmark.
    """
    return tuple(_planned(protocol, part, config, folder) for part in protocol.parts)


def _planned(protocol: Protocol, part: Part, config: BenchmarkConfig, folder: Path) -> PlannedPart:
    models, smoke = part.chosen(config.models), config.budget == "smoke"
    settings = {**part.settings, "split_seed": protocol.split_seed}
    if config.init == "scratch":
        settings |= part.from_scratch or {}
    if smoke:
        side = smoke_side([registry().model(name).architecture.image_size for name in models])
        settings |= {**SETTINGS, "height": side, "width": side}
    file = folder / SPLITS / f"{part.name}.csv"
    stated = smoke or (config.splits is not None and "folds" not in part.settings)
    if stated:
        settings = {name: value for name, value in settings.items() if name not in OF_A_SPLIT} | {"split_file": file}
    own = {"data": protocol.source, "recipe": part.recipe, "init": config.init, "seeds": _seeds(protocol, part, config)}
    return PlannedPart(
        part=part,
        models=models,
        path=folder / part.name,
        split_file=file,
        stated=stated,
        keywords={**own, **settings, **config.passed},
    )


def _seeds(protocol: Protocol, part: Part, config: BenchmarkConfig) -> int:
    """Return the number of seeds: that of the user, or that of the part or the protocol, or one for a smoke run."""
    return config.seeds or (1 if config.budget == "smoke" else part.seeds or protocol.seeds)
