"""Running all checks on one model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from zoo.errors import PluginError, ZooError
from zoo.testing.checks import CHECKS, subject_of


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One check, and what was wrong if anything was."""

    check: str
    promise: str
    error: str | None


def outcomes(name: str, *, height: int | None = None, width: int | None = None) -> Iterator[Outcome]:
    """Run every check; a failed one does not stop the others."""
    subject = subject_of(name, height=height, width=width)
    for check in CHECKS:
        try:
            check(subject)
            error = None
        except ZooError as found:
            error = str(found)
        except Exception as found:  # noqa: BLE001 - a stranger's network may raise anything
            error = f"{type(found).__name__}: {found}"
        yield Outcome(check=check.__name__, promise=(check.__doc__ or "").splitlines()[0], error=error)


def check_model(name: str, *, height: int | None = None, width: int | None = None) -> None:
    """Hold a model to all that the zoo promises its users; for a test of your own package.

    A smaller height and width save time on a big network.
    """
    failed = [f"{one.promise}\n    {one.error}" for one in outcomes(name, height=height, width=width) if one.error]
    if failed:
        raise PluginError(f"{name} breaks {len(failed)} promises:\n  " + "\n  ".join(failed))
