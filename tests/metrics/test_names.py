from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zoo.metrics import measure
from zoo.metrics.names import NAMES, measure_name


def test_every_measure_that_is_computed_has_a_name_of_its_own(case: Callable[..., dict[str, Any]]) -> None:
    assert set(measure(**case(), resamples=0).values) == set(NAMES)
    assert len(set(NAMES.values())) == len(NAMES)


def test_a_measure_of_another_version_is_shown_under_its_own_name() -> None:
    assert measure_name("average_precision") == "average precision"
