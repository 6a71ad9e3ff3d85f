from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from zoo.cli.main import main
from zoo_demo.open_demo import newest_runs


def _fails(args: list[str], capsys: pytest.CaptureFixture[str], *, status: int = 1) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--no-browser", *args])
    assert ended.value.code == status
    return capsys.readouterr().err


def test_without_models_and_runs_the_error_says_how_to_train_one(capsys: pytest.CaptureFixture[str]) -> None:
    message = _fails([], capsys)
    assert "no model to show" in message
    assert "zoo train dala" in message


def test_without_gradio_the_error_names_the_extra_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)
    message = _fails([], capsys)
    assert "gradio" in message
    assert "histozoo[demo]" in message


def test_a_model_that_does_not_exist_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no such folder" in _fails(["nowhere"], capsys)


def test_a_run_without_a_bundle_is_an_error(capsys: pytest.CaptureFixture[str], runs: Callable[..., Path]) -> None:
    run = runs("dala-1", status="running")
    (run / "bundle").rename(run / "gone")
    assert "no bundle yet" in _fails([str(run)], capsys)


@pytest.mark.parametrize("port", ["0", "65536", "many"])
def test_a_port_outside_1_to_65535_is_a_usage_error(capsys: pytest.CaptureFixture[str], port: str) -> None:
    assert "--port" in _fails(["--port", port], capsys, status=2)


def test_without_a_runs_folder_there_are_no_newest_runs(tmp_path: Path) -> None:
    assert newest_runs() == []


def test_newest_runs_are_the_last_four_that_finished_newest_first(runs: Callable[..., Path]) -> None:
    for day in range(1, 7):
        runs(f"dala-{day}", ended=f"2026-01-0{day}T00:00:00+00:00")
    runs("running", ended="2026-02-01T00:00:00+00:00", status="running")
    assert newest_runs() == [f"runs/dala-{day}" for day in (6, 5, 4, 3)]


def test_newest_runs_leave_out_a_damaged_run_and_one_without_a_bundle(
    runs: Callable[..., Path], tmp_path: Path
) -> None:
    runs("good")
    (runs("damaged") / "run.yaml").write_text("[")
    (runs("bare") / "bundle").rename(tmp_path / "elsewhere")
    (tmp_path / "runs" / "note.txt").write_text("hello")
    assert newest_runs() == ["runs/good"]
