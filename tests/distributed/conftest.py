"""Groups of two and three processes, started when a test first needs one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from tests.process_group import ProcessGroup, process_group


@pytest.fixture(scope="session")
def process_groups(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], ProcessGroup]]:
    """Return a function that returns the group with a number of processes."""
    folder: Path = tmp_path_factory.mktemp("groups")
    with ExitStack() as stack:
        yield cache(lambda size: stack.enter_context(process_group(size, folder)))
