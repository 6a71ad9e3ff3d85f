"""Progress in a notebook."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from zoo.progress import notebook
from zoo.progress.notebook import NotebookReporter


def test_a_task_in_a_notebook_is_one_line_that_is_updated(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, str]] = []

    class Handle:
        def display(self, document: dict[str, str], **_: Any) -> None:
            calls.append(("display", document["text/plain"]))

        def update(self, document: dict[str, str], **_: Any) -> None:
            calls.append(("update", document["text/plain"]))

    display: Any = ModuleType("IPython.display")
    display.DisplayHandle = Handle
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setattr(notebook, "REFRESH", 0.0)
    with NotebookReporter().track("training", 4, "images") as task:
        task.advance(1, loss="0.5")
        task.advance(3)
    kinds, lines = zip(*calls, strict=True)
    assert kinds[0] == "display"
    assert set(kinds[1:]) == {"update"}
    assert lines[0].startswith("training: 1/4 images, ")
    assert lines[0].endswith("loss 0.5")
    assert lines[-1].startswith("training: 4/4 images, ")


def test_a_plain_python_process_is_not_a_notebook() -> None:
    assert not notebook.in_notebook()
