"""Crews of two and three processes, started when a test first asks for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from tests.processes import Crew, crew


@pytest.fixture(scope="session")
def crews(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], Crew]]:
    folder: Path = tmp_path_factory.mktemp("crews")
    with ExitStack() as stack:
        yield cache(lambda size: stack.enter_context(crew(size, folder)))
