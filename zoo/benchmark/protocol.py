"""A protocol: data, how they are split, and grids of runs, each with the question that it answers.

The protocols of the zoo are the YAML files in `protocols/`. A file of your own is read in the same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zoo.config.plain import OPTIONAL, from_plain
from zoo.config.yaml_file import read_document
from zoo.errors import DataError, look_up
from zoo.valid_names import is_name

FOLDER = Path(__file__).parent / "protocols"
SPLITS, EXTRAS = "splits", "extras"
"""Folders beside those of the parts: the published splits, and what is measured after training."""
RESERVED = (SPLITS, EXTRAS)
"""Names that no part may have."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One grid of runs, and the question that it answers."""

    name: str
    question: str
    models: tuple[str, ...]
    recipe: str
    settings: Mapping[str, Any]
    """Keywords of `zoo.train_many`, the changed settings of the recipe among them."""
    seeds: int | None = field(default=None, metadata=OPTIONAL)
    """How often each model is trained on each split; by default as often as the protocol says."""
    from_scratch: Mapping[str, Any] | None = field(default=None, metadata=OPTIONAL)
    """Further settings that hold for training without pretrained weights only, such as a higher learning rate."""
    pairs: tuple[tuple[str, str], ...] | None = field(default=None, metadata=OPTIONAL)
    """The pairs of models that are tested: is the first one better than the second?"""
    against: str | None = field(default=None, metadata=OPTIONAL)
    """The part that this one is compared with: the same models, on the images that both parts test."""

    def chosen(self, models: tuple[str, ...]) -> tuple[str, ...]:
        """Return the models to train: those of the part that are named, or all named ones if it has none of them."""
        return tuple(name for name in self.models if name in models) or models or self.models

    def chosen_pairs(self, models: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """Return the pairs to test among some models: of other models than the part's, each other one and the first."""
        if self.against is not None:
            return ()
        if set(models) <= set(self.models):
            return tuple((one, two) for one, two in self.pairs or () if one in models and two in models)
        return tuple((name, models[0]) for name in models[1:])


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """What is trained on which data, and what is asked."""

    name: str
    """That of its file."""
    title: str
    source: str
    """The name of the data source."""
    obtain: str
    """Where the data are, and which path --root is."""
    unit: str
    """What the groups of the data are, which a split by patient keeps together: patient, tile."""
    limits: tuple[str, ...]
    """What the data cannot show."""
    seeds: int
    split_seed: int
    """The seed of every split, so that all runs of a part are tested on the same images."""
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        names = Counter(part.name for part in self.parts)
        for part in self.parts:
            if not is_name(part.name) or part.name in RESERVED or names[part.name] > 1:
                raise ValueError(f"parts: {part.name!r} is not a name, or is reserved, or there are two of it")
            if part.against is not None and (part.against not in names or part.against == part.name):
                raise ValueError(f"parts: {part.name} is compared with {part.against!r}, which is no other part")
            if part.against is not None and part.pairs:
                raise ValueError(f"parts: {part.name} has pairs, which are not tested beside against: leave out one")
            for one, two in part.pairs or ():
                if wrong := {one, two} - set(part.models):
                    raise ValueError(f"parts: {part.name} has the pair {one}, {two}, but no model {min(wrong)}")

    def part(self, name: str) -> Part:
        """Return a part by its name."""
        return look_up(f"part of the protocol {self.name}", name, {part.name: part for part in self.parts})


def protocols() -> dict[str, Protocol]:
    """Return the protocols of the zoo by name."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.yaml"))}


def read_protocol(name: str) -> Protocol:
    """Return a protocol of the zoo by name, or the one in a YAML file."""
    if name.endswith((".yaml", ".yml")):
        return _read(Path(name))
    return look_up("protocol", name, protocols())


def _read(path: Path) -> Protocol:
    """Return the protocol in a file."""
    try:
        document = read_document(path)
        if not isinstance(document, Mapping):
            raise ValueError("it is not a mapping of names to values")
        return from_plain(Protocol, {"name": path.stem, **document})
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    except ValueError as error:
        raise DataError(f"is not a protocol: {error}", where=str(path)) from error
