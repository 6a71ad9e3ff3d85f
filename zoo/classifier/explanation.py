"""A heat map of the regions that are evidence for a class, with the prediction of the same forward pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo.bundle.bundle_config import BundleConfig
from zoo.classifier.finite_outputs import HINT, check_finite
from zoo.classifier.head_features import head_features
from zoo.classifier.prediction import Prediction, predictions
from zoo.data.images import ImageLike, as_image, visible_box
from zoo.device import without_tf32
from zoo.errors import BundleError, PluginError, UnknownNameError
from zoo.explain.class_score import ClassScore
from zoo.explain.methods import heat_map
from zoo.explain.overlay import overlay
from zoo.explain.placement import place
from zoo.nn import evaluation_mode
from zoo.registry import registry

if TYPE_CHECKING:
    from PIL.Image import Image

    from zoo.classifier.classifier import Classifier


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A heat map of one image, with the prediction."""

    image: Image
    label: str
    """The class that the map explains."""
    method: str
    heat: NDArray[np.float32]
    """The heat map in 0..1, height x width of the image.

    NaN where the network did not see the image: with `fit="crop"`, outside the crop.
    """
    cells: NDArray[np.floating]
    """The values of which `heat` is an interpolation: the part of the image that the network saw, in rows x columns."""
    prediction: Prediction

    def overlay(self) -> Image:
        """Return the image with the heat map drawn over it; parts that the network did not see are pale and gray."""
        return overlay(self.image, self.heat)


def explain_image(
    classifier: Classifier, image: ImageLike, *, name: str, method: str, label: str | None
) -> Explanation:
    """Return the heat map of one image for `label`, or for the predicted class if `label` is None.

    Args:
        classifier: The classifier.
        image: The image.
        name: Its name in an error message.
        method: The name of a method, such as "grad-cam".
        label: The class to explain.
    """
    config, network = classifier.config, classifier.network
    chosen = registry().explanation_method(method)
    if label is not None and label not in config.classes:
        raise UnknownNameError("class", label, config.classes)
    architecture, plugin = registry().architecture(config.architecture)
    source = registry().heat_map(config.entry, architecture.name)
    if chosen.uses_layer and source.layer is None:
        raise PluginError(
            f"{architecture.name} names no layer for a heat map (cam_layer)",
            where=plugin,
            hint="it can also be named in the row of the model in a registry file",
        )
    rgb = as_image(image)

    def prediction(logits: Tensor) -> Prediction:
        probabilities = classifier.probabilities(logits, images=[name])
        return predictions(probabilities.cpu(), config.classes, classifier.calibration)[0]

    def weights(logits: Tensor) -> Tensor:
        return _output_weights(config, label or prediction(logits).label)

    with without_tf32():
        x = classifier.preprocess(rgb)
        detector = classifier.detector
        with head_features(network, None if detector is None else detector.novelty.layer) as features:
            own: list[Tensor] = []

            def logits() -> Tensor:
                with torch.no_grad(), evaluation_mode(network):
                    return network(x)  # type: ignore[no-any-return]

            score = ClassScore(weights, logits, taken=lambda: own.extend(features[-1:]))
            heat = heat_map(chosen, network, x, score, source=source)
            predicted = prediction(score.logits)
        found = classifier.novelty(x, own[0]) if own else None
    if found is not None:
        check_finite(found[:, None], [name])
        predicted = replace(predicted, novelty=float(found[0]))
    if not bool(torch.isfinite(heat).all()):
        raise BundleError(f"the heat map of {chosen.title} for image {name} is not finite", hint=HINT)
    values = heat.cpu().double().numpy()
    return Explanation(
        image=rgb,
        label=label or predicted.label,
        method=method,
        heat=place(values, rgb.size, visible_box(rgb.size, config.preprocessing)),
        cells=values,
        prediction=predicted,
    )


def _output_weights(config: BundleConfig, label: str) -> Tensor:
    """Return the weight of each output in the score of a class. A single sigmoid output has -1 for the first class."""
    index = config.classes.index(label)
    if config.head == "sigmoid":
        return torch.tensor([[1.0 if index else -1.0]])
    return torch.eye(len(config.classes))[index : index + 1]
