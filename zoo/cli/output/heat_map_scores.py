"""The checks of heat maps: as a table with what it means, and for a JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from zoo.cli.output.tables import print_table
from zoo.metrics.number_text import NONE

if TYPE_CHECKING:
    from zoo.classifier import ExplanationCheck

MEANING = """\
deletion: area under the probability of the class while pixels become gray, the hottest first; lower is better
insertion: the same while pixels appear in a blurred image; higher is better
random: the mean of {maps} maps with the same values in other places; only better than all of these is good
random weights: rank correlation with the maps of {networks} networks with random weights; near 0 is good
"""


def print_checks(checks: Sequence[Sequence[ExplanationCheck]], *, images: Sequence[str], models: Sequence[str]) -> None:
    """Print the scores of every map, what they mean, and a sentence on each.

    Args:
        checks: The checks of each image, one for each model.
        images: The name of each image.
        models: The name of each model.
    """
    from zoo.classifier.explanation_check import RANDOM_NETWORKS
    from zoo.explain.faithfulness import RANDOM_MAPS

    each = [
        (image, model, check)
        for image, row in zip(images, checks, strict=True)
        for model, check in zip(models, row, strict=True)
    ]
    columns = ["image", "model", "class", "deletion", "(random)", "insertion", "(random) ", "random weights"]
    print_table(columns, [[image, model, *_cells(check)] for image, model, check in each], right=columns[3:])
    click.echo(MEANING.format(maps=RANDOM_MAPS, networks=RANDOM_NETWORKS))
    for image, model, check in each:
        click.echo(f"{image}, {model}, {check.label}: {check.faithful}; {check.learned}")
    click.echo()


def check_document(check: ExplanationCheck) -> dict[str, Any]:
    """Return a check for a JSON document."""
    return {
        "label": check.label,
        "method": check.method,
        "deletion": check.scores.deletion,
        "insertion": check.scores.insertion,
        "deletion_curve": list(check.scores.deletion_curve),
        "insertion_curve": list(check.scores.insertion_curve),
        "random_deletion": [one.deletion for one in check.random],
        "random_insertion": [one.insertion for one in check.random],
        "rank_correlation_with_random_weights": check.rank_correlation,
        "in_words": [check.faithful, check.learned],
    }


def _cells(check: ExplanationCheck) -> list[str]:
    correlation = check.rank_correlation
    scores = (check.scores.deletion, check.random_deletion, check.scores.insertion, check.random_insertion)
    return [check.label, *(f"{score:.3f}" for score in scores), NONE if correlation is None else f"{correlation:.2f}"]
