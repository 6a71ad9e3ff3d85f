"""Shell completion of names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.strangers import Answer

Command = Callable[..., Answer]
Complete = Callable[[str], list[str]]


@pytest.fixture
def complete(run: Command, monkeypatch: pytest.MonkeyPatch) -> Complete:
    def ask(typed: str) -> list[str]:
        monkeypatch.setenv("_ZOO_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", typed)
        monkeypatch.setenv("COMP_CWORD", str(len(typed.split(" ")) - 1))
        answer = run()
        assert answer.err == ""
        return [line.partition(",")[2] for line in answer.out.split()]

    return ask


@pytest.mark.parametrize("verb", ["show", "train"])
def test_names_of_models(complete: Complete, verb: str) -> None:
    assert complete(f"zoo {verb} dal") == ["dala"]
    assert {"resnet20", "resnet50"} <= set(complete(f"zoo {verb} resnet"))
    assert {"dala", "resnet50"} <= set(complete(f"zoo {verb} "))
    assert complete(f"zoo {verb} nothing") == []


def test_names_of_commands(complete: Complete) -> None:
    assert complete("zoo pl") == ["plugins"]
    assert {"list", "show", "train", "demo"} <= set(complete("zoo "))


def test_models_of_a_user(complete: Complete, monkeypatch: pytest.MonkeyPatch, rows: Callable[..., str]) -> None:
    monkeypatch.setenv("ZOO_REGISTRY", rows("dalmatian"))
    assert complete("zoo show dal") == ["dala", "dalmatian"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_its_script(run: Command, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    if shell == "bash":  # click asks the installed bash for its version
        pytest.importorskip("shutil").which("bash") or pytest.skip("no bash here")
    monkeypatch.setenv("_ZOO_COMPLETE", f"{shell}_source")
    answer = run()
    assert answer.status == 0
    assert "_ZOO_COMPLETE" in answer.out
