"""Whether an image is unlike those of the training, for a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.classifier import Prediction


def novelty_document(prediction: Prediction) -> dict[str, Any]:
    """Return how unlike the training images an image is; nothing if the model cannot tell."""
    if prediction.novelty is None:
        return {}
    return {"novelty": prediction.novelty, "unlike_training": prediction.unlike_training}
