"""What a split by image is worth: both models on the images that are in the test part of both splits.

Neither model was trained on these images. The one whose data were split by image was trained on other images of the
same patients; the other one was not.
"""

from __future__ import annotations

from collections.abc import Sequence

from zoo.comparison.common_images import on_common_images, stored_pairs
from zoo.metrics.paired import Difference
from zoo.reproduction.measured import Measured
from zoo.reproduction.results import SECONDS, LeakCell
from zoo.reproduction.study import Study


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
    row = study.table.row(measured.model)
    stated = dict.fromkeys(name for column in measured.data.columns for name in row.claims.get(column, {}))
    return [name for name in stated if name != SECONDS]


def _cells(by_image: Measured, by_patient: Measured, measures: Sequence[str]) -> list[LeakCell]:
    """Return the differences of the measures of one row on one data set."""
    both = stored_pairs(by_image.runs, by_patient.runs)
    found = on_common_images(both)
    why_none = "no image is in both test parts" if both else "the runs are not finished"
    return [
        _cell(
            by_image,
            measure,
            found.differences.get(measure) if found else None,
            images=found.images if found else 0,
            patients=found.patients if found else None,
            why_none="undefined on these images" if found else why_none,
        )
        for measure in measures
    ]


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
