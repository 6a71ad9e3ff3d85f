"""What the zoo knows of its parts without building any of them. No torch here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
"""What a model, an architecture or a data source may be called; it is part of the name of a run folder."""

Scalar = str | int | float | bool | None
"""An option's value: what JSON and a command line can hold."""

Head = Literal["softmax", "sigmoid"]
"""`softmax`: one output a class. `sigmoid`: one output for two classes, the second being positive."""

Precision = Literal["auto", "float32", "bfloat16"]
Layout = Literal["auto", "channels_last", "contiguous"]
Choice = Literal["auto", "yes", "no"]

Fit = Literal["squash", "crop"]
"""How an image of another shape is brought to size: stretched, or resized and cropped to the centre."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing a caller may choose about an architecture or a source."""

    default: Scalar
    help: str
    choices: tuple[Scalar, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """How an image becomes the tensor a network expects."""

    height: int = 224
    width: int = 224
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"
    fit: Fit = "squash"


@dataclass(frozen=True, kw_only=True)
class Pretrained:
    """Where initial weights come from: one file at one revision of one Hub repository."""

    repo: str
    revision: str
    licence: str
    data: str
    """What the weights were trained on, such as "ImageNet-1k"."""
    load: str
    """`module:function`, called as `function(network, tensors)`; maps the source's keys to the network's."""
    file: str = "model.safetensors"
    sha256: str | None = None
    """The file's hash, where it is known; then it is compared."""


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """Code that builds a network, as a plugin registers it."""

    name: str
    build: str
    """`module:function`, called as `function(num_outputs, **options)`; imported only to build."""
    summary: str
    options: Mapping[str, Option] = field(default_factory=dict)
    preprocessing: Preprocessing = Preprocessing()
    cam_layer: str | None = None
    """The layer whose output the heat map (Grad-CAM) is drawn from."""
    cam_tokens: int | None = None
    """For transformers: how many leading tokens are not image patches. None: the layer gives a map already."""
    pretrained: tuple[Pretrained, ...] = ()
    """Public weights to begin with. Several are loaded together: a network may have several trunks."""


@dataclass(frozen=True, kw_only=True)
class Archive:
    """One .tar.gz that holds a whole data set, as its owners publish it."""

    url: str
    folder: str
    """The folder it unpacks to."""
    by: str
    """The fact of a sample that `images` counts by, beside the class."""
    images: Mapping[str, Mapping[str, int]]
    """What a whole copy holds: class -> value of that fact -> number of images."""
    most_files: int
    """More files than this are a bomb, and not the data set."""
    most_bytes: int
    """The same for what it unpacks to."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Something that lists samples, as a plugin registers it."""

    name: str
    read: str
    """`module:function`, called as `function(root, **options)`; gives a `zoo.data.Manifest`.

    A source that takes nothing makes its own data, and is called as `function(progress=..., **options)` instead.
    """
    recognise: str | None = None
    """`module:function`, called as `function(path)`; true if the tree or file there says by itself that it is this."""
    summary: str
    options: Mapping[str, Option] = field(default_factory=dict)
    licence: str = "unknown"
    home: str | None = None
    size: str | None = None
    """What a complete copy holds, in words."""
    archive: Archive | None = None
    """Where the zoo may fetch it, if its owners publish it as one file that anybody may have."""
    takes: Literal["folder", "file", "nothing"] = "folder"
    """What `--root` names."""
    synthetic: bool = False
    recipe: str | None = None
    """The recipe used when neither the user nor the entry's paper decides: only for the built-in sample."""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """Where an architecture and its claims come from."""

    title: str
    authors: str
    year: int
    link: str | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A row of the registry: a name people type, and all that belongs to it."""

    name: str
    architecture: str
    recipe: str = "modern"
    summary: str | None = None
    options: Mapping[str, Scalar] = field(default_factory=dict)
    head: Head = "softmax"
    preprocessing: Mapping[str, Scalar] = field(default_factory=dict)
    """Fields of the architecture's preprocessing that this entry changes."""
    parameters: int | None = None
    """Parameters with two classes; a test builds the network and counts."""
    claimed_parameters: int | None = None
    """What the paper counts; the readings say why where that differs."""
    paper: str | None = None
    claims: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """What the paper reports: data -> measure -> value."""
    readings: tuple[str, ...] = ()
    """What the paper leaves open, and how the zoo reads it."""
    weights: str | None = None
    """The Hub repository of published weights, if there is one."""
    where: str = ""
    """The file and line this row stands on."""
