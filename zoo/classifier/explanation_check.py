"""The check of a heat map: whether the prediction depends on what is hot, and the map on what was learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo.classifier.classifier import Classifier
from zoo.classifier.explanation import Explanation
from zoo.device import without_tf32
from zoo.errors import UsageError
from zoo.explain.faithfulness import MapScores, random_maps, score_map
from zoo.nn import evaluation_mode
from zoo.nn.gradients_allowed import gradients_allowed
from zoo.registry import build_network, outputs_for, registry

RANDOM_NETWORKS = 3
SIMILAR, SAME = 0.3, 0.7
"""The rank correlations from which two maps are called similar, and almost the same."""


@dataclass(frozen=True, kw_only=True)
class ExplanationCheck:
    """The scores of a heat map, beside those of random maps, and its likeness to the maps of random networks."""

    label: str
    """The class that the map explains."""
    method: str
    scores: MapScores
    random: tuple[MapScores, ...]
    """Those of maps with the same values in other places."""
    rank_correlation: float | None
    """The mean rank correlation (Spearman) with the maps of networks with random weights; None for a map that is the
    same everywhere, which can be compared with none."""

    @property
    def random_deletion(self) -> float:
        """The mean deletion score of the random maps."""
        return float(np.mean([one.deletion for one in self.random]))

    @property
    def random_insertion(self) -> float:
        """The mean insertion score of the random maps."""
        return float(np.mean([one.insertion for one in self.random]))

    @property
    def faithful(self) -> str:
        """Whether the probability of the class depends on what is hot, as text."""
        lower = sum(self.scores.deletion < one.deletion for one in self.random)
        higher = sum(self.scores.insertion > one.insertion for one in self.random)
        count = len(self.random)
        if lower == higher == count:
            return f"better than all {count} random maps in deletion and insertion"
        chance = "no better than random maps: " if max(lower, higher) <= count / 2 else ""
        return f"{chance}better than {lower} of {count} random maps in deletion and {higher} of {count} in insertion"

    @property
    def learned(self) -> str:
        """Whether the map depends on what the network has learned, as text."""
        if self.rank_correlation is None:
            return "a map that is the same everywhere, here or with random weights, cannot be compared"
        value = f"rank correlation {self.rank_correlation:.2f}"
        if self.rank_correlation >= SAME:
            return f"almost the map of a network with random weights ({value}): it does not show what was learned"
        if self.rank_correlation >= SIMILAR:
            return f"similar to the map of a network with random weights ({value}): in part it shows the image alone"
        return f"differs from the map of a network with random weights ({value})"


def check_explanation(classifier: Classifier, explanation: Explanation) -> ExplanationCheck:
    """Return the check of a heat map, by deletion and insertion, and by networks with random weights.

    Deletion and insertion are those of Petsiuk et al. 2018, beside the scores of random maps; that networks with random
    weights give another map is the sanity check of Adebayo et al. 2018.

    Args:
        classifier: The classifier that the explanation is of.
        explanation: What `classifier.explain` returned for one image.

    Examples:
        >>> check = check_explanation(model, model.explain("tile.png"))
        >>> check.scores.deletion < check.random_deletion
        True
    """
    if explanation.label not in classifier.classes:
        raise UsageError(f"the explanation is of the class {explanation.label!r}, which this model does not have")
    index = classifier.classes.index(explanation.label)

    @torch.no_grad()
    def probability(batch: Tensor) -> Tensor:
        return classifier.probabilities(classifier(batch))[:, index]

    with without_tf32(), evaluation_mode(classifier.network):
        image = classifier.preprocess(explanation.image)
        gray = classifier.normalize(torch.full_like(image, 0.5))
        scores, *random = (
            score_map(probability, image, gray, heat) for heat in (explanation.cells, *random_maps(explanation.cells))
        )
    return ExplanationCheck(
        label=explanation.label,
        method=explanation.method,
        scores=scores,
        random=tuple(random),
        rank_correlation=_likeness_to_random_networks(classifier, explanation),
    )


def _likeness_to_random_networks(classifier: Classifier, explanation: Explanation) -> float | None:
    """Return the mean rank correlation of a map with those of networks with random weights."""
    found = []
    for seed in range(RANDOM_NETWORKS):
        other = _with_random_weights(classifier, seed)
        again = other.explain(explanation.image, method=explanation.method, label=explanation.label)
        found.append(_rank_correlation(explanation.cells, again.cells))
    known = [one for one in found if one is not None]
    return float(np.mean(known)) if known else None


def _with_random_weights(classifier: Classifier, seed: int) -> Classifier:
    """Return a classifier of the same architecture with fresh weights."""
    config = classifier.config
    architecture, plugin = registry().architecture(config.architecture)
    with torch.random.fork_rng(devices=[]), gradients_allowed():
        torch.manual_seed(seed)
        outputs = outputs_for(len(config.classes), config.head)
        network = build_network(architecture, outputs, config.options, plugin=plugin)
    return Classifier(network, config).eval().to(classifier.mean.device)


def _rank_correlation(one: NDArray[np.floating], other: NDArray[np.floating]) -> float | None:
    """Return Spearman's rank correlation of two maps; None if one is the same everywhere."""
    from scipy.stats import rankdata

    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])
