"""The options of `zoo.train`, the same for every run of a grid."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from zoo.config import values as typed
from zoo.config.recipe import RecipeChanges
from zoo.errors import UnknownNameError
from zoo.registry import registry

if TYPE_CHECKING:
    from zoo.grid.grid_config import Cell, GridConfig
    from zoo.spec import Choice, Layout, Precision, Scalar
    from zoo.training.plan import Init, Plan

OWN = {"name", "out", "progress", "changes", "seed"}
"""What the grid says to `zoo.train` itself."""


class TrainOptions(RecipeChanges, total=False):
    """What `zoo.train` takes besides."""

    data: str
    root: str | Path | None
    options: Mapping[str, Scalar] | None
    model_options: Mapping[str, Scalar] | None
    recipe: str | None
    init: Init
    split_file: str | Path | None
    store: bool
    tolerate: float
    device: str
    precision: Precision
    layout: Layout
    compile: Choice
    resident: Choice
    sync_norm: Choice
    deterministic: bool
    save_every: float
    track: str | None


def plain_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Checked names, and values as YAML holds them; paths count from wherever a run is begun."""
    from zoo.data.source_lookup import find_source
    from zoo.training import train

    known = {*inspect.signature(train).parameters, *get_type_hints(RecipeChanges)} - OWN
    for name in given:
        if name not in known:
            raise UnknownNameError("option", name, known)
    plain = {name: _plain(value) for name, value in given.items()}
    if "data" in given:
        source, place = find_source(given["data"], given.get("root"), registry().plugins.sources)
        plain |= {"data": source.name, "root": str(place) if place is not None else None}
    for name in ("root", "split_file"):
        if plain.get(name) is not None:
            plain[name] = str(Path(plain[name]).resolve())
    return plain


def plan_of(config: GridConfig, cell: Cell) -> Plan:
    """Look up and check everything that one run will be told."""
    from zoo.training.compute import compute_as
    from zoo.training.compute_config import ComputeConfig
    from zoo.training.plan import make_plan
    from zoo.training.trackers import find_tracker

    given = config.options_of(cell)
    compute_config = ComputeConfig(**{name: given.pop(name) for name in typed.fields(ComputeConfig) if name in given})
    changes = {name: given.pop(name) for name in get_type_hints(RecipeChanges) if name in given}
    planned = {name: value for name, value in given.items() if name in inspect.signature(make_plan).parameters}
    plan = make_plan(cell.model, compute_config=compute_config, changes=changes, **planned)
    compute_as(compute_config)
    find_tracker(given.get("track"))
    return plan


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Path) else value
