"""Errors in the code of a data source, raised in the name of the source, with the file and line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from zoo.errors import PluginError, ZooError
from zoo.plugin_code import error_text, line_of
from zoo.spec import Source


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
        raise PluginError(f"{source.read} failed: {error_text(error)}", where=_place(error, source)) from error


def _place(error: BaseException, source: Source) -> str:
    """Return the source with the file and line of its own code that an error comes from, if there is one."""
    line = line_of(error, package=source.read)
    return f"data source {source.name} ({line})" if line else f"data source {source.name}"
