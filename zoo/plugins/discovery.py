"""The discovery of plugins: the installed entry points, and the selection of those to load."""

from __future__ import annotations

import os
from importlib.metadata import Distribution, EntryPoint, distributions

from zoo.errors import PluginError, UnknownNameError

GROUP = "zoo"
HISTOZOO = "histozoo"
"""Our own distribution. Its plugins are loaded first, so that no other package can take one of their names."""
VARIABLE = "ZOO_PLUGINS"
"""`none`, or the names of the plugins to load, separated by commas; all are loaded if it is not set."""

Found = tuple[EntryPoint, Distribution]


def discover() -> list[Found]:
    """Return every entry point of our group once: our own first, the others sorted by name."""
    found: dict[tuple[str, str], Found] = {}
    for distribution in distributions():
        for point in distribution.entry_points:
            if point.group == GROUP:
                found.setdefault((name_of(distribution), point.name), (point, distribution))
    return sorted(found.values(), key=lambda pair: (name_of(pair[1]) != HISTOZOO, name_of(pair[1]), pair[0].name))


def name_of(distribution: Distribution) -> str:
    """Return the name of a package, or "unknown" if its metadata is incomplete."""
    return _header(distribution, "Name")


def version_of(distribution: Distribution) -> str:
    """Return the version of a package, or "unknown" if its metadata is incomplete."""
    return _header(distribution, "Version")


def _header(distribution: Distribution, key: str) -> str:
    """Return a header of a package's metadata."""
    metadata = distribution.metadata
    if key not in metadata:
        return "unknown"
    return metadata[key]


def select(found: list[Found]) -> list[Found]:
    """Return the entry points that ZOO_PLUGINS names, or all if it is not set."""
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return found
    names = set() if text == "none" else {name.strip() for name in text.split(",") if name.strip()}
    for name in sorted(names):
        if name not in {point.name for point, _ in found}:
            raise UnknownNameError("plugin", name, [point.name for point, _ in found], where=VARIABLE)
    return [pair for pair in found if pair[0].name in names]


def check_requirement(distribution: Distribution, version: str) -> None:
    """Raise a PluginError if a package requires another version of histozoo, as its metadata says."""
    from packaging.requirements import InvalidRequirement, Requirement

    for text in distribution.requires or []:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue  # pip has reported it
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if (
            requirement.name.lower() == HISTOZOO
            and applies
            and not requirement.specifier.contains(version, prereleases=True)
        ):
            raise PluginError(
                f"{distribution.name} {distribution.version} needs {text}, and this is {HISTOZOO} {version}",
                hint=f"pip install '{text}'",
            )
