"""What a split by image is worth: both models on the images that are in the test part of both splits.

Neither model was trained on these images. The one whose data were split by image was trained on other images of the
same patients; the other one was not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from zoo.comparison.measured_run import MeasuredRun, stored_predictions
from zoo.metrics.paired import Difference, TestPart, differences_over_parts
from zoo.reproduction.measured import Measured
from zoo.reproduction.results import SECONDS, LeakCell
from zoo.reproduction.study import Study

Pair = tuple[MeasuredRun, MeasuredRun]
"""The predictions of the run split by image and of that split by patient, for the same images."""


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
    stated = dict.fromkeys(name for column in measured.data.columns for name in row.claims.get(column, {}))
    return [name for name in stated if name != SECONDS]


def _cells(by_image: Measured, by_patient: Measured, measures: Sequence[str]) -> list[LeakCell]:
    """Return the differences of the measures of one row on one data set."""
    other = {run.seed: run for run in by_patient.runs}
    both = [(run, other[run.seed]) for run in by_image.runs if run.seed in other]
    pairs = [_on_common_images(stored_predictions(one.run), stored_predictions(two.run)) for one, two in both]
    known = [pair for pair in pairs if pair is not None]
    differences = _differences(known, by_image) if known else {}
    why_none = "no image is in both test parts" if both else "the runs are not finished"
    images = {key for pair in known for key in pair[0].keys}
    patients = {name for pair in known for name in pair[0].groups or ()}
    return [
        _cell(
            by_image,
            measure,
            differences.get(measure),
            images=len(images),
            patients=len(patients) or None,
            why_none="undefined on these images" if known else why_none,
        )
        for measure in measures
    ]


def _on_common_images(first: MeasuredRun, second: MeasuredRun) -> Pair | None:
    """Return the predictions of two runs for the images that are in the test part of both; None if there are none."""
    common = set(first.keys) & set(second.keys)
    return (_chosen(first, common), _chosen(second, common)) if common else None


def _chosen(run: MeasuredRun, keys: set[str]) -> MeasuredRun:
    """Return the predictions of a run for some of its images."""
    places = [place for place, key in enumerate(run.keys) if key in keys]
    return replace(
        run,
        keys=tuple(run.keys[place] for place in places),
        labels=run.labels[places],
        groups=None if run.groups is None else tuple(run.groups[place] for place in places),
        logits=run.logits[places],
    )


def _differences(pairs: Sequence[Pair], by_image: Measured) -> dict[str, Difference]:
    """Return the difference of each measure, over all seeds."""
    known = all(pair[0].groups is not None for pair in pairs)
    names = sorted({name for pair in pairs for name in (pair[0].groups if known else None) or pair[0].keys})
    number = {name: place for place, name in enumerate(names)}
    images = by_image.runs[0].record.split.images
    return differences_over_parts(
        [
            TestPart(
                first=[one.training],
                second=[two.training],
                units=np.array(
                    [number[name] for name in (sorted(set(one.groups)) if known and one.groups else one.keys)]
                ),
                held_out=images.test / images.train,
            )
            for one, two in pairs
        ]
    )


def _cell(
    measured: Measured, measure: str, found: Difference | None, *, images: int, patients: int | None, why_none: str
) -> LeakCell:
    """Return the cell of one measure."""
    return LeakCell(
        model=measured.model,
        data=measured.data.name,
        measure=measure,
        by_image=found.first if found else None,
        by_patient=found.second if found else None,
        difference=found.value if found else None,
        interval=found.interval if found else None,
        images=images,
        patients=patients,
        reason=found.reason if found else why_none,
    )
