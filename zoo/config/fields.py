"""Settings: fields of a configuration class, each declared with its help, its group and its range.

The command line, YAML files, the keywords of `zoo.train`, run.yaml, the comparison before a run is resumed, and the
table in the documentation are all derived from these declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from typing import Any, Literal

from zoo.config import values
from zoo.errors import UsageError, similar_name

Group = Literal["model", "data", "training", "optimizer", "loss", "augmentation", "computing", "output", "many runs"]
"""The headings under which settings are listed, in this order."""


@dataclass(frozen=True, kw_only=True)
class Range:
    """The range of the numbers that a setting may have."""

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
    """The name of the field."""
    keyword: str
    """The name that users type: the keyword in Python, and the option on the command line."""
    hint: Any
    """The type that the field declares."""
    annotation: str
    """The type as it is written in the source code."""
    default: Any
    help: str
    group: Group
    range: Range
    flags: tuple[str, ...]
    """The names of the option on the command line."""
    may_change: bool
    """Whether a resumed run may have another value: no result depends on it, or only on the contents of a file."""

    def checked(self, value: Any) -> Any:
        """Return the value as the declared type, or raise a SettingError that says what is allowed."""
        try:
            checked = values.check(value, self.hint)
        except ValueError as error:
            raise SettingError(self.keyword, str(error), hint=self._nearest(value)) from error
        for number in checked if isinstance(checked, tuple) else (checked,):
            if isinstance(number, int | float) and not isinstance(number, bool) and number not in self.range:
                raise SettingError(self.keyword, f"must be {self.range}, not {values.shown(number)}")
        return checked

    def read(self, text: str) -> Any:
        """Return the value of a text, as typed on a command line, or raise a SettingError."""
        try:
            value = values.parse(text, self.hint)
        except ValueError as error:
            raise SettingError(self.keyword, str(error), hint=self._nearest(text)) from error
        return self.checked(value)

    def _nearest(self, value: Any) -> str | None:
        """Return a hint with the most similar choice, or None if none is similar."""
        if not isinstance(value, str):
            return None
        return similar_name(value, [str(choice) for choice in values.choices(self.hint)])


class SettingError(UsageError):
    """A setting has an invalid value."""

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
        default: The value if none is given; a callable is called for a new one each time.
        help: The meaning, in one sentence.
        group: The heading under which it is listed.
        keyword: The name that users type, if it is not the name of the field.
        flags: The names of the option on the command line, if they are not derived from the keyword.
        at_least: The smallest number allowed. Bounds of a tuple apply to each of its numbers.
        above: A bound that the number must exceed.
        at_most: The largest number allowed.
        below: A bound that the number must be below.
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


def is_setting(member: Field[Any]) -> bool:
    """Return whether a dataclass field is declared as a setting."""
    return _KEY in member.metadata


@cache
def settings_of(kind: type) -> Mapping[str, Setting]:
    """Return the settings of a configuration class by keyword, in the order in which they are declared."""
    hints = values.type_hints(kind)
    settings = {}
    for member in fields(kind):
        if is_setting(member):
            declared = dict(member.metadata[_KEY])
            keyword = declared.pop("keyword") or member.name
            flags = declared.pop("flags") or (f"--{keyword.replace('_', '-')}",)
            default = member.default if member.default_factory is MISSING else member.default_factory()
            settings[keyword] = Setting(
                field=member.name,
                keyword=keyword,
                hint=hints[member.name],
                annotation=str(member.type),
                default=default,
                flags=flags,
                **declared,
            )
    return settings


class Configuration:
    """The base class of dataclasses with settings: every value is checked when an object is created."""

    def __post_init__(self) -> None:
        for declared in settings_of(type(self)).values():  # type: ignore[arg-type]
            object.__setattr__(self, declared.field, declared.checked(getattr(self, declared.field)))


def _number(bound: float) -> str:
    """Return a bound as text for a message."""
    if bound == 2**63:
        return "2^63"
    return f"{bound:,.0f}" if bound >= 10_000 else f"{bound:g}"
