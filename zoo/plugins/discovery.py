"""The discovery of plugins: the installed entry points, and the selection of those to load."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path

from zoo.errors import PluginError, UnknownNameError, UsageError

GROUP = "zoo"
HISTOZOO = "histozoo"
"""Our own distribution. Its plugins are loaded first, so that no other package can take one of their names."""
ESSENTIAL = {
    "augmentations": "data.augmentation",
    "explanations": "explain",
    "measures": "metrics.measures",
    "exporters": "exporting",
    "commands": "cli.registered_commands",
}
"""The plugins that the zoo itself consists of, with their modules in `zoo`. They are loaded first, and always.

Recipes and reports need them, whatever plugins a user selects; so they are not entry points, which can be left out.
"""
VARIABLE = "ZOO_PLUGINS"
"""`none`, or the names of the plugins to load, separated by commas; all are loaded if it is not set.

If every name has a minus sign, all others are loaded. Those that the zoo needs are always loaded.
"""
NONE = "none"
UNKNOWN = "unknown"
"""The name and version of a package whose metadata is incomplete or damaged."""
ENTRY_POINTS = "entry_points.txt"


@dataclass(frozen=True, kw_only=True)
class Found:
    """An entry point of our group, with its package."""

    point: EntryPoint
    distribution: Distribution

    @property
    def is_essential(self) -> bool:
        """Whether the zoo needs it, so that it is always loaded."""
        return self.point.name in ESSENTIAL and name_of(self.distribution) == HISTOZOO


@dataclass(frozen=True, kw_only=True)
class Damaged:
    """A package whose entry points cannot be read, although it seems to have one of our group."""

    distribution: str
    reason: str


def discover() -> tuple[list[Found], list[Damaged]]:
    """Return every entry point of our group once, our own first, the others sorted by name; and damaged packages.

    A package without an entry point of our group may be damaged in any way.
    """
    found: dict[tuple[str, str], Found] = {}
    damaged: list[Damaged] = []
    for distribution in distributions():
        try:
            points = [point for point in distribution.entry_points if point.group == GROUP]
        except Exception as error:  # noqa: BLE001 - what a damaged file raises depends on the version of Python
            if _mentions_group(distribution):
                damaged.append(Damaged(distribution=_folder_name(distribution), reason=_damage(distribution, error)))
            continue
        for point in [*_essential_points(distribution), *points] if points else []:
            found.setdefault((name_of(distribution), point.name), Found(point=point, distribution=distribution))
    return sorted(found.values(), key=_order), damaged


def _essential_points(distribution: Distribution) -> list[EntryPoint]:
    """Return our essential plugins as entry points of our own distribution."""
    if name_of(distribution) != HISTOZOO:
        return []
    return [EntryPoint(name=name, value=f"zoo.{module}", group=GROUP) for name, module in ESSENTIAL.items()]


def _order(found: Found) -> tuple[bool, bool, str, str]:
    """Return the key by which entry points are sorted."""
    name = name_of(found.distribution)
    return not found.is_essential, name != HISTOZOO, name, found.point.name


def _mentions_group(distribution: Distribution) -> bool:
    """Return whether damaged entry points seem to have our group."""
    with suppress(OSError), Path(_folder(distribution), ENTRY_POINTS).open("rb") as file:
        return f"[{GROUP}]".encode() in file.read(1_000_000)
    return False


def _damage(distribution: Distribution, error: Exception) -> str:
    """Return why the entry points of a package cannot be read."""
    return f"{Path(_folder(distribution), ENTRY_POINTS)} is damaged: {type(error).__name__}: {error}"


def _folder(distribution: Distribution) -> str:
    """Return the folder of a package's metadata, which importlib has in a private attribute; "" if it has none."""
    return str(getattr(distribution, "_path", ""))


def _folder_name(distribution: Distribution) -> str:
    """Return the name of a package as the folder of its metadata has it, or "unknown"."""
    return Path(_folder(distribution)).name.partition("-")[0] or UNKNOWN


def name_of(distribution: Distribution) -> str:
    """Return the name of a package; "unknown" if its metadata lacks it, and that of the folder if they are damaged."""
    try:
        return _header(distribution, "Name")
    except UnicodeDecodeError:
        return _folder_name(distribution)


def version_of(distribution: Distribution) -> str:
    """Return the version of a package, or "unknown" if its metadata is incomplete or damaged."""
    try:
        return _header(distribution, "Version")
    except UnicodeDecodeError:
        return UNKNOWN


def _header(distribution: Distribution, key: str) -> str:
    """Return a header of a package's metadata."""
    metadata = distribution.metadata
    if key not in metadata:
        return UNKNOWN
    return metadata[key]


def select(found: list[Found]) -> list[Found]:
    """Return the entry points that ZOO_PLUGINS names, or all if it is not set; and those that the zoo needs."""
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return found
    names = set() if text == NONE else {name.strip() for name in text.split(",") if name.strip()}
    without = bool(names) and all(name.startswith("-") for name in names)
    names = {name.removeprefix("-") for name in names} if without else names
    for name in sorted(names):
        if name not in {item.point.name for item in found}:
            raise UnknownNameError("plugin", name, [item.point.name for item in found], where=VARIABLE)
        if without and any(item.point.name == name and item.is_essential for item in found):
            raise UsageError(f"the plugin {name} cannot be left out, since the zoo needs it", where=VARIABLE)
    return [item for item in found if (item.point.name in names) != without or item.is_essential]


def check_metadata(distribution: Distribution) -> None:
    """Raise a PluginError if the metadata of a package cannot be read."""
    try:
        distribution.metadata  # noqa: B018 - reading it is the check
    except UnicodeDecodeError as error:
        raise PluginError(
            f"its METADATA is damaged: {error}", where=_folder(distribution) or None, hint="install the package again"
        ) from error


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
