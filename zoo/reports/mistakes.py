"""The images that a model was sure of, and wrong, with heat maps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoo.classifier import Classifier
from zoo.data.manifest import Sample
from zoo.errors import ZooError
from zoo.evaluation.evaluation import Evaluation
from zoo.reports.thumbnail import thumbnail

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_MISTAKES = 12


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """An image that the model was sure of, and wrong."""

    sample: Sample
    predicted: str
    probability: float
    heat_map: Image | None = None
    """The image with the heat map for the predicted class."""

    @property
    def picture(self) -> str | None:
        """The heat map as a URI that holds it; None without a heat map."""
        return None if self.heat_map is None else thumbnail(self.heat_map)


def confident_mistakes(evaluation: Evaluation) -> list[Mistake]:
    """Return the wrong predictions with the highest probability, the most confident first."""
    classes = evaluation.metrics.measures.classes
    predicted = evaluation.outputs.called
    confidence = evaluation.probabilities[range(len(predicted)), predicted]
    wrong = [index for index, sample in enumerate(evaluation.samples) if classes[int(predicted[index])] != sample.label]
    wrong.sort(key=lambda index: (-confidence[index], evaluation.samples[index].key))
    return [
        Mistake(
            sample=evaluation.samples[index],
            predicted=classes[int(predicted[index])],
            probability=float(confidence[index]),
        )
        for index in wrong[:MOST_MISTAKES]
    ]


def with_heat_map(mistake: Mistake, classifier: Classifier) -> Mistake:
    """Return a mistake with its heat map, or without if the model has none or the image is gone."""
    try:
        explanation = classifier.explain(mistake.sample.path, label=mistake.predicted)
    except ZooError:
        return mistake
    return replace(mistake, heat_map=explanation.overlay())
