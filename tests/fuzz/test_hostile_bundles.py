"""Bundles of anybody: none of sixty hostile ones does anything but answer, or end in one error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fuzz.campaign import campaign

BUNDLES = 60
SLOW = "takes more than a second"
"""Not tested here, since machines differ; `python -m tests.fuzz` counts it."""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_no_hostile_bundle_raises_a_foreign_error_hangs_or_reaches_the_terminal_the_card_or_other_files(
    tmp_path: Path,
) -> None:
    first, *hostile = campaign(tmp_path, bundles=BUNDLES, seed=1)
    assert not first.refused
    assert len(hostile) == BUNDLES
    assert sum(outcome.refused for outcome in hostile) > BUNDLES / 2
    faulty = [outcome for outcome in (first, *hostile) if outcome.kinds_of_faults - {SLOW}]
    assert [f"{outcome.number}: {outcome.what}: {outcome.faults}" for outcome in faulty] == []
