"""What a split by image is worth: both models on the images that are in the test part of both splits.

Neither model was trained on these images. The one whose data were split by image was trained on other images of the
same patients; the other one was not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from zoo.evaluation.predictions_csv import StoredPredictions, read_predictions
from zoo.metrics.across_runs import summarize_runs
from zoo.metrics.paired import Difference, paired_differences
from zoo.metrics.predictions import Predictions, check_predictions
from zoo.reproduction.measured import Measured, MeasuredRun
from zoo.reproduction.results import SECONDS, LeakCell
from zoo.reproduction.study import Study
from zoo.runs import PREDICTIONS


def leak_cells(measured: Sequence[Measured], study: Study) -> list[LeakCell]:
    """Return the differences between the two splits, for every row, data set and measure; empty for one split."""
    if len(study.splits) < 2:
        return []
    found = {(one.model, one.data.name, one.split): one for one in measured}
    cells: list[LeakCell] = []
    for (model, data, split), by_image in found.items():
        if split == "image":
            cells += _cells(by_image, found[model, data, "patient"], _measures(study, by_image))
    return cells


def _measures(study: Study, measured: Measured) -> list[str]:
    """Return the names of the measures that the paper states for a row."""
    row = next(row for row in study.table.rows if row.name == measured.model)
    stated = {name for column in measured.data.columns for name in row.claims.get(column, {})}
    first = row.claims[next(iter(row.claims))]
    return [name for name in first if name in stated and name != SECONDS]


def _cells(by_image: Measured, by_patient: Measured, measures: Sequence[str]) -> list[LeakCell]:
    """Return the differences of the measures of one row on one data set."""
    other = {run.seed: run for run in by_patient.runs}
    pairs = [_on_common_images(run, other[run.seed]) for run in by_image.runs if run.seed in other]
    differences = [_differences(pair, by_image.runs[0]) for pair in pairs]
    cells = []
    for measure in measures:
        found = [one[measure] for one in differences if measure in one]
        first = pairs[0][0] if pairs else None
        cells.append(
            _cell(
                by_image,
                measure,
                found,
                images=0 if first is None else len(first.labels),
                patients=len(np.unique(first.units)) if first is not None and first.unit == "patient" else None,
                missing="no images in both test parts, or one class only" if pairs else "the runs are not finished",
            )
        )
    return cells


def _on_common_images(first: MeasuredRun, second: MeasuredRun) -> tuple[Predictions, Predictions] | tuple[None, None]:
    """Return the predictions of two runs for the images that are in the test part of both."""
    stored = [
        read_predictions(one.run.path / PREDICTIONS, classes=one.metrics.measures.classes) for one in (first, second)
    ]
    common = sorted(set(stored[0].keys) & set(stored[1].keys))
    if not common:
        return None, None
    classes = first.metrics.measures.classes
    one, other = (_chosen(each, common, classes) for each in stored)
    return one, other


def _chosen(stored: StoredPredictions, keys: Sequence[str], classes: Sequence[str]) -> Predictions:
    place = {key: number for number, key in enumerate(stored.keys)}
    order = [place[key] for key in keys]
    return check_predictions(
        labels=stored.labels[order],
        logits=stored.logits[order],
        classes=classes,
        groups=None if stored.groups is None else [stored.groups[number] for number in order],
    )


def _differences(pair: tuple[Predictions, Predictions] | tuple[None, None], run: MeasuredRun) -> dict[str, Difference]:
    one, other = pair
    if one is None or other is None or len(np.unique(one.labels)) < 2:
        return {}
    measures = run.metrics.measures
    return paired_differences([one], [other], minority=measures.classes.index(measures.minority))


def _cell(
    measured: Measured, measure: str, found: Sequence[Difference], *, images: int, patients: int | None, missing: str
) -> LeakCell:
    """Return the cell of one measure: of one pair of runs with its own interval, of several with that of the mean."""
    facts = {"model": measured.model, "data": measured.data.name, "measure": measure}
    if not found:
        return LeakCell(
            **facts,
            by_image=None,
            by_patient=None,
            difference=None,
            interval=None,
            images=images,
            patients=patients,
            reason=missing,
        )
    interval, reason = found[0].interval, found[0].reason
    if len(found) > 1:
        across = summarize_runs([one.value for one in found], held_out=_held_out(measured))
        interval, reason = across.interval, across.reason
    return LeakCell(
        **facts,
        by_image=math.fsum(one.first for one in found) / len(found),
        by_patient=math.fsum(one.second for one in found) / len(found),
        difference=math.fsum(one.value for one in found) / len(found),
        interval=interval,
        images=images,
        patients=patients,
        reason=reason,
    )


def _held_out(measured: Measured) -> float:
    """Return the number of test images for each training image, by which the interval over seeds is widened."""
    images = measured.runs[0].record.split.images
    return images.test / images.train
