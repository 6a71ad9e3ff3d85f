"""The report of an evaluation, written with heat maps of the most confident mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from zoo.classifier import Classifier
from zoo.evaluation.evaluation import Evaluation
from zoo.progress import Reporter
from zoo.reports.evaluation_report import evaluation_report
from zoo.reports.mistakes import Mistake, confident_mistakes, with_heat_map
from zoo.runs.history import Epoch


def write_evaluation_report(
    folder: Path,
    evaluation: Evaluation,
    classifier: Classifier,
    *,
    history: Sequence[Epoch] = (),
    progress: Reporter,
) -> None:
    """Write report.html and report.md.

    Args:
        folder: The folder.
        evaluation: The evaluation.
        classifier: The model that was evaluated; it draws the heat maps.
        history: The epochs of its training.
        progress: Shows progress.
    """
    evaluation_report(
        evaluation,
        model=classifier.config.entry,
        training=classifier.config.training,
        history=history,
        mistakes=_mistakes_with_heat_maps(evaluation, classifier, progress),
        date=date.today().isoformat(),
    ).write(folder)


def _mistakes_with_heat_maps(evaluation: Evaluation, classifier: Classifier, progress: Reporter) -> list[Mistake]:
    """Return the most confident mistakes with their heat maps."""
    mistakes = confident_mistakes(evaluation)
    if not mistakes:
        return []
    drawn = []
    with progress.track("drawing heat maps of mistakes", len(mistakes), "images") as task:
        for mistake in mistakes:
            drawn.append(with_heat_map(mistake, classifier))
            task.advance()
    return drawn
