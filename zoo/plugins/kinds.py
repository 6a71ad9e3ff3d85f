"""The kinds of things that plugins register, each with its hook and its checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from zoo.plugins.validate import (
    check_architecture,
    check_augmentation,
    check_command,
    check_explanation_method,
    check_exporter,
    check_measure,
    check_source,
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of thing that plugins register."""

    name: str
    """The attribute of `Plugin` that has them, and the key in `zoo plugins --json`."""
    title: str
    """What several are called, such as "data sources"."""
    noun: str
    """What one is called, such as "source"."""
    check: Callable[[Any], Any]
    """Returns what a plugin registers unchanged, or raises a PluginError."""

    @property
    def hook(self) -> str:
        """The name of the hook."""
        return f"zoo_register_{self.name}"


KINDS = (
    Kind(name="models", title="models", noun="model", check=check_architecture),
    Kind(name="sources", title="data sources", noun="source", check=check_source),
    Kind(name="augmentations", title="augmentations", noun="augmentation", check=check_augmentation),
    Kind(
        name="explanation_methods",
        title="explanation methods",
        noun="explanation method",
        check=check_explanation_method,
    ),
    Kind(name="measures", title="measures", noun="measure", check=check_measure),
    Kind(name="exporters", title="export formats", noun="export format", check=check_exporter),
    Kind(name="commands", title="commands", noun="command", check=check_command),
)
"""Every kind, in the order in which their hooks are called and `zoo plugins` lists them."""
