"""The check of an exported file: it must give what its model gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from zoo.classifier import Classifier
from zoo.classifier.golden_outputs import TOLERANCE, Golden
from zoo.device import without_tf32
from zoo.errors import ExportError
from zoo.nn import evaluation_mode
from zoo.text import quoted

BATCHES = (1, 2, 7)
"""The numbers of images with which an exported file is run."""
LARGEST = 1e-4
"""The largest difference allowed from outputs computed on the same machine, if no logit is beyond 1; else in
proportion. Logits that were saved with the weights may come from another machine, and have the tolerance of those."""
Run = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Returns the logits and probabilities of a batch."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """The largest differences between an exported file and its model."""

    logits: float
    probabilities: float


@torch.no_grad()
def check_agreement(run: Run, classifier: Classifier, golden: Golden, *, where: str) -> Agreement:
    """Return the largest differences of an exported file from its model; an ExportError if they are not small.

    It is run on the golden input, whose logits were saved with the weights, and on other images in batches of BATCHES.

    Args:
        run: Runs the exported file.
        classifier: The model.
        golden: The input and logits that were saved with the model.
        where: The name of the file, for the error.
    """
    images = _different_images(golden.input)
    with without_tf32(), evaluation_mode(classifier.network):
        expected = classifier(images)
    cases = [(golden.input, golden.logits, TOLERANCE)]
    cases += [(images[:count], expected[:count], LARGEST) for count in BATCHES]
    found = [_difference(run, *case, classifier, where=where) for case in cases]
    return Agreement(logits=max(one.logits for one in found), probabilities=max(one.probabilities for one in found))


def _difference(
    run: Run, batch: Tensor, expected: Tensor, largest: float, classifier: Classifier, *, where: str
) -> Agreement:
    """Return the largest differences for one batch; an ExportError if they are larger than allowed."""
    probabilities = classifier.probabilities(expected)
    try:
        outputs = run(batch)
    except Exception as error:  # another author's runtime may raise anything
        raise ExportError(f"the exported file cannot be run with {len(batch)} images: {error}", where=where) from error
    if not isinstance(outputs, tuple | list) or [type(output) for output in outputs] != [Tensor, Tensor]:
        raise ExportError(
            f"the exported file gives {quoted(outputs)}, not two tensors: logits, probabilities", where=where
        )
    differences = []
    for name, found, wanted, scale in (
        ("logits", outputs[0], expected, max(1.0, float(expected.abs().max()))),
        ("probabilities", outputs[1], probabilities, 1.0),
    ):
        if found.shape != wanted.shape:
            raise ExportError(
                f"the exported file gives {name} of shape {tuple(found.shape)} for {len(batch)} images, "
                f"not {tuple(wanted.shape)}",
                where=where,
            )
        difference = float((found.double() - wanted.double()).abs().max())
        if not difference <= largest * scale:
            raise ExportError(
                f"the exported file does not agree with its model: its {name} differ by {difference:.2g} "
                f"in a batch of {len(batch)}",
                where=where,
                hint="no file was written",
            )
        differences.append(difference)
    return Agreement(logits=differences[0], probabilities=differences[1])


def _different_images(images: Tensor) -> Tensor:
    """Return as many images as the largest of BATCHES, each unlike the others, made of at least one image."""
    smooth = F.interpolate(F.adaptive_avg_pool2d(images, 4), size=images.shape[2:], mode="bilinear")
    made = torch.cat([images, 3 * smooth, images.flip(-1), -images, 0.3 * images.flip(-2), -2 * smooth])
    return made.repeat(-(-max(BATCHES) // len(made)), 1, 1, 1)[: max(BATCHES)]
