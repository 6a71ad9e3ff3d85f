"""Which entry points there are, and which of them are wanted."""

from __future__ import annotations

import os
from importlib.metadata import Distribution, EntryPoint, distributions

from zoo.errors import PluginError, UnknownNameError

GROUP = "zoo"
HOME = "histozoo"
"""Our own distribution: its plugins load first, so that a stranger cannot take one of their names."""
VARIABLE = "ZOO_PLUGINS"
"""`none`, or the names of the plugins to load, with commas between them; all of them where it is not set."""

Found = tuple[EntryPoint, Distribution]


def discover() -> list[Found]:
    """Every entry point of our group once, ours first and the others by name."""
    found: dict[tuple[str, str], Found] = {}
    for distribution in distributions():
        for point in distribution.entry_points:
            if point.group == GROUP:
                found.setdefault((name_of(distribution), point.name), (point, distribution))
    return sorted(found.values(), key=lambda pair: (name_of(pair[1]) != HOME, name_of(pair[1]), pair[0].name))


def name_of(distribution: Distribution) -> str:
    """The package's name; a half-removed package has lost it."""
    return _header(distribution, "Name")


def version_of(distribution: Distribution) -> str:
    """The package's version; a half-removed package has lost it."""
    return _header(distribution, "Version")


def _header(distribution: Distribution, key: str) -> str:
    metadata = distribution.metadata
    if key not in metadata:
        return "unknown"
    return metadata[key]


def wanted(found: list[Found]) -> list[Found]:
    """The ones that the environment asks for."""
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return found
    names = set() if text == "none" else {name.strip() for name in text.split(",") if name.strip()}
    for name in sorted(names):
        if name not in {point.name for point, _ in found}:
            raise UnknownNameError("plugin", name, [point.name for point, _ in found], where=VARIABLE)
    return [pair for pair in found if pair[0].name in names]


def check_requirement(distribution: Distribution, version: str) -> None:
    """A package that was made for another zoo says so in its own metadata; then it is not loaded."""
    from packaging.requirements import InvalidRequirement, Requirement

    for text in distribution.requires or []:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue  # whoever installed it was told
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if (
            requirement.name.lower() == HOME
            and applies
            and not requirement.specifier.contains(version, prereleases=True)
        ):
            raise PluginError(
                f"{distribution.name} {distribution.version} needs {text}, and this is {HOME} {version}",
                hint=f"pip install '{text}'",
            )
