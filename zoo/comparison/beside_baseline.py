"""Is a network worth it? Its trainings beside the simple model that was fitted on the same images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from zoo.comparison.common_parts import common_parts
from zoo.comparison.compared_model import ComparedModel
from zoo.comparison.measured_run import MeasuredRun
from zoo.metrics.paired import Difference, differences_over_parts, spread_between_trainings


def beside_baseline(runs: Sequence[MeasuredRun]) -> dict[str, Difference]:
    """Return each measure of a network minus that of the simple model; empty unless every run has one beside it.

    Args:
        runs: The trainings of the network, on one test part or several, such as the folds of a cross-validation.
    """
    parts = []
    for common in common_parts([ComparedModel(name="", runs=tuple(runs))]).parts:
        members = common.runs[0]
        simple = [one for run in members if (one := run.baseline)]
        if len(simple) < len(members):
            return {}
        parts.append(replace(common.of(0, 0), second=simple, second_varies=False))
    spread = spread_between_trainings([parts[0].first]) if len(parts) == 1 else None
    return differences_over_parts(parts, spread=spread)
