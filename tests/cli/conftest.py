from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.installed_packages import Answer
from zoo.registry import registry

Command = Callable[..., Answer]


@pytest.fixture
def run(command: Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """`run("list", "--json")` is `zoo list --json` in this process, with a registry that is read again."""
    monkeypatch.setenv("ZOO_REGISTRY", "")  # so that what --registry sets is taken back

    def run(*words: str) -> Answer:
        registry.cache_clear()
        return command(*words)

    yield run
    registry.cache_clear()


@pytest.fixture
def rows(tmp_path: Path) -> Callable[[str, str], str]:
    """A registry file with one model of that name."""

    def write(name: str, more: str = "") -> str:
        path = tmp_path / f"{name}.yaml"
        path.write_text(f"models:\n  {name}:\n    architecture: dala\n{more}", encoding="utf-8")
        return str(path)

    return write


def one_document(answer: Answer) -> object:
    """What a program reads: nothing but one JSON document, without what JSON does not know."""
    assert answer.status == 0, answer.err

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(answer.out, parse_constant=refuse)
