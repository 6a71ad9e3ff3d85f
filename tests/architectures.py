"""One model of each architecture, for tests of all of them."""

from __future__ import annotations

from zoo import list_models
from zoo.registry import registry


def one_of_each_architecture() -> list[str]:
    """Return the model of each architecture with the shortest name, which is the smallest one."""
    found: dict[str, str] = {}
    for name in sorted(list_models(), key=lambda name: (len(name), name)):
        found.setdefault(registry().model(name).architecture.name, name)
    return sorted(found.values())
