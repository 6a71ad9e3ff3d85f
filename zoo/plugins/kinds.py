"""The kinds of things that plugins register, each with its hook and its checks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from zoo.errors import PluginError
from zoo.plugins.validate import (
    check_architecture,
    check_augmentation,
    check_exporter,
    check_fields,
    check_function,
    check_line,
    check_name,
    check_options,
)
from zoo.spec import Architecture, Augmentation, Command, ExplanationMethod, Exporter, Measure, Source


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of thing that plugins register."""

    name: str
    """The attribute of `Plugin` that has them, and the key in `zoo plugins --json`."""
    title: str
    """What several are called, such as "data sources"."""
    noun: str
    """What one is called, such as "source"."""
    spec: type[Any]
    """The class of `zoo.spec` that declares one."""
    functions: tuple[str, ...]
    """The fields that name a function."""
    lines: tuple[str, ...] = ("summary",)
    """The fields that are one line of text."""
    rule: Callable[[Any], None] | None = None
    """Raises a PluginError for values that the types of the fields allow, and that are invalid all the same."""

    @property
    def hook(self) -> str:
        """The name of the hook."""
        return f"zoo_register_{self.name}"

    def check(self, spec: Any) -> None:
        """Raise a PluginError that names a field with an invalid value of what a plugin registers."""
        if not isinstance(spec, self.spec):
            raise PluginError(f"{self.hook}: {spec!r} must be a zoo.spec.{self.spec.__name__}")
        check_name(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.spec.__name__).lower(), spec.name)
        check_fields(spec, spec.name)
        for key in self.functions:
            check_function(spec.name, key, getattr(spec, key))
        for key in self.lines:
            check_line(spec.name, key, getattr(spec, key))
        if self.rule is not None:
            self.rule(spec)


KINDS = (
    Kind(name="models", title="models", noun="model", spec=Architecture, functions=("build",), rule=check_architecture),
    Kind(
        name="sources",
        title="data sources",
        noun="source",
        spec=Source,
        functions=("read", "recognize"),
        rule=check_options,
    ),
    Kind(
        name="augmentations",
        title="augmentations",
        noun="augmentation",
        spec=Augmentation,
        functions=("apply",),
        rule=check_augmentation,
    ),
    Kind(
        name="explanation_methods",
        title="explanation methods",
        noun="explanation method",
        spec=ExplanationMethod,
        functions=("explain",),
        lines=("title", "summary"),
    ),
    Kind(
        name="measures",
        title="measures",
        noun="measure",
        spec=Measure,
        functions=("measure",),
        lines=("title", "summary", "no_interval"),
    ),
    Kind(
        name="exporters",
        title="export formats",
        noun="export format",
        spec=Exporter,
        functions=("write", "run"),
        lines=("title", "summary", "runs_with"),
        rule=check_exporter,
    ),
    Kind(name="commands", title="commands", noun="command", spec=Command, functions=("command",)),
)
"""Every kind, in the order in which their hooks are called and `zoo plugins` lists them."""
