"""A measure of a plugin is in metrics.json, in the terminal, in the report and in the results by column."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.installed_packages import Answer, Site
from zoo.runs import Run

REGISTER = """
import zoo
from zoo.spec import Measure

@zoo.hookimpl
def zoo_register_measures(register):
    register(Measure(name="certainty", title="certainty of right answers", measure="sure.measures:certainty",
                     summary="the mean probability of the right class", rests_on="all", headline=True))
    register(Measure(name="broken", title="broken", measure="sure.measures:broken", summary="fails", headline=True))
"""
FUNCTIONS = """
import numpy as np

def certainty(predictions, weights):
    chosen = predictions.probabilities[np.arange(len(predictions.labels)), predictions.labels]
    return np.average(chosen, weights=weights)

def broken(predictions, weights):
    return {}["threshold"]
"""


@pytest.fixture
def here(tmp_path: Path, command: Callable[..., Answer]) -> Iterator[Callable[..., Answer]]:
    site = Site(tmp_path / "site")
    site.install("sure", REGISTER)
    (site.folder / "sure" / "measures.py").write_text(FUNCTIONS)
    with site.in_this_process():
        yield command


def test_a_measure_of_a_plugin_is_everywhere_and_one_that_fails_is_reported_and_loses_nothing(
    here: Callable[..., Answer], trained: Run, tiles: Path, tmp_path: Path
) -> None:
    rows = [
        f"{path},{path.parent.name},p{index % 10},{index % 2}"
        for index, path in enumerate(sorted(tiles.rglob("*.png")))
    ]
    (tmp_path / "data.csv").write_text("path,label,group,scanner\n" + "\n".join(rows))
    words = ("evaluate", trained.path, "--data", "csv", "--root", tmp_path / "data.csv", "--by", "scanner")
    answer = here(*words, "--include-seen", "--out", tmp_path / "out")
    assert answer.status == 0, answer.err
    assert "certainty of right answers" in answer.out
    assert "measure broken (" in answer.err
    assert "KeyError: 'threshold'; the evaluation goes on without it" in answer.err
    document = json.loads((tmp_path / "out" / "metrics.json").read_text())
    measures = document["measures"]
    assert measures["unit"] == "patient"
    low, high = measures["intervals"]["certainty"]
    assert low < measures["values"]["certainty"] < high
    assert measures["values"]["broken"] is None
    assert measures["reasons"]["broken"] == "sure.measures:broken failed: KeyError: 'threshold'"
    assert measures["values"]["accuracy"] is not None
    for part in document["breakdowns"][0]["parts"]:
        assert part["measures"]["values"]["certainty"] is not None
    for name in ("report.html", "report.md"):
        text = (tmp_path / "out" / name).read_text()
        assert "certainty of right answers" in text
        assert "KeyError" in text
