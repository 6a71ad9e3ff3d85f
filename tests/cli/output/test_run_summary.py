"""What `zoo train` prints at its end about the training itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zoo.cli.output.run_summary import print_summary
from zoo.runs import Run

OUTCOME = {
    "epochs_run": 17,
    "best_epoch": 12,
    "seconds": 290.0,
    "seconds_to_best": 201.4,
    "images_per_second": 95.31,
    "peak_memory_bytes": 1_240_000_000,
    "energy_joules": 43_200.0,
}


@pytest.fixture
def printed(trained: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, str]]:
    """The block of names and values, for a run with another outcome."""

    def summary(outcome: dict[str, Any] | None = None, **changes: Any) -> dict[str, str]:
        run = Run(shutil.copytree(trained.path, tmp_path / "run"))
        record = run.record
        resolved = replace(record.resolved, **changes)
        run.update(outcome={**(record.outcome or {}), **(outcome or {})}, resolved=resolved)
        print_summary(run)
        block = capsys.readouterr().out.split("\n\n")[1]
        widths = {len(line) - len(line.split("  ", 1)[1].lstrip()) for line in block.splitlines()}
        assert len(widths) == 1  # the values stand under each other
        (width,) = widths
        return {line[:width].rstrip(): line[width:] for line in block.splitlines()}

    return summary


def test_everything_that_is_known(printed: Callable[..., dict[str, str]]) -> None:
    assert printed(OUTCOME) == {
        "parameters": "271,954",
        "best epoch": "12 of 17",
        "time to best validation": "0:03:21",
        "speed": "95.3 images/s",
        "peak memory": "1.24 GB, of the process",
        "energy": "12 Wh, of the GPU",
        "curves": str(Path("run/curves.png").resolve()),
    }


def test_what_is_not_known_is_not_there(printed: Callable[..., dict[str, str]]) -> None:
    found = printed({**OUTCOME, "peak_memory_bytes": None, "energy_joules": None})
    assert not {"energy", "peak memory"} & set(found)


def test_on_a_gpu_memory_is_the_gpus(printed: Callable[..., dict[str, str]]) -> None:
    assert printed(OUTCOME, device="cuda")["peak memory"] == "1.24 GB, of the GPU's memory"


def test_where_the_last_epoch_is_kept_it_is_not_called_the_best(
    printed: Callable[..., dict[str, str]], trained: Run
) -> None:
    found = printed(
        {**OUTCOME, "seconds_to_best": 3.21}, recipe=trained.record.resolved.recipe.changed({"select": "last"})
    )
    assert "best epoch" not in found
    assert found["epoch kept"] == "12 of 17"
    assert found["time to the last epoch"] == "3.2 s"


def test_a_real_run_says_what_its_record_says(printed: Callable[..., dict[str, str]], trained: Run) -> None:
    outcome, found = trained.record.outcome or {}, printed()
    assert found["best epoch"] == f"{outcome['best_epoch']} of 2"
    assert found["speed"] == f"{outcome['images_per_second']:.1f} images/s"
    assert found["peak memory"].endswith(" GB, of the process")
    assert Path(found["curves"]).is_file()
