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


def test_without_models_runs_and_a_terminal_nothing_is_trained_and_the_error_says_how_to_get_a_model(
    capsys: pytest.CaptureFixture[str],
) -> None:
    message = _fails([], capsys)
    assert "no model to show" in message
    assert "zoo train dala" in message
    assert "zoo demo --train" in message
    assert not Path("runs").exists()


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
