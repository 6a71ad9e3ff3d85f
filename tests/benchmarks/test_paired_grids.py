"""docs/simulations.md has the table of benchmarks/paired_grids.py."""

from __future__ import annotations

import json

from tests.benchmarks.scripts import FOLDER, script


def test_the_table_of_grids_in_the_documentation_is_that_of_the_stored_results() -> None:
    paired = script("paired_grids")
    rows = [json.loads(line) for line in paired.RESULTS.read_text(encoding="utf-8").splitlines()]
    assert [row["setting"] for row in rows] == list(range(len(paired.SETTINGS)))
    assert {row["repetitions"] for row in rows} == {500}
    page = (FOLDER.parent / "docs" / "simulations.md").read_text(encoding="utf-8")
    assert f"<!-- paired grids -->\n{paired.table(rows)}\n<!-- end -->" in page


def test_a_setting_simulated_again_has_the_same_results() -> None:
    paired = script("paired_grids")
    truth = dict.fromkeys(paired.MEASURES, 0.05)
    assert paired.simulate(7, 2, truth) == paired.simulate(7, 2, truth)
