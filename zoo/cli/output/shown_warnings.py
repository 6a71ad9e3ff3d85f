"""The warning of an old copy of a model, as a command shows it: on one line, on standard error."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from zoo.distributed.rank import is_chief
from zoo.errors import CachedCopyWarning


@contextmanager
def shown_warnings() -> Iterator[None]:
    """Show each CachedCopyWarning once while a block runs; any other warning is shown as Python does."""
    shown: set[str] = set()

    with warnings.catch_warnings():
        warnings.simplefilter("always", CachedCopyWarning)
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
            if not issubclass(category, CachedCopyWarning):
                others(message, category, *rest, **more)
            elif (text := str(message)) not in shown and is_chief():
                shown.add(text)
                click.echo(f"{click.style('warning:', fg='yellow', bold=True)} {text}", err=True)

        warnings.showwarning = show
        yield
