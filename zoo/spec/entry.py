"""A row of a registry file: a model by name, with its paper and the results that this claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from zoo.spec.choices import Head
from zoo.spec.option import Scalar


@dataclass(frozen=True, kw_only=True)
class ReportedData:
    """The images that a paper reports results for: a column of its table."""

    source: str
    """The name of the data source."""
    options: Mapping[str, Scalar] = field(default_factory=dict)
    """Options of the data source."""
    images: int | None = None
    """The number of images of a complete copy."""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The paper that describes an architecture or a recipe."""

    title: str
    authors: str
    year: int
    link: str | None = None
    data: Mapping[str, ReportedData] = field(default_factory=dict)
    """The data sets of its results, by the names that `claims` use. With these, `zoo reproduce` can reproduce it."""
    split: Literal["image", "patient"] = "image"
    """How the paper splits its images, as far as that is known."""
    digits: int | None = None
    """How many decimals its results have, for those that end in zeros: 0.970, not 0.97. None: those of each claim."""
    pretrained: bool = False
    """Whether the paper says that training starts from pretrained weights."""
    not_comparable: Mapping[str, str] = field(default_factory=dict)
    """Measures whose values in the paper cannot be compared with those of the zoo, with the reasons."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A model in a registry file: the name that users type, its architecture, its recipe and what its paper reports."""

    name: str
    architecture: str
    recipe: str = "modern"
    summary: str | None = None
    options: Mapping[str, Scalar] = field(default_factory=dict)
    head: Head = "softmax"
    preprocessing: Mapping[str, Scalar] = field(default_factory=dict)
    """Fields of the architecture's preprocessing that this entry changes."""
    parameters: int | None = None
    """The number of parameters with two classes; the conformance kit builds the network and compares."""
    claimed_parameters: int | None = None
    """The number of parameters in the paper; if it differs, `readings` says why."""
    claimed_options: Mapping[str, Scalar] = field(default_factory=dict)
    """Options with which the network is the one that the paper counts, if that is not the one of this entry."""
    paper: str | None = None
    claims: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """The results in the paper: data set -> measure -> value."""
    readings: tuple[str, ...] = ()
    """What the paper leaves open, and how the zoo interprets it."""
    weights: str | None = None
    """Published weights, if there are any: a Hub repository at a commit, `you/name@` and 40 hexadecimal digits."""
    cam_layer: str | None = None
    """The layer for the heat map, if it is not that of the architecture; `cam_tokens` is then the row's too."""
    cam_tokens: int | None = None
    """For a layer that returns tokens, the number of leading tokens that are not image patches."""
    where: str = ""
    """The file and line of the entry."""
