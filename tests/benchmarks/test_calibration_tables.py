"""docs/simulations.md has the tables of benchmarks/calibration.py and benchmarks/few_validation_patients.py."""

from __future__ import annotations

import json

from tests.benchmarks.scripts import FOLDER, script


def test_the_tables_of_calibration_in_the_documentation_are_those_of_the_stored_results() -> None:
    calibration = script("calibration")
    rows = [json.loads(line) for line in calibration.RESULTS.read_text(encoding="utf-8").splitlines()]
    assert [row["setting"] for row in rows] == list(range(len(calibration.SETTINGS)))
    assert {row["repetitions"] for row in rows} == {400}
    page = (FOLDER.parent / "docs" / "simulations.md").read_text(encoding="utf-8")
    assert f"<!-- prediction sets -->\n{calibration.sets_table(rows)}\n<!-- end -->" in page
    assert f"<!-- temperature -->\n{calibration.temperature_table(rows)}\n<!-- end -->" in page


def test_the_table_of_few_validation_patients_in_the_documentation_is_that_of_the_stored_results() -> None:
    few = script("few_validation_patients")
    rows = [json.loads(line) for line in few.RESULTS.read_text(encoding="utf-8").splitlines()]
    assert [(row["setting"], row["factor"]) for row in rows] == [
        (number, factor) for number in range(len(few.SETTINGS)) for factor in few.FACTORS
    ]
    assert {row["repetitions"] for row in rows} == {400}
    page = (FOLDER.parent / "docs" / "simulations.md").read_text(encoding="utf-8")
    assert f"<!-- few validation patients -->\n{few.table(rows)}\n<!-- end -->" in page
    for patients in (2, 3, 4, 5, 8, 12, 20):
        own = [row for row in rows if few.SETTINGS[row["setting"]][0] == patients]
        for measure in ("loss", "error"):
            none, _, prior = (sum(row[f"{measure} {method}"] for row in own) for method in few.METHODS)
            assert prior < none, "a temperature is worth it from two patients on"
        assert max(row["loss with the prior"] - row["loss uncalibrated"] for row in own) < 0.007


def test_a_simulated_calibration_has_the_same_results_again() -> None:
    calibration = script("calibration")
    assert calibration.simulate(0, 2) == calibration.simulate(0, 2)
