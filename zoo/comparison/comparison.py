"""The comparison of several models on the same images."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from zoo.errors import UsageError
from zoo.metrics import Result, measure
from zoo.metrics.logits import log_odds
from zoo.metrics.metrics_file import MAIN
from zoo.metrics.paired import Difference, holm, paired_differences
from zoo.metrics.predictions import check_predictions

MOST_DISAGREEMENTS = 12


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What one model said about each image."""

    name: str
    parameters: int | None
    logits: NDArray[np.floating]
    temperature: float = 1.0
    """What the logits are divided by before they become probabilities."""
    threshold: float = 0.5
    """Of two classes, the second is the answer if its probability is above this."""

    @property
    def odds(self) -> NDArray[np.float64]:
        """The log odds of each class against the rest, [images, classes]."""
        return log_odds(np.asarray(self.logits, dtype=np.float64) / self.temperature)

    @property
    def called(self) -> NDArray[np.int64]:
        """The predicted class of each image, as a number."""
        if self.threshold == 0.5:
            return np.asarray(self.odds.argmax(axis=1))
        return np.asarray(self.odds[:, 1] > math.log(self.threshold / (1 - self.threshold))).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class ModelResult:
    """The measures of one model."""

    name: str
    parameters: int | None
    measures: Result


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two models, the better one first."""

    first: str
    second: str
    differences: Mapping[str, Difference]
    """The first model's measure minus the second's, by the name of the measure."""
    corrected_p: float | None
    """The p-value of the difference in balanced accuracy, corrected for the number of pairs (Holm)."""
    agreement: float
    """The share of images that both call the same."""
    only_first_right: int
    """The number of images that only the first model calls right."""
    only_second_right: int
    not_worse: bool | None
    """Whether the first model is not worse than the second by more than the margin; None without a margin."""


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """An image that the models answer differently."""

    key: str
    label: str
    answers: Mapping[str, str]
    """The predicted class, by model."""
    probabilities: Mapping[str, float]
    """The probability of the true class, by model."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Models on the same images, the best first."""

    data: str
    synthetic: bool
    leaked: bool
    """Whether one of the models was trained or validated on some of these images or their patients."""
    images: int
    patients: int | None
    models: tuple[ModelResult, ...]
    pairs: tuple[Pair, ...]
    disagreements: tuple[Disagreement, ...]
    """The images on which the models differ most, the largest difference first."""
    margin: float | None
    """The margin of non-inferiority."""
    sentence: str
    """The answer."""


def compare_answers(
    answers: Sequence[Answers],
    *,
    keys: Sequence[str],
    labels: NDArray[np.integer],
    groups: Sequence[str] | None,
    classes: Sequence[str],
    minority: str,
    data: str,
    synthetic: bool,
    leaked: bool,
    margin: float | None,
) -> Comparison:
    """Return the comparison of models that answered the same images.

    Args:
        answers: The models and their logits.
        keys: The name of each image.
        labels: The true class of each image, as a number.
        groups: The patient of each image; None if not known.
        classes: The names of the classes.
        minority: The class of `f1_minority`.
        data: The name of the data set.
        synthetic: Whether the images are synthetic.
        leaked: Whether a model has seen some of the images or their patients.
        margin: The margin of non-inferiority, in balanced accuracy.
    """
    if len(answers) < 2:
        raise UsageError("a comparison needs at least two models")
    results = [
        ModelResult(
            name=one.name,
            parameters=one.parameters,
            measures=measure(
                labels=labels,
                logits=one.logits,
                classes=classes,
                groups=groups,
                minority=minority,
                temperature=one.temperature,
                threshold=one.threshold,
            ),
        )
        for one in answers
    ]
    order = sorted(range(len(answers)), key=lambda index: -(results[index].measures.values[MAIN] or 0.0))
    pairs = [
        _pair(answers[first], answers[second], labels, groups, classes, minority, margin)
        for first, second in combinations(order, 2)
    ]
    tested = [index for index, pair in enumerate(pairs) if pair.differences[MAIN].p is not None]
    corrected = dict(zip(tested, holm([pairs[index].differences[MAIN].p or 0.0 for index in tested]), strict=True))
    pairs = [replace(pair, corrected_p=corrected.get(index)) for index, pair in enumerate(pairs)]
    patients = results[0].measures.groups
    return Comparison(
        data=data,
        synthetic=synthetic,
        leaked=leaked,
        images=len(keys),
        patients=patients,
        models=tuple(results[index] for index in order),
        pairs=tuple(pairs),
        disagreements=tuple(_disagreements(answers, keys, labels, classes)),
        margin=margin,
        sentence=_sentence(results, pairs, patients),
    )


def _pair(
    first: Answers,
    second: Answers,
    labels: NDArray[np.integer],
    groups: Sequence[str] | None,
    classes: Sequence[str],
    minority: str,
    margin: float | None,
) -> Pair:
    """Return two models with their differences."""
    samples = [
        check_predictions(
            labels=labels,
            logits=one.logits,
            classes=classes,
            groups=groups,
            temperature=one.temperature,
            threshold=one.threshold,
        )
        for one in (first, second)
    ]
    differences = paired_differences(samples[:1], samples[1:], minority=list(classes).index(minority))
    called = [first.called, second.called]
    right = [answer == labels for answer in called]
    interval = differences[MAIN].interval
    return Pair(
        first=first.name,
        second=second.name,
        differences=differences,
        corrected_p=None,
        agreement=float(np.mean(called[0] == called[1])),
        only_first_right=int(np.sum(right[0] & ~right[1])),
        only_second_right=int(np.sum(right[1] & ~right[0])),
        not_worse=None if margin is None or interval is None else interval[0] > -margin,
    )


def _disagreements(
    answers: Sequence[Answers], keys: Sequence[str], labels: NDArray[np.integer], classes: Sequence[str]
) -> list[Disagreement]:
    """Return the images of which the models predict different classes, the largest difference first."""
    scores = [one.odds for one in answers]
    called = np.stack([one.called for one in answers])
    # the log odds of the true class against the rest, as probabilities
    true = np.stack([1 / (1 + np.exp(-score[np.arange(len(labels)), labels])) for score in scores])
    spread = true.max(axis=0) - true.min(axis=0)
    different: list[int] = np.flatnonzero((called != called[0]).any(axis=0)).tolist()
    chosen = sorted(different, key=lambda index: (-spread[index], keys[index]))[:MOST_DISAGREEMENTS]
    return [
        Disagreement(
            key=keys[index],
            label=classes[int(labels[index])],
            answers={one.name: classes[int(called[row, index])] for row, one in enumerate(answers)},
            probabilities={one.name: float(true[row, index]) for row, one in enumerate(answers)},
        )
        for index in chosen
    ]


def _sentence(results: Sequence[ModelResult], pairs: Sequence[Pair], patients: int | None) -> str:
    """Return the answer: whether the best model is better than the second best."""
    pair = pairs[0]
    difference = pair.differences[MAIN]
    units = f"{patients:,} patients" if patients is not None else f"{results[0].measures.samples:,} images"
    if difference.interval is None or difference.p is None or difference.detectable is None:
        return (
            f"Whether {pair.first} is better than {pair.second} cannot be said: their balanced accuracies differ by "
            f"{difference.value:.3f}, and there is {difference.reason}."
        )
    low, high = difference.interval
    p = pair.corrected_p if pair.corrected_p is not None else difference.p
    after = " after correction" if len(pairs) > 1 else ""
    numbers = f"(95 % {low:.3f} to {high:.3f}, p {_p_text(p)}{after})"
    seen = f"with {units} differences under {difference.detectable:.2f} would often not be seen"
    if p < 0.05:
        return (
            f"{pair.first} is better than {pair.second} by {difference.value:.3f} balanced accuracy {numbers}; {seen}."
        )
    return (
        f"It cannot be said that {pair.first} is better than {pair.second}: the difference is {difference.value:.3f} "
        f"balanced accuracy {numbers}; {seen}."
    )


def _p_text(p: float) -> str:
    """Return a p-value as text."""
    return "< 0.001" if p < 0.001 else f"{p:.2g}"
