"""What a setting is: a field of a configuration that carries its help, its group and the range of its values.

The command line, YAML files, the keywords of `zoo.train`, run.yaml, the comparison before a run is resumed, and the
table in the documentation are all derived from these declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal

from zoo.config import values
from zoo.errors import UsageError, did_you_mean

Group = Literal["model", "data", "training", "optimizer", "loss", "augmentation", "computing", "output", "many runs"]
"""The headings under which settings are listed, in this order."""


@dataclass(frozen=True, kw_only=True)
class Range:
    """The numbers that a setting may have."""

    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None

    def __contains__(self, number: float) -> bool:
        return (
            (self.at_least is None or number >= self.at_least)
            and (self.above is None or number > self.above)
            and (self.at_most is None or number <= self.at_most)
            and (self.below is None or number < self.below)
        )

    def __str__(self) -> str:
        bounds = (("at least", self.at_least), ("above", self.above), ("at most", self.at_most), ("below", self.below))
        return " and ".join(f"{word} {_number(bound)}" for word, bound in bounds if bound is not None)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting of a configuration class."""

    field: str
    """The field's name."""
    keyword: str
    """The name that people type: the keyword in Python, the option on the command line."""
    hint: Any
    """The declared type."""
    annotation: str
    """The declared type as the source writes it."""
    default: Any
    help: str
    group: Group
    range: Range
    flags: tuple[str, ...]
    """The option's spellings on the command line."""
    may_change: bool
    """Whether a resumed run may have another value, because it changes no number."""

    def checked(self, value: Any) -> Any:
        """Return the value as the declared type, or raise a UsageError that says what is allowed."""
        try:
            checked = values.check(value, self.hint)
        except ValueError as error:
            raise SettingError(self.keyword, str(error), hint=self._nearest(value)) from error
        for number in checked if isinstance(checked, tuple) else (checked,):
            if isinstance(number, int | float) and not isinstance(number, bool) and number not in self.range:
                raise SettingError(self.keyword, f"must be {self.range}, not {values.shown(number)}")
        return checked

    def read(self, text: str) -> Any:
        """Return the value that a text stands for, as on a command line, or raise a UsageError."""
        try:
            value = values.parse(text, self.hint)
        except ValueError as error:
            raise SettingError(self.keyword, str(error), hint=self._nearest(text)) from error
        return self.checked(value)

    def _nearest(self, value: Any) -> str | None:
        """The choice that was probably meant."""
        choices = [str(choice) for choice in values.choices(self.hint)]
        guess = did_you_mean(value, choices) if isinstance(value, str) and choices else ""
        return guess if guess.startswith("did you mean") else None


class SettingError(UsageError):
    """A setting has a value that it cannot have."""

    def __init__(self, keyword: str, problem: str, *, hint: str | None = None) -> None:
        super().__init__(f"{keyword} {problem}", hint=hint)
        self.keyword, self.problem = keyword, problem


def setting(
    default: Any,
    help: str,  # noqa: A002
    *,
    group: Group,
    keyword: str | None = None,
    flags: tuple[str, ...] = (),
    at_least: float | None = None,
    above: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
    may_change: bool = False,
) -> Any:
    """Declare a dataclass field as a setting.

    Args:
        default: Its value where nobody gives one; a callable makes a new one each time.
        help: What it means, in one sentence.
        group: The heading it is listed under.
        keyword: The name that people type, where it is not the field's.
        flags: Its spellings on the command line, where they are not derived from the keyword.
        at_least: The smallest number it may have. For a tuple, each of its numbers.
        above: The bound it must be above.
        at_most: The largest number it may have.
        below: The bound it must be below.
        may_change: Whether a resumed run may have another value.
    """
    declared = {
        "help": help,
        "group": group,
        "keyword": keyword,
        "flags": flags,
        "range": Range(at_least=at_least, above=above, at_most=at_most, below=below),
        "may_change": may_change,
    }
    if callable(default):
        factory: Callable[[], Any] = default
        return field(default_factory=factory, metadata={_KEY: declared})
    return field(default=default, metadata={_KEY: declared})


_KEY = "setting"


@cache
def settings_of(kind: type) -> Mapping[str, Setting]:
    """The settings of a configuration class by keyword, in the order in which they are declared."""
    hints = values.type_hints(kind)
    found = {}
    for one in fields(kind):
        if _KEY in one.metadata:
            declared = dict(one.metadata[_KEY])
            keyword = declared.pop("keyword") or one.name
            flags = declared.pop("flags") or (f"--{keyword.replace('_', '-')}",)
            default = one.default if one.default_factory is MISSING else one.default_factory()
            found[keyword] = Setting(
                field=one.name,
                keyword=keyword,
                hint=hints[one.name],
                annotation=str(one.type),
                default=default,
                flags=flags,
                **declared,
            )
    return found


class Configuration:
    """The base of dataclasses whose fields are settings: every value is checked when an object is made."""

    def __post_init__(self) -> None:
        for one in settings_of(type(self)).values():  # type: ignore[arg-type]
            object.__setattr__(self, one.field, one.checked(getattr(self, one.field)))


def as_path(value: Any) -> Any:
    """Return an absolute path for a path, and anything else as it is."""
    return value.resolve() if isinstance(value, Path) else value


def _number(bound: float) -> str:
    if bound == 2**63:
        return "2^63"
    return f"{bound:,.0f}" if bound >= 10_000 else f"{bound:g}"
