from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from zoo.cli.main import main


def _fails(args: list[str], capsys: pytest.CaptureFixture[str], *, status: int = 1) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--no-browser", *args])
    assert ended.value.code == status
    return capsys.readouterr().err


def test_without_anything_to_show_it_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    told = _fails([], capsys)
    assert "nothing to show" in told
    assert "zoo train dala" in told


def test_without_gradio_it_says_which_extra_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)
    told = _fails([], capsys)
    assert "gradio" in told
    assert "histozoo[demo]" in told


def test_a_model_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no such folder" in _fails(["nowhere"], capsys)


def test_a_run_that_has_not_finished_is_told(capsys: pytest.CaptureFixture[str], runs: Callable[..., Path]) -> None:
    run = runs("dala-1", status="running")
    (run / "bundle").rename(run / "gone")
    assert "no bundle yet" in _fails([str(run)], capsys)


@pytest.mark.parametrize("port", ["0", "65536", "many"])
def test_a_port_that_cannot_be_is_bad_usage(capsys: pytest.CaptureFixture[str], port: str) -> None:
    assert "--port" in _fails(["--port", port], capsys, status=2)
