"""What the code of plugins raises, described with the file and the line; and a notice when it takes long."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Timer

from zoo.errors import PluginError, ZooError

SLOW_SECONDS = 5.0
"""When the code of a plugin takes longer than this, a notice says which plugin it is."""
LONGEST = 2_000
"""How many characters of an exception's text are shown."""


def describe_error(error: BaseException, *, package: str) -> str:
    """Return an exception as a message with file and line, such as "/a/zoo_x/model.py:12: KeyError: 'later'".

    Args:
        error: What the code of a plugin raised.
        package: The plugin's package, or a module of it. The line is the innermost one of this package.
    """
    if isinstance(error, ZooError) and error.where:
        return str(error)
    place = line_of(error, package=package)
    return f"{place}: {error_text(error)}" if place else error_text(error)


def line_of(error: BaseException, *, package: str) -> str | None:
    """Return the file and line at which the code of a package raised an exception; None if it did not.

    Args:
        error: The exception. The line of a SyntaxError is that of the mistake.
        package: The name of the package, or of a module of it.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    root = package.partition(":")[0].partition(".")[0]
    own = [
        f"{frame.f_code.co_filename}:{line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] == root
    ]
    return own[-1] if own else None


def error_text(error: BaseException) -> str:
    """Return the type and the text of an exception; only the text if the exception is one of ours."""
    kind = type(error).__name__
    try:
        text = str(error.msg if isinstance(error, SyntaxError) else error)[:LONGEST].strip()
    except Exception:  # noqa: BLE001 - another author's exception, whose __str__ may raise anything
        return f"{kind}, whose text cannot be shown"
    if isinstance(error, ZooError):
        return text
    return f"{kind}: {text}" if text else f"{kind} without a message"


def is_full_gpu(error: BaseException) -> bool:
    """Return whether an error says that the memory of a GPU is full, which is no mistake of the code that raised it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(error, torch.OutOfMemoryError)


@cache
def warn(text: str) -> None:
    """Write a warning about a plugin on standard error, once; what the user asked for goes on without it."""
    sys.stderr.write(f"warning: {text}\n")


@contextmanager
def errors_of(what: str, function: str) -> Iterator[None]:
    """Raise any error in the block, which calls a function of a plugin, as a ZooError.

    A ZooError of the function itself is for the user, and stays as it is. A PluginError says that it made something
    wrong; it gets the name of the thing and the place in its code.

    Args:
        what: What the function belongs to, such as "data source slides".
        function: Its name, such as "zoo_x.slides:read".
    """
    try:
        yield
    except PluginError as error:
        message = f"{error.where}: {error.message}" if error.where else error.message
        raise PluginError(message, where=_place(error, what, function), hint=error.hint) from error
    except ZooError:
        raise
    except (Exception, SystemExit) as error:
        if is_full_gpu(error):
            raise
        raise PluginError(f"{function} failed: {error_text(error)}", where=_place(error, what, function)) from error


def _place(error: BaseException, what: str, function: str) -> str:
    """Return what failed, with the file and line of its own code that an error comes from, if there is one."""
    line = line_of(error, package=function)
    return f"{what} ({line})" if line else what


@contextmanager
def notice_if_slow(what: str, *, hint: str) -> Iterator[None]:
    """Write a notice on standard error if the block takes longer than five seconds.

    The block is not given up: Python cannot stop code in another thread, and a module that is still being imported
    keeps locks that other imports may wait for. The user decides, and Ctrl-C stops it.

    Args:
        what: What is being done, such as "importing the plugin x".
        hint: How to go on without it.
    """
    timer = Timer(SLOW_SECONDS, lambda: sys.stderr.write(f"still {what} after {SLOW_SECONDS:g} s; {hint}\n"))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
