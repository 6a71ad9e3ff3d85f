from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from zoo.metrics.confusion import confusions, overall, per_class
from zoo.metrics.point_estimates import point
from zoo.metrics.predictions import check_predictions

Cases = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_formulas_give_what_the_libraries_give(case: Cases, classes: int) -> None:
    """Also for tiny sets, where much is undefined: NaN here stands wherever the other side has None."""
    for seed in range(60):
        samples = check_predictions(**case(classes=classes, samples=2 + seed, patients=1 + seed // 2, seed=seed))
        found = point(samples)
        matrix = confusions(samples.labels, samples.predictions, 0 * samples.units, classes)
        for name, values in overall(matrix, minority=found.minority).items():
            value = found.values[name]
            assert float(values[0]) == pytest.approx(np.nan if value is None else value, nan_ok=True, abs=1e-12)
        for name, values in per_class(matrix).items():
            expected = [found.per_class[each][name] for each in samples.classes]
            assert values[0].tolist() == pytest.approx(
                [np.nan if value is None else value for value in expected], nan_ok=True, abs=1e-12
            )


def test_many_matrices_at_once_are_each_alone() -> None:
    matrices = np.random.default_rng(0).integers(0, 9, size=(4, 6, 3, 3)).astype(float)
    together = overall(matrices, minority=2)
    for index in np.ndindex(4, 6):
        alone = {name: float(value) for name, value in overall(matrices[index], minority=2).items()}
        assert {name: values[index] for name, values in together.items()} == pytest.approx(alone, nan_ok=True)


def test_the_matrices_of_the_units_add_up_to_that_of_all() -> None:
    labels, predictions, units = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), np.array([0, 1, 2, 2])
    assert confusions(labels, predictions, units, 2).tolist() == [
        [[1, 0], [0, 0]],
        [[0, 1], [0, 0]],
        [[0, 0], [0, 2]],
    ]
