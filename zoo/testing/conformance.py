"""Running all checks on one model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from zoo.errors import PluginError, ZooError
from zoo.testing.case import subject_of
from zoo.testing.checks import CHECKS


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One check, and what was wrong if anything was."""

    check: str
    promise: str
    error: str | None


def outcomes(name: str, *, height: int | None = None, width: int | None = None) -> Iterator[Outcome]:
    """Run every check; a failed one does not stop the others, and the same error is told once."""
    subject = subject_of(name, height=height, width=width)
    told: dict[str, str] = {}
    for check in CHECKS:
        promise = (check.__doc__ or "").splitlines()[0]
        error: str | None = None
        try:
            with torch.random.fork_rng(devices=[]):
                check(subject)
        except ZooError as found:
            error = str(found)
        except Exception as found:  # noqa: BLE001 - a stranger's network may raise anything
            error = f"{type(found).__name__}: {found}"
        if error is not None:
            first = told.setdefault(error, promise)
            error = error if first == promise else f"the same as under {first!r}"
        yield Outcome(check=check.__name__, promise=promise, error=error)


def check_model(name: str, *, height: int | None = None, width: int | None = None) -> None:
    """Hold a model to all that the zoo promises its users; for a test of your own package.

    A smaller height and width save time on a big network.
    """
    failed = [one for one in outcomes(name, height=height, width=width) if one.error]
    if failed:
        promises = "1 promise" if len(failed) == 1 else f"{len(failed)} promises"
        lines = [f"{one.promise}\n{one.error}".replace("\n", "\n    ") for one in failed]
        raise PluginError(f"{name} breaks {promises}:\n  " + "\n  ".join(lines))
