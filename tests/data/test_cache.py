from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from zoo.data.cache import cache_folder


def test_cache_folder_is_that_of_the_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOO_CACHE", "/somewhere/else")
    assert cache_folder() == Path("/somewhere/else")


@pytest.mark.parametrize("value", ["", None])
def test_cache_folder_is_by_default_in_the_cache_of_the_user(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("ZOO_CACHE")
    if value is not None:
        monkeypatch.setenv("ZOO_CACHE", value)
    assert cache_folder() == platformdirs.user_cache_path("histozoo")
