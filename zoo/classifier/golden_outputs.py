"""The outputs that were saved with a bundle for a fixed input, which its model must return wherever it is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from zoo.bundle.bundle_config import MOST_CLASSES
from zoo.bundle.bundle_file import bundle_file
from zoo.bundle.bundle_files import CONFIG, GOLDEN, read_config
from zoo.classifier.classifier import Classifier
from zoo.classifier.finite_outputs import check_finite
from zoo.config.preprocessing import MAX_PIXELS
from zoo.device import without_tf32
from zoo.errors import BundleError
from zoo.files import sha256
from zoo.registry import outputs_for
from zoo.tensors import FLOATS, TensorInfo, read_header, read_tensors
from zoo.text import quoted

VerifiedPrecision = Literal["float32", "bfloat16"]

TOLERANCE = 1e-3
"""The largest difference allowed, relative to the largest logit if that is above 1: other processors and devices sum in
another order."""
TOLERANCES: Mapping[VerifiedPrecision, float] = {"float32": TOLERANCE, "bfloat16": 0.05}
"""The same for each precision; bfloat16 has 8 bits, and a trained resnet34 differs by 0.027 in it."""
TENSORS = {"input": 4, "logits": 2}
"""The tensors of the file, with the number of their dimensions."""
MOST_IMAGES = 8
"""How many images the input has at most; this version saves two."""


@dataclass(frozen=True, kw_only=True)
class Golden:
    """An input and its logits, saved with the weights to check copies against."""

    input: Tensor
    logits: Tensor
    changed: bool = False
    """Whether the file is not the one that config.json describes, so that it may be to blame for a difference."""


def read_golden(folder: Path) -> Golden:
    """Return the input and the logits in a bundle; a BundleError if they are missing or damaged."""
    path = bundle_file(folder, GOLDEN)
    if path is None:
        raise BundleError(f"there is no {GOLDEN}", where=str(folder), hint="download the bundle again")
    _check_header(folder, read_header(path))
    tensors = read_tensors(path)
    if not bool(tensors["input"].isfinite().all()):
        raise _damaged(folder, "input has a number that is NaN or infinite")
    stated = read_config(folder).get("golden")
    changed = isinstance(stated, dict) and sha256(path) != stated.get("sha256")
    return Golden(input=tensors["input"].float(), logits=tensors["logits"].float(), changed=changed)


def _check_header(folder: Path, header: Mapping[str, TensorInfo]) -> None:
    """Raise a BundleError unless a file has one small batch of images and its logits."""
    if missing := [name for name in TENSORS if name not in header]:
        raise _damaged(folder, f"it has no tensor {missing[0]!r}")
    if others := [name for name in header if name not in TENSORS]:
        raise _damaged(folder, f"it has a tensor {quoted(others[0])}")
    for name, dimensions in TENSORS.items():
        info = header[name]
        if len(info.shape) != dimensions or info.dtype not in FLOATS or not all(info.shape):
            raise _damaged(folder, f"{name} is {quoted(info.dtype)} of shape {quoted(info.shape)}")
    images, channels, height, width = header["input"].shape
    outputs = header["logits"].shape
    if images > MOST_IMAGES or channels != 3 or height * width > MAX_PIXELS or outputs[1] > MOST_CLASSES:
        raise _damaged(folder, f"input {header['input'].shape} and logits {outputs} are too large")


@torch.no_grad()
def check_golden(
    classifier: Classifier, golden: Golden, *, where: str, precision: VerifiedPrecision = "float32"
) -> float:
    """Return the largest difference of a classifier's logits from those that were saved; a BundleError if it is large.

    Args:
        classifier: The classifier, in evaluation mode, on any device.
        golden: What was saved with its weights.
        where: The bundle, for the error.
        precision: The precision to compute in, whose tolerance is in `TOLERANCES`.
    """
    size = classifier.config.preprocessing
    images = tuple(golden.input.shape)
    expected = (len(golden.input), outputs_for(len(classifier.classes), classifier.config.head))
    if images[1:] != (3, size.height, size.width) or tuple(golden.logits.shape) != expected:
        shapes = f"input {images} and logits {tuple(golden.logits.shape)}"
        raise _damaged(Path(where), f"{shapes} are not of this model's shapes")
    device = classifier.mean.device
    low = precision == "bfloat16"
    with without_tf32(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=low):
        logits = classifier(golden.input.to(device)).float().cpu()
    check_finite(logits)
    if not bool(golden.logits.isfinite().all()):
        raise _damaged(Path(where), "logits has a number that is NaN or infinite")
    difference = float((logits - golden.logits).abs().max())
    if not difference <= largest_allowed(golden, precision):
        problem = f"this model's outputs differ from those saved with it by {difference:.2g}"
        if golden.changed:
            raise _damaged(
                Path(where), f"it is not the file that {CONFIG} describes: its sha256 differs, and {problem}"
            )
        raise BundleError(
            problem,
            where=where,
            hint="is another version of its architecture's plugin installed? `zoo plugins` lists the versions",
        )
    return difference


def largest_allowed(golden: Golden, precision: VerifiedPrecision) -> float:
    """Return how much logits may differ from those that were saved."""
    return TOLERANCES[precision] * max(1.0, float(golden.logits.abs().max()))


def _damaged(folder: Path, why: str) -> BundleError:
    return BundleError(f"{GOLDEN} is damaged: {why}", where=str(folder), hint="download the bundle again")
