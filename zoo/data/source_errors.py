"""Errors in the code of a data source, raised in the name of the source, with the file and line."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from zoo.errors import PluginError, ZooError
from zoo.spec import Source
from zoo.text import LONGEST


@contextmanager
def errors_of_source(source: Source) -> Iterator[None]:
    """Raise any error in the block, which calls the source's `read`, as a ZooError.

    A ZooError of the source itself is for the user, and stays as it is. A PluginError says that the source made
    something of the wrong type; it gets the name of the source and the place in its code.
    """
    try:
        yield
    except PluginError as error:
        message = f"{error.where}: {error.message}" if error.where else error.message
        raise PluginError(message, where=_place(error, source), hint=error.hint) from error
    except ZooError:
        raise
    except (Exception, SystemExit) as error:
        what = f"{type(error).__name__}: {error}"[:LONGEST].rstrip(": ")
        raise PluginError(f"{source.read} failed: {what}", where=_place(error, source)) from error


def _place(error: BaseException, source: Source) -> str:
    """Return the source with the file and line of an error: the last line of its own code, or else the last one."""
    module = source.read.partition(":")[0]
    package = module.rpartition(".")[0] or module
    frames = list(traceback.walk_tb(error.__traceback__))
    own = [
        (frame, line)
        for frame, line in frames
        if f"{frame.f_globals.get('__name__', '')}.".startswith((f"{package}.", f"{module}."))
    ]
    frame, line = (own or frames)[-1]
    return f"data source {source.name} ({frame.f_code.co_filename}:{line})"
