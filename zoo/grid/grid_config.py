"""Which runs a grid is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zoo.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One run of a grid."""

    model: str
    seed: int
    fold: int | None = None

    @property
    def name(self) -> str:
        """What its folder is called."""
        return f"{self.model}-seed{self.seed}" + ("" if self.fold is None else f"-fold{self.fold}")


@dataclass(frozen=True, kw_only=True)
class GridConfig:
    """What a grid was asked for."""

    models: tuple[str, ...]
    options: Mapping[str, Any]
    """Those of `zoo.train`, the same for every run, as YAML holds them."""
    seed: int = 0
    """The first."""
    seeds: int | None = None
    folds: int | None = None
    """How many, if each is to be a run of its own."""

    def __post_init__(self) -> None:
        if not self.models:
            raise UsageError("a grid needs the name of a model at least")
        if twice := sorted({name for name in self.models if self.models.count(name) > 1}):
            raise UsageError(f"named twice: {', '.join(twice)}", hint="--seeds N trains a model several times")
        for name, least in (("seeds", 1), ("folds", 3)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise UsageError(f"{name} must be at least {least}, not {value}")

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every run. A model's first seed comes first for all models, so that a table is soon of use."""
        seeds = range(self.seed, self.seed + (self.seeds or 1))
        folds = [None] if self.folds is None else range(self.folds)
        return tuple(
            Cell(model=model, seed=seed, fold=fold) for seed in seeds for model in self.models for fold in folds
        )

    def options_of(self, cell: Cell) -> dict[str, Any]:
        """What `zoo.train` is called with for one of them."""
        folds = {} if cell.fold is None else {"folds": self.folds, "fold": cell.fold}
        return {**self.options, **folds, "seed": cell.seed}

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "models": list(self.models),
            "seed": self.seed,
            "seeds": self.seeds,
            "folds": self.folds,
            "options": dict(self.options),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> GridConfig:
        """Read back what `as_dict` gave."""
        return cls(
            models=tuple(values["models"]),
            seed=values["seed"],
            seeds=values["seeds"],
            folds=values["folds"],
            options=values["options"],
        )
