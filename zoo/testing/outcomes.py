"""The outcomes of the checks of the conformance kit, run one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from zoo.errors import PluginError, ZooError
from zoo.plugin_code import describe_error
from zoo.testing.side_effects import kept_settings

Case = TypeVar("Case")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of one check."""

    check: str
    promise: str
    """What must be fulfilled, as a sentence."""
    error: str | None
    """What is wrong and what to do; None if the check passed."""


def run_checks(checks: Sequence[Callable[[Case], None]], case: Case, *, package: str) -> Iterator[Outcome]:
    """Run every check and yield its outcome. A check that fails does not stop the others.

    Args:
        checks: The checks. The first line of each docstring is what must be fulfilled.
        case: What is checked.
        package: The package of its code, or a module of it, for the line of an error.
    """
    first_failed: dict[str, str] = {}
    for check in checks:
        promise = (check.__doc__ or "").splitlines()[0]
        error: str | None = None
        try:
            with kept_settings():
                check(case)
        except ZooError as failure:
            error = str(failure)
        except KeyboardInterrupt:
            raise
        except BaseException as failure:  # noqa: BLE001 - another author's code may raise anything
            error = describe_error(failure, package=package)
        if error is not None:
            first = first_failed.setdefault(error, promise)
            error = error if first == promise else f"same error as for {first!r}"
        yield Outcome(check=check.__name__, promise=promise, error=error)


def raise_failures(name: str, outcomes: Iterator[Outcome]) -> None:
    """Raise a PluginError that lists the checks that failed, if any did.

    Args:
        name: What was checked.
        outcomes: The outcomes of all checks.
    """
    results = list(outcomes)
    failed = [outcome for outcome in results if outcome.error]
    if failed:
        details = [f"{outcome.promise}\n{outcome.error}".replace("\n", "\n    ") for outcome in failed]
        raise PluginError(f"{name} fails {len(failed)} of {len(results)} checks:\n  " + "\n  ".join(details))
