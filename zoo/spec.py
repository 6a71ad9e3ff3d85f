"""What plugins and registry files declare: architectures, data sources, augmentations, models, papers and the like.

This module does not import torch, so that declarations are read quickly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from zoo.errors import UsageError

Scalar = str | int | float | bool | None
"""The value of an option: it can be written to JSON and typed on a command line."""

Head = Literal["softmax", "sigmoid"]
"""`softmax`: one output for each class. `sigmoid`: one output for two classes, of which the second is positive."""

Precision = Literal["auto", "float32", "bfloat16"]
Layout = Literal["auto", "channels_last", "contiguous"]
Choice = Literal["auto", "yes", "no"]

Fit = Literal["squash", "crop"]
"""How an image with another aspect ratio is resized: stretched, or scaled and cropped to the center."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """An option of an architecture or of a data source."""

    default: Scalar
    """Its value if none is given. Its type is the type of the option."""
    help: str
    choices: tuple[Scalar, ...] = ()
    """The values allowed; empty if every value of the type is."""
    at_least: float | None = None
    """The smallest number allowed."""
    at_most: float | None = None
    """The largest number allowed. Set it where a large number makes a large network: a bundle may be from anybody."""


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """How an image is resized and normalized for a network."""

    height: int = 224
    width: int = 224
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"
    fit: Fit = "squash"


@dataclass(frozen=True, kw_only=True)
class ImageSize:
    """The image sizes that a network accepts; by default all."""

    multiple_of: int = 1
    """The number of which height and width must be multiples, such as the patch size of a transformer."""
    at_least: int = 1
    """The smallest height and width."""

    def __post_init__(self) -> None:
        if min(self.multiple_of, self.at_least) < 1:
            raise ValueError(f"multiple_of and at_least must be 1 or more, not {self.multiple_of} and {self.at_least}")

    def check(self, height: int, width: int) -> None:
        """Raise a UsageError that names the nearest size that fits, unless images of this size are accepted."""
        if all(side % self.multiple_of == 0 and side >= self.at_least for side in (height, width)):
            return
        rules = [f"multiples of {self.multiple_of}"] * (self.multiple_of > 1)
        rules += [f"at least {self.at_least}"] * (self.at_least > 1)
        raise UsageError(
            f"images of {height}x{width} do not fit: height and width must be {' and '.join(rules)}",
            hint=f"the nearest size that fits is {self._nearest(height)}x{self._nearest(width)} (height x width)",
        )

    def _nearest(self, side: int) -> int:
        """Return the multiple that is nearest to a side and not below the smallest."""
        smallest = -(-self.at_least // self.multiple_of) * self.multiple_of
        return max(smallest, (side + self.multiple_of // 2) // self.multiple_of * self.multiple_of)


@dataclass(frozen=True, kw_only=True)
class Pretrained:
    """Pretrained weights: one file at one revision of a Hub repository."""

    repo: str
    revision: str
    license: str
    data: str
    """What the weights were trained on, such as "ImageNet-1k"."""
    load: str
    """`module:function`, called as `function(network, tensors)`; loads the tensors of the file into the network."""
    file: str = "model.safetensors"
    sha256: str | None = None
    """The hash that the downloaded file must have; None if it is not checked."""


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """An architecture that a plugin registers: the function that builds the network, and facts about the network."""

    name: str
    build: str
    """`module:function`, called as `function(num_outputs, **options)`; imported only when a network is built."""
    summary: str
    options: Mapping[str, Option] = field(default_factory=dict)
    preprocessing: Preprocessing = Preprocessing()
    image_size: ImageSize = ImageSize()
    """The image sizes that the network accepts; another one is refused before any image is decoded."""
    cam_layer: str | None = None
    """The name of the layer whose output the heat map (Grad-CAM) is computed from."""
    cam_tokens: int | None = None
    """For transformers, the number of leading tokens that are not image patches; None if the layer returns a map."""
    pretrained: tuple[Pretrained, ...] = ()
    """Public weights to start training from. Several are loaded together, since a network may have several trunks."""


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A .tar.gz file with a complete data set, as its owners publish it."""

    url: str
    folder: str
    """The name of the folder that it is unpacked to."""
    by: str
    """The fact of a sample by which `images` counts, in addition to the class."""
    images: Mapping[str, Mapping[str, int]]
    """The contents of a complete copy: class -> value of that fact -> number of images."""
    most_files: int
    """An archive with more files is refused, since it may be a decompression bomb."""
    most_bytes: int
    """An archive that unpacks to more bytes is refused."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A data source that a plugin registers: the function that lists its samples, and facts about the data."""

    name: str
    read: str
    """`module:function`, called as `function(root, **options)`; returns a `zoo.data.Manifest`.

    A source with `takes="nothing"` creates its own data, and is called as `function(progress=..., **options)` instead.
    """
    recognize: str | None = None
    """`module:function`, called as `function(path)`; returns whether a folder or file has the layout of this source."""
    summary: str
    options: Mapping[str, Option] = field(default_factory=dict)
    license: str = "unknown"
    home: str | None = None
    """The web page of the data set."""
    size: str | None = None
    """A description of the size of a complete copy, such as "7,909 images of 82 patients"."""
    archive: Archive | None = None
    """The archive that `zoo data fetch` downloads, if the owners publish one without registration."""
    takes: Literal["folder", "file", "nothing"] = "folder"
    """Whether `--root` is a folder or a file, or there is none."""
    synthetic: bool = False
    recipe: str | None = None
    """The default recipe for this source, in place of the model's own; only the built-in sample has one."""
    any_data: bool = False
    """Whether it reads data of any origin, as a table does, so that its name does not say whose patients they are."""


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """An augmentation that a plugin registers: the function that changes a batch of images at random."""

    name: str
    """The name that is typed after `--augment`. Its random numbers depend on it too."""
    apply: str
    """`module:function`, called as `function(images, draws)`; returns the changed images as a new tensor.

    `images` are N x 3 x height x width of float32 in 0..1, on the device of the training. `draws` are N x `draws`
    numbers in [0, 1), the only source of randomness: they depend on the seed, the epoch and the image alone.
    """
    draws: int
    """How many random numbers it needs for each image."""
    summary: str


@dataclass(frozen=True, kw_only=True)
class ExplanationMethod:
    """An explanation method that a plugin registers: the function that computes a heat map of an image."""

    name: str
    """The name that is typed after `--method`."""
    title: str
    """Its name in figures, such as "Grad-CAM"."""
    explain: str
    """`module:function`, called as `function(network, image, score)`; returns a heat map as rows x columns in 0..1.

    `network` is in evaluation mode, and other threads may use it. `image` is preprocessed: 1 x 3 x height x width.
    `score(logits)` is the score of the class to explain, for each row of logits. The map covers the whole image, in any
    resolution. Gradients are computed.
    """
    summary: str
    uses_layer: bool = False
    """Whether it needs the layer that a model declares for heat maps (`cam_layer`, `cam_tokens`).

    Then the function is called as `function(network, image, score, layer=..., tokens=...)`.
    """


RestsOn = Literal["all", "every class", "positive class", "negative class"]
MeasureScale = Literal["share", "correlation", "amount"]
"""`share`: from 0 to 1. `correlation`: from -1 to 1. `amount`: from 0 to infinity."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure of predictions that a plugin registers."""

    name: str
    """Its key in metrics.json."""
    title: str
    """Its name for a reader."""
    measure: str
    """`module:function`, called as `function(predictions, weights)`; returns a number, or NaN where it is undefined.

    `predictions` is a `zoo.metrics.Predictions`; `weights` has a number of 0 or more for each of its samples. Only the
    proportions of the weights count, and a sample of weight 0 does not count. It is called once for each patient, who
    is left out, so that the measure has an interval. It may also name an object of `zoo.metrics.measure_functions`.
    """
    summary: str
    """What it is, in one sentence."""
    higher_is_better: bool = True
    rests_on: RestsOn = "every class"
    """Whose patients must be numerous enough for an interval: those of every class; of the positive or the negative one
    of two classes; or all, whatever their class."""
    scale: MeasureScale = "share"
    """The values that are possible."""
    all_or_none: bool = False
    """Whether 1 (or 0) means that no (or every) patient has an error, so that its limit is that of n of n patients. A
    measure that follows from counts is computed at that limit instead."""
    no_interval: str = ""
    """Why it never has an interval, such as a bias that is larger; empty if it may have one."""
    headline: bool = False
    """Whether it is among the few that the terminal shows."""


@dataclass(frozen=True, kw_only=True)
class Exporter:
    """A format that a model is exported to: one file, with a function that writes it and one that runs it."""

    name: str
    title: str
    """Its name in texts, such as "ONNX"."""
    summary: str
    suffix: str
    """The suffix of its files, which chooses the format: ".onnx"."""
    runs_with: str
    """What runs such a file."""
    write: str
    """`module:function`, called as `function(network, images, path, metadata)`; writes the file.

    `network` is an `nn.Module` that returns logits and probabilities, `images` a batch of two, `metadata` a mapping of
    texts to write into the file. The file must accept any number of images.
    """
    run: str
    """`module:function`, called as `function(path)`; returns a function from a batch to logits and probabilities."""
    needs: tuple[str, ...] = ()
    """The packages that it imports and that histozoo does not need otherwise."""
    extra: str | None = None
    """The extra of histozoo that installs them."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command that a plugin adds to `zoo`."""

    name: str
    """The name that is typed after `zoo`."""
    command: str
    """`module:command`, a `click.Command` or a group of them; imported only when it runs."""
    summary: str
    """The line in `zoo --help`."""


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
    """The Hub repository of published weights, if there is one."""
    cam_layer: str | None = None
    """The layer for the heat map, if it is not that of the architecture; `cam_tokens` is then the row's too."""
    cam_tokens: int | None = None
    """For a layer that returns tokens, the number of leading tokens that are not image patches."""
    where: str = ""
    """The file and line of the entry."""
