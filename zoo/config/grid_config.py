"""The configuration of a grid of runs: models, seeds, folds, and where the runs are executed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from zoo.config.fields import Configuration, Setting, setting, settings_of
from zoo.config.plain import plain
from zoo.config.train_config import ModelConfig, TrainConfig, keywords
from zoo.errors import UsageError, check_known
from zoo.spec import Scalar
from zoo.text import quoted

MAX_RUNS = 100_000
"""The largest number of runs in a grid."""
On = Literal["here", "slurm", "submitit-local"]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One run of a grid."""

    model: str
    seed: int
    fold: int | None = None

    @property
    def name(self) -> str:
        """The name of the run folder."""
        return f"{self.model}-seed{self.seed}" + ("" if self.fold is None else f"-fold{self.fold}")


@dataclass(frozen=True, kw_only=True)
class ExecutionConfig(Configuration):
    """Where the runs of a grid are executed, and how many at a time."""

    jobs: int | None = setting(None, "Number of runs at a time.", group="many runs", at_least=1, may_change=True)
    on: On = setting(
        "here",
        "Where runs are executed. here: in processes on this machine; slurm: as SLURM jobs; submitit-local: with "
        "submitit's local executor, on this machine.",
        group="many runs",
        may_change=True,
    )
    slurm: Mapping[str, Scalar] = setting(
        dict,
        "SLURM options: partition, minutes, gpus, cpus, memory (in GB), account, qos, constraint.",
        group="many runs",
        may_change=True,
    )


@dataclass(frozen=True, kw_only=True)
class GridConfig(Configuration):
    """The configuration of a grid: every model is trained with every seed on every fold."""

    models: tuple[str, ...]
    train: TrainConfig
    """The configuration that all runs share; its model and seed are those of the first run."""
    execution: ExecutionConfig = field(default_factory=ExecutionConfig)
    seeds: int | None = setting(
        None, "Number of runs of each model, with seeds from --seed on.", group="many runs", at_least=1, at_most=10_000
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in self.models:
            ModelConfig(name=name)
        if not self.models:
            raise UsageError("a grid needs at least one model")
        if twice := sorted({name for name in self.models if self.models.count(name) > 1}):
            raise UsageError(
                f"models named more than once: {', '.join(twice)}", hint="--seeds N trains a model several times"
            )
        if (runs := len(self.models) * (self.seeds or 1) * (self.folds or 1)) > MAX_RUNS:
            raise UsageError(f"{runs:,} runs are too many: at most {MAX_RUNS:,}", hint="give fewer seeds or folds")

    @property
    def digest(self) -> str:
        """A hash of everything on which results depend: it is the same from the first session to the last."""
        document = plain(self)
        train = document["train"]
        del document["execution"], train["session"], train["split_file"], train["data"]["root"]
        if train["split_seed"] is None:  # a grid that was started before there was such a setting
            del train["split_seed"]
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]

    @classmethod
    def from_keywords(cls, models: Sequence[str], given: Mapping[str, Any]) -> GridConfig:
        """Return the configuration of a call such as `zoo.train_many(["dala", "cbam56"], seeds=5, epochs=3)`."""
        if not isinstance(models, Iterable):
            raise UsageError(f"models must be a list of names, not {quoted(models)}")
        names = tuple([models] if isinstance(models, str) else models)
        if not names:
            raise UsageError("a grid needs at least one model")
        return cls(models=names, train=TrainConfig.from_keywords(names[0], {})).changed(given)

    def changed(self, given: Mapping[str, Any]) -> GridConfig:
        """Return the configuration with some values changed, by keyword."""
        check_known("option", given, grid_keywords())
        execution = {name: given[name] for name in settings_of(ExecutionConfig) if name in given}
        own = {name: given[name] for name in settings_of(GridConfig) if name in given}
        train = {name: value for name, value in given.items() if name not in execution and name not in own}
        return replace(self, **own, execution=replace(self.execution, **execution), train=self.train.changed(train))

    @property
    def changeable(self) -> dict[str, Any]:
        """The settings that a resumed grid may have other values of, by keyword."""
        return {**self.train.changeable, **vars(self.execution)}

    @property
    def folds(self) -> int | None:
        """The number of folds; None unless every fold is trained."""
        changes = self.train.recipe.changes
        folds: int | None = changes.get("folds") if "fold" not in changes else None
        return folds

    @property
    def all_seeds(self) -> range:
        """The training seeds, beginning with `seed`."""
        return range(self.train.seed, self.train.seed + (self.seeds or 1))

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All runs. All models are trained with the first seed first, so that they can be compared early."""
        folds = [None] if self.folds is None else range(self.folds)
        return tuple(
            Cell(model=model, seed=seed, fold=fold)
            for seed in self.all_seeds
            for model in self.models
            for fold in folds
        )

    def train_config(self, cell: Cell) -> TrainConfig:
        """Return the configuration of one run."""
        train = replace(self.train, model=replace(self.train.model, name=cell.model), seed=cell.seed)
        return train if cell.fold is None else train.changed({"fold": cell.fold})


def grid_keywords() -> dict[str, Setting]:
    """Return every setting of a grid by its keyword."""
    train = {keyword: setting_ for keyword, (_, setting_) in keywords().items()}
    return {**train, **settings_of(GridConfig), **settings_of(ExecutionConfig)}
