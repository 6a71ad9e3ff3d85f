"""One family of errors: what went wrong, where, and what to do next."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

from zoo.text import LONGEST, cut_short, fitted, listed, quoted, shortened

Value = TypeVar("Value")
MESSAGE, MESSAGE_LINES, PLACE, HINT, HINT_LINES = 1000, 14, 300, 500, 8
"""How many characters and lines an error has at most, so that it fits on a screen of 80 columns and 24 rows."""


class ZooError(Exception):
    """An error that a user can act on. The command line prints it without a traceback.

    What it says may quote files of other people: control characters are shown as escapes, and long text is cut short.

    Args:
        message: What went wrong.
        where: The file, folder, model or repository it is about.
        hint: What to do next.

    Examples:
        >>> try:
        ...     zoo.create_model("dalla")
        ... except zoo.ZooError as error:
        ...     print(error.message, "-", error.hint)
        unknown model 'dalla' - did you mean dala?
    """

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        self.message = fitted(message, characters=MESSAGE, lines=MESSAGE_LINES)
        self.where = None if where is None else fitted(shortened(where, PLACE), characters=PLACE, lines=1)
        self.hint = None if hint is None else fitted(hint, characters=HINT, lines=HINT_LINES)
        super().__init__(self.message)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        hint = f"\n  {self.hint}" if self.hint else ""
        return f"{place}{self.message}{hint}"


class UsageError(ZooError):
    """The call itself is wrong: an invalid value, or options that cannot be combined."""


class UnknownNameError(ZooError):
    """An unknown name; the hint suggests similar names."""

    def __init__(
        self, kind: str, name: str, known: Iterable[str], *, where: str | None = None, hint: str | None = None
    ) -> None:
        names = sorted(known)
        super().__init__(f"unknown {kind} {quoted(name)}", where=where, hint=hint or did_you_mean(name, names))


class CatalogError(ZooError):
    """A registry file or a recipe file is invalid."""


class PluginError(ZooError):
    """A plugin cannot be loaded, or its code does not do what it declares."""


class DataError(ZooError):
    """The data cannot be read, or cannot be used in the requested way."""


class BundleError(ZooError):
    """A bundle or a file of weights is missing, damaged, or does not fit the code that reads it."""


class ExportError(ZooError):
    """A model cannot be exported, or the exported file gives other outputs than the model."""


class HubError(ZooError):
    """The Hub cannot be reached, or refused a request."""


class RunError(ZooError):
    """A run folder cannot be created, read or resumed."""


class TrainingError(ZooError):
    """Training cannot start or continue."""


class GpuMemoryError(ZooError):
    """A computation does not fit into the memory of its GPU."""


class Interrupted(ZooError):
    """Training was stopped by a signal, after the step that was running."""

    def __init__(self, message: str, *, number: int, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, where=where, hint=hint)
        self.number = number
        """The number of the signal."""


class MissingExtraError(ZooError):
    """Optional dependencies are not installed."""

    def __init__(self, *packages: str, extra: str | None) -> None:
        hint = f"pip install 'histozoo[{extra}]'" if extra else "install it with pip"
        verb = "is" if len(packages) == 1 else "are"
        super().__init__(f"this needs {listed(packages)}, which {verb} not installed", hint=hint)


class FreshHeadWarning(UserWarning):
    """The head of a trained model was replaced by a fresh one, since another number of classes was asked for."""


class CachedCopyWarning(UserWarning):
    """The Hub cannot be reached, and a model is taken from the cache of earlier downloads; it may not be the newest."""

    def __init__(self, message: str) -> None:
        super().__init__(fitted(message, characters=MESSAGE, lines=MESSAGE_LINES))


def similar_name(name: str, known: Iterable[str]) -> str | None:
    """Return a hint with the known names that are most similar; None if none is."""
    if len(name) > LONGEST:
        return None
    lower = {one.lower(): one for one in sorted(known)}
    close = get_close_matches(name.lower(), lower, n=3, cutoff=0.6)
    return "did you mean " + " or ".join(lower[guess] for guess in close) + "?" if close else None


def look_up(kind: str, name: str, known: Mapping[str, Value], *, where: str | None = None) -> Value:
    """Return what has a name; an UnknownNameError suggests similar names."""
    check_known(kind, [name], known, where=where)
    return known[name]


def check_known(kind: str, names: Iterable[str], known: Collection[str], *, where: str | None = None) -> None:
    """Raise an UnknownNameError for the first name that is not known."""
    for name in names:
        if name not in known:
            raise UnknownNameError(kind, name, known, where=where)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint with the most similar known names, or with all known names if none is similar."""
    names = sorted(known)
    if isinstance(name, str) and (guess := similar_name(name, names)):
        return guess
    return f"known: {cut_short(names, 12)}" if names else "none is defined"
