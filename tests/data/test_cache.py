from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from zoo.data.cache import cache_folder


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOO_CACHE", "/somewhere/else")
    assert cache_folder() == Path("/somewhere/else")


@pytest.mark.parametrize("value", ["", None])
def test_otherwise_it_is_the_users_cache(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("ZOO_CACHE")
    if value is not None:
        monkeypatch.setenv("ZOO_CACHE", value)
    assert cache_folder() == platformdirs.user_cache_path("histozoo")
