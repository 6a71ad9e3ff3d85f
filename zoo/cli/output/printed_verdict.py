"""The verdict about a bundle, as the terminal shows it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from zoo.classifier.verdict import Verdict


def print_verdict(verdict: Verdict, *, err: bool = False) -> None:
    """Print each check with what it found, to standard error if it failed.

    Args:
        verdict: The verdict.
        err: Print all of them to standard error.
    """
    from zoo.text import printable

    for check in verdict.checks:
        failed = not check.passed
        click.echo(f"{'FAILED' if failed else 'ok    '}  {check.promise}", err=err or failed)
        click.echo(f"        {printable(check.found)}", err=err or failed)


def verdict_document(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as a JSON document."""
    return {
        "bundle": str(verdict.folder),
        "passed": verdict.passed,
        "checks": [asdict(check) for check in verdict.checks],
        "largest_difference": verdict.largest_difference,
        "tolerance": verdict.tolerance,
    }
