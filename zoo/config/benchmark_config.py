"""The configuration of a benchmark: its protocol, the data, and which part of it is trained, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from zoo.config.fields import Configuration, Setting, setting, settings_of
from zoo.config.grid_config import ExecutionConfig
from zoo.config.reproduction_config import Budget
from zoo.config.train_config import ComputeConfig, DataConfig, SessionConfig
from zoo.errors import UsageError, check_known


@dataclass(frozen=True, kw_only=True)
class BenchmarkConfig(Configuration):
    """The configuration of a benchmark, as the user gives it."""

    protocol: str
    """The name of a protocol, or the path of one as a YAML file."""
    out: Path | None = setting(None, "The folder, to continue too; runs/benchmark-NAME if not given.", group="output")
    budget: Budget = setting(
        "full",
        "full: the protocol. smoke: one epoch on a few small images, to see that everything works; its numbers say "
        "nothing.",
        group="training",
    )
    parts: tuple[str, ...] = setting(
        (), "Parts of the protocol to train now, separated by commas; by default all.", group="training"
    )
    models: tuple[str, ...] = setting(
        (), "Models to train, separated by commas; by default those of the protocol.", group="model"
    )
    init: Literal["scratch", "auto", "imagenet"] = setting(
        "scratch",
        "Initial weights. scratch: random; imagenet: pretrained; auto: pretrained if there are any and they can be "
        "downloaded.",
        group="model",
    )
    seeds: int | None = setting(
        None,
        "Number of runs of each model, with seeds from 0 on; by default that of the protocol.",
        group="many runs",
        at_least=1,
        at_most=10_000,
    )
    splits: Path | None = setting(
        None, "Folder with published splits, a CSV file for each part, as a benchmark writes them.", group="data"
    )
    stress: bool = setting(True, "Degrade the test images of one run of each model.", group="output")
    report: bool = setting(False, "Train nothing: write the results of the runs that are finished.", group="output")
    passed: Mapping[str, Any] = field(default_factory=dict)
    """Keywords that all grids are given: where the data are, and on what to compute."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.splits is not None and self.budget == "smoke":
            raise UsageError("splits has no effect on a smoke run, which takes a few images of its own")

    @classmethod
    def from_keywords(cls, protocol: str, given: Mapping[str, Any]) -> BenchmarkConfig:
        """Return the configuration of a call such as `BenchmarkConfig.from_keywords("idc", {"root": "IDC"})`."""
        check_known("option", given, benchmark_keywords())
        own = settings_of(BenchmarkConfig)
        return cls(
            protocol=protocol,
            passed={name: value for name, value in given.items() if name not in own},
            **{name: value for name, value in given.items() if name in own},
        )


def benchmark_keywords() -> dict[str, Setting]:
    """Return every setting of a benchmark by its keyword."""
    data, session = settings_of(DataConfig), settings_of(SessionConfig)
    passed = {name: data[name] for name in ("root", "store", "tolerate")} | {"save_every": session["save_every"]}
    return {**settings_of(BenchmarkConfig), **passed, **settings_of(ComputeConfig), **settings_of(ExecutionConfig)}
