"""A whole reproduction of a tiny paper, trained in real processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reproduction.conftest import PAPER, Lab, cell
from zoo import reproduce

BROKEN = """
  broken:
    architecture: small_resnet
    options: {depth: 21}
    recipe: quick
    paper: tiny2025
    claims:
      tiles all: {accuracy: 0.5}
"""
"""A network that cannot be built, which is only found in the process that trains it."""


@pytest.mark.slow
@pytest.mark.usefixtures("warm_runs")
def test_a_smoke_run_trains_what_it_can_and_names_what_failed(lab: Lab, tiles: Path, tmp_path: Path) -> None:
    lab.add_to_registry(PAPER.replace("SOURCE", "folder").replace("IMAGES", "40") + BROKEN)
    given = {"data": "folder", "root": tiles, "models": ["plain", "broken"], "device": "cpu", "jobs": 2}
    found = reproduce("tiny2025", budget="smoke", out=tmp_path / "out", progress=False, **given)
    trained, failed = cell(found, "plain"), cell(found, "broken")
    assert (trained.verdict, trained.reasons[0], trained.runs) == ("not comparable", "smoke run", 1)
    assert trained.ours is not None
    assert (failed.verdict, failed.ours) == ("failed", None)
    assert "depth" in failed.reasons[0]
    assert list(found.results.failures) == ["image-tiles-all/broken-seed0"]
    assert found.results.models[0].parameters == found.results.models[0].paper_parameters == 271954
    assert {path.name for path in found.path.iterdir()} >= {"report.html", "report.md", "results.json"}
