"""The configuration of a reproduction: the paper, the data, the budget, and how the data are split."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from zoo.config.fields import Configuration, Setting, setting, settings_of
from zoo.config.grid_config import ExecutionConfig
from zoo.config.plain import plain
from zoo.config.train_config import ComputeConfig, DataConfig, SessionConfig
from zoo.errors import check_known

Budget = Literal["full", "smoke"]
SplitUnit = Literal["image", "patient"]


@dataclass(frozen=True, kw_only=True)
class ReproductionConfig(Configuration):
    """The configuration of a reproduction, as the user gives it."""

    paper: str
    """The name of the paper in the registry."""
    data: DataConfig = field(default_factory=DataConfig)
    compute: ComputeConfig = field(default_factory=ComputeConfig)
    session: SessionConfig = field(default_factory=SessionConfig)
    execution: ExecutionConfig = field(default_factory=ExecutionConfig)
    budget: Budget = setting(
        "full",
        "full: the paper's recipe. smoke: one epoch on a few small images, from scratch, to see that everything works; "
        "its numbers say nothing about the paper.",
        group="training",
    )
    split: Literal["paper", "image", "patient", "both"] = setting(
        "paper",
        "How the data are split. paper: as in the paper; image: images of one patient are in several parts; patient: "
        "all images of a patient are in the same part; both: everything is trained with both splits, which shows what "
        "the leak of a split by image is worth.",
        group="training",
    )
    models: tuple[str, ...] = setting(
        (), "Rows of the paper's table to reproduce, separated by commas; by default all.", group="model"
    )
    columns: tuple[str, ...] = setting(
        (), "Data sets of the paper's table, such as 40x,100x; by default all.", group="data"
    )
    init: Literal["auto", "scratch"] = setting(
        "auto",
        "Initial weights. auto: pretrained weights if there are any and they can be downloaded, else from scratch.",
        group="model",
    )
    seed: int = setting(0, "Random seed of the split and of training.", group="training", at_least=0, below=1 << 63)
    seeds: int | None = setting(
        None, "Number of runs of each model, with seeds from --seed on.", group="many runs", at_least=1, at_most=10_000
    )

    @classmethod
    def from_keywords(cls, paper: str, given: Mapping[str, Any]) -> ReproductionConfig:
        """Return the configuration of a call such as `zoo.reproduce("guo2024", data="sample", budget="smoke")`."""
        return cls(paper=paper).changed(given)

    def changed(self, given: Mapping[str, Any]) -> ReproductionConfig:
        """Return the configuration with some values changed, by keyword."""
        check_known("option", given, reproduction_keywords())
        changes: dict[str, Any] = {name: given[name] for name in settings_of(ReproductionConfig) if name in given}
        for part, kind in PARTS.items():
            declared = settings_of(kind)
            values = {declared[name].field: given[name] for name in declared if name in given}
            if values:
                changes[part] = replace(getattr(self, part), **values)
        return replace(self, **changes)

    @property
    def fixed(self) -> dict[str, Any]:
        """Everything on which the results depend, as plain values, but not where the data are."""
        document: dict[str, Any] = plain(self)
        del document["execution"], document["session"], document["data"]["root"]
        return document

    @property
    def digest(self) -> str:
        """A hash of everything on which the results depend."""
        return hashlib.sha256(json.dumps(self.fixed, sort_keys=True).encode()).hexdigest()[:16]


PARTS: Mapping[str, type] = {
    "data": DataConfig,
    "compute": ComputeConfig,
    "session": SessionConfig,
    "execution": ExecutionConfig,
}


def reproduction_keywords() -> dict[str, Setting]:
    """Return every setting of a reproduction by its keyword."""
    known = dict(settings_of(ReproductionConfig))
    for kind in PARTS.values():
        known |= settings_of(kind)
    data, out = known["data"], known["out"]
    known["data"] = replace(data, default=None, help=f"{data.help} `sample` to try it out, with --budget smoke.")
    known["out"] = replace(
        out,
        help="The folder; if not given, the last runs/reproduce-PAPER-N with the same settings, which is continued, or "
        "else the next free one.",
    )
    return known
