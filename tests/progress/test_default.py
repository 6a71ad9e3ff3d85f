"""Which reporter a Python call gets, and how a notebook shows progress."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from zoo.errors import UsageError
from zoo.progress import Silent, reporter_for
from zoo.progress.notebook import NotebookReporter, in_notebook
from zoo.progress.terminal import TerminalReporter


class ZMQInteractiveShell:
    """A class with the name of the shell in IPython's kernel."""


class TerminalInteractiveShell:
    """A class with the name of the shell of IPython in a terminal."""


class Shown:
    """A fake of IPython's display handle, which records what is displayed."""

    texts: list[tuple[str, str]]

    def __init__(self) -> None:
        Shown.texts = []

    def display(self, document: dict[str, str], *, raw: bool) -> None:
        assert raw
        Shown.texts.append(("display", document["text/plain"]))

    def update(self, document: dict[str, str], *, raw: bool) -> None:
        assert raw
        Shown.texts.append(("update", document["text/plain"]))


def install_ipython(monkeypatch: pytest.MonkeyPatch, shell: object) -> None:
    """Make this process look like one of IPython."""
    ipython: Any = ModuleType("IPython")
    display: Any = ModuleType("IPython.display")
    ipython.get_ipython, display.DisplayHandle = lambda: shell, Shown
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)


@pytest.mark.usefixtures("terminal")
def test_in_a_terminal_progress_is_a_bar_unless_it_is_turned_off() -> None:
    assert isinstance(reporter_for(True), TerminalReporter)
    assert isinstance(reporter_for(False), Silent)


def test_without_a_terminal_no_progress_is_shown_by_default() -> None:
    assert isinstance(reporter_for(True), Silent)


def test_a_given_reporter_is_used_unchanged() -> None:
    mine = Silent()
    assert reporter_for(mine) is mine


def test_in_a_notebook_progress_is_a_line_unless_it_is_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    install_ipython(monkeypatch, ZMQInteractiveShell())
    assert isinstance(reporter_for(True), NotebookReporter)
    assert isinstance(reporter_for(False), Silent)


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("shell", [TerminalInteractiveShell(), None])
def test_ipython_in_a_terminal_or_without_a_shell_is_not_a_notebook(
    monkeypatch: pytest.MonkeyPatch, shell: object
) -> None:
    install_ipython(monkeypatch, shell)
    assert not in_notebook()
    assert isinstance(reporter_for(True), TerminalReporter)


def test_a_notebook_shows_one_line_that_is_updated_and_ends_with_the_total(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install_ipython(monkeypatch, ZMQInteractiveShell())
    monkeypatch.setattr("zoo.progress.notebook.REFRESH", -1.0)
    reporter = NotebookReporter()
    reporter.say("epoch 1/2")
    with reporter.track("training", 4, "images", done=1) as task:
        task.advance(1, loss="0.500")
        task.advance(2)
    assert capsys.readouterr().out == "epoch 1/2\n"
    assert [how for how, _ in Shown.texts] == ["display", "update", "update"]
    assert Shown.texts[0][1].startswith("training: 2/4 images")
    assert Shown.texts[-1][1].startswith("training: 4/4 images")
    assert Shown.texts[-1][1].endswith("loss 0.500")


@pytest.mark.parametrize("progress", [None, 1, "yes"])
def test_an_object_that_is_no_reporter_is_refused(progress: Any) -> None:
    with pytest.raises(UsageError, match="progress must be True, False or a reporter, not"):
        reporter_for(progress)
