"""An architecture: the function that builds a network, and facts about the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from zoo.errors import UsageError
from zoo.spec.choices import Fit
from zoo.spec.option import Option, Scalar


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """How an image is resized and normalized for a network."""

    height: int = 224
    width: int = 224
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"
    fit: Fit = "squash"
    crop_pct: float = field(default=1.0, metadata={"optional": True})
    """The share of the height and width of the image, or of the crop, that is kept around the center, as in timm."""


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
class TimmModel:
    """The network of timm that an architecture is, so that timm loads its bundles.

    The names of the weights must be those of timm's network, or names that timm converts when it loads a file.
    """

    name: str
    """Its name in timm, such as `resnet50`. It may contain options of the architecture in braces: `{name}`."""
    classifier: str
    """The last layer in timm, which timm replaces for another number of classes."""
    first_conv: str
    """The first layer in timm, which timm adapts to another number of channels."""
    arguments: Mapping[str, Scalar] = field(default_factory=dict)
    """Arguments of `timm.create_model` with which it is the same network at any size of the images."""
    arguments_option: str | None = None
    """The option of the architecture that has further arguments, as JSON; None if there is none."""
    options: Mapping[str, Scalar] = field(default_factory=dict)
    """Options of the architecture with which it is timm's network; with other values it is not."""
    largest_side: int | None = None
    """The largest height and width at which both compute the same; None if they always do."""


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
    standalone: bool = True
    """Whether it is a model without a row in a registry file; not if its options have no useful defaults."""
    timm: TimmModel | None = None
    """The network of timm that this is; None if timm has no such network."""
    pretrained: tuple[Pretrained, ...] = ()
    """Public weights to start training from. Several are loaded together, since a network may have several trunks."""
