from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zoo.metrics import measure
from zoo.metrics.names import NAMES, measure_name


def test_every_computed_measure_has_its_own_name(case: Callable[..., dict[str, Any]]) -> None:
    assert set(measure(**case()).values) == set(NAMES)
    assert len(set(NAMES.values())) == len(NAMES)


def test_an_unknown_measure_is_shown_under_its_key() -> None:
    assert measure_name("own_measure") == "own measure"
