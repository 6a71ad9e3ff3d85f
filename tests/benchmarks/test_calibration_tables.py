"""docs/statistics.md has the tables of benchmarks/calibration.py."""

from __future__ import annotations

import json

from tests.benchmarks.scripts import FOLDER, script


def test_the_tables_of_calibration_in_the_documentation_are_those_of_the_stored_results() -> None:
    calibration = script("calibration")
    rows = [json.loads(line) for line in calibration.RESULTS.read_text(encoding="utf-8").splitlines()]
    assert [row["setting"] for row in rows] == list(range(len(calibration.SETTINGS)))
    assert {row["repetitions"] for row in rows} == {400}
    page = (FOLDER.parent / "docs" / "statistics.md").read_text(encoding="utf-8")
    assert f"<!-- prediction sets -->\n{calibration.sets_table(rows)}\n<!-- end -->" in page
    assert f"<!-- temperature -->\n{calibration.temperature_table(rows)}\n<!-- end -->" in page


def test_a_simulated_calibration_has_the_same_results_again() -> None:
    calibration = script("calibration")
    assert calibration.simulate(0, 2) == calibration.simulate(0, 2)
