from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from zoo.plugins import plugins
from zoo.registry import Registry
from zoo.registry.registry_files import builtin_file

Book = Callable[..., Registry]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """The installed plugins and our own file, with files of a user on top."""

    def read(*texts: str) -> Registry:
        files = []
        for index, text in enumerate(texts):
            files.append(tmp_path / f"{index}.yaml")
            files[-1].write_text(text, encoding="utf-8")
        return Registry(plugins(), builtin_file(), tuple(files))

    return read
