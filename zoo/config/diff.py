"""The differences between the settings of a run and the settings with which it is resumed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zoo.config.fields import Setting


def changed_settings(before: Mapping[str, Any], now: Mapping[str, Any], known: Mapping[str, Setting]) -> list[str]:
    """Return a line for each keyword with a changed value, except for settings that may change."""
    return [
        f"{keyword}: {before.get(keyword)!r} then, {value!r} now"
        for keyword, value in now.items()
        if before.get(keyword) != value and not (keyword in known and known[keyword].may_change)
    ]


def differences(name: str, before: Any, now: Any) -> list[str]:
    """Return a line for each value that differs between two documents, at any depth."""
    return [f"{key}: {old!r} then, {new!r} now" for key, old, new in _pairs(name, before, now)]


def _pairs(name: str, before: Any, now: Any) -> Iterable[tuple[str, Any, Any]]:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for key in {**before, **now}:
            yield from _pairs(f"{name}.{key}", before.get(key), now.get(key))
    elif before != now:
        yield name, before, now
