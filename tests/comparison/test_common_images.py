from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.grids import answer, finish_cell, grid_config, make_grid
from zoo.comparison import compare_grid
from zoo.comparison.common_images import on_common_images
from zoo.comparison.measured_run import stored_predictions
from zoo.runs import Run


def test_several_trainings_on_the_same_images_are_compared_as_those_of_a_grid(trained: Run, tmp_path: Path) -> None:
    grid = make_grid(tmp_path / "grid", grid_config("resnet20", "senet20", seeds=2, data="folder"))
    values = trained.metrics.measures.values
    for number, cell in enumerate(grid.config.cells):
        answer(finish_cell(grid, cell, trained, values), seed=number, right=0.7, patients=3)
    (pair,) = compare_grid(grid).pairs
    runs = {cell: stored_predictions(grid.run(cell)) for cell in grid.config.cells}
    first, second = ([run for cell, run in runs.items() if cell.model == name] for name in (pair.first, pair.second))
    found = on_common_images(list(zip(first, second, strict=True)))
    assert found is not None
    assert found.differences == pair.differences
    assert (found.images, found.patients) == (len(first[0].keys), 6)
    none = replace(second[0], keys=tuple(f"other {key}" for key in second[0].keys))
    assert on_common_images([(first[0], none)]) is None


def test_differences_are_those_on_the_images_that_both_tested(trained: Run, tmp_path: Path) -> None:
    grid = make_grid(tmp_path / "grid", grid_config("resnet20", "senet20", data="folder"))
    one, two = (
        stored_predictions(answer(finish_cell(grid, cell, trained, {}), seed=number, right=0.6, patients=3))
        for number, cell in enumerate(grid.config.cells)
    )
    fewer = replace(
        two,
        keys=two.keys[:-2],
        labels=two.labels[:-2],
        groups=(two.groups or ())[:-2],
        logits=two.logits[:-2],
    )
    found = on_common_images([(one, fewer)])
    assert found is not None
    assert found.images == len(two.keys) - 2
    assert found.differences["accuracy"].second == pytest.approx((fewer.called == fewer.labels).mean())


def test_the_interval_over_several_splits_is_widened_for_the_training_images_that_they_share(
    trained: Run, tmp_path: Path
) -> None:
    grid = make_grid(tmp_path / "grid", grid_config("resnet20", "senet20", data="folder"))
    values = trained.metrics.measures.values
    one, two = (
        stored_predictions(answer(finish_cell(grid, cell, trained, values), seed=number, right=0.7, patients=3))
        for number, cell in enumerate(grid.config.cells)
    )
    assert one.config.training is not None
    sizes = one.config.training.split.images
    assert sizes.test > 0.2 * sizes.train

    def width(*, known: bool) -> float:
        pairs = []
        for number in range(3):  # three splits, each without another image in the test part
            places = [place for place in range(len(one.keys)) if place != number]
            first, second = (
                replace(
                    run,
                    config=run.config if known else replace(run.config, training=None),
                    keys=tuple(run.keys[place] for place in places),
                    labels=run.labels[places],
                    groups=None,
                    logits=run.logits[places],
                )
                for run in (one, two)
            )
            pairs.append((first, second))
        found = on_common_images(pairs)
        assert found is not None
        interval = found.differences["accuracy"].interval
        assert interval is not None
        return interval[1] - interval[0]

    assert width(known=True) > width(known=False)
