from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from zoo.benchmark.tested_pairs import tested_pairs as pairs_of
from zoo.metrics.metrics_file import MAIN
from zoo.metrics.paired import Difference


def test_a_pair_that_is_asked_the_other_way_round_has_the_reversed_difference_and_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = Difference(first=0.9, second=0.7, value=0.2, interval=(0.05, 0.35), p=0.01, detectable=0.1)
    pair = SimpleNamespace(first="better", second="worse", differences={MAIN: found})
    comparison = SimpleNamespace(pairs=[pair], images=60, patients=20)
    monkeypatch.setattr("zoo.benchmark.tested_pairs.compare_grid", lambda _folder: comparison)
    part = SimpleNamespace(name="depth", against=None, chosen_pairs=lambda _models: (("worse", "better"),))
    planned = SimpleNamespace(part=part, models=("better", "worse"), path=Path("depth"))
    finished: Any = SimpleNamespace(planned=planned, runs={"better": (1,), "worse": (1,)})
    (tested,) = pairs_of([finished])
    assert (tested.first, tested.second, tested.corrected_p) == ("worse", "better", 0.01)
    reversed_ = tested.differences[MAIN]
    assert (reversed_.first, reversed_.second, reversed_.value) == (0.7, 0.9, -0.2)
    assert reversed_.interval == (-0.35, -0.05)
