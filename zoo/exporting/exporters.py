"""The choice of the format that a model is exported to."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from zoo.errors import MissingExtraError, UsageError, look_up
from zoo.registry import registry
from zoo.spec import Exporter


def choose_exporter(path: Path, name: str | None) -> Exporter:
    """Return the format of a name, or else of a file's suffix; the suffix must be that of the format.

    Args:
        path: The file to write.
        name: The name of the format; by default the first one with the file's suffix.
    """
    known = registry().plugins.exporters
    fitting = [look_up("format", name, known)] if name is not None else list(known.values())
    for exporter in fitting:
        if path.suffix.lower() == exporter.suffix:
            return exporter
    suffixes = " or ".join(f"{exporter.suffix} ({exporter.title})" for exporter in fitting)
    raise UsageError(f"the name of the file must end in {suffixes}", where=str(path))


def require_packages(exporter: Exporter) -> None:
    """Raise a MissingExtraError that names the packages that a format needs and that are not installed."""
    missing = [name for name in exporter.needs if find_spec(name) is None]
    if missing:
        raise MissingExtraError(*missing, extra=exporter.extra)
