"""Standard output reserved for one JSON document: everything else that is written to it goes to standard error.

The code of plugins may print when it is imported, when a network is built or in forward, and code in C or another
program writes to the file descriptor, not to `sys.stdout`.
"""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass
from typing import Any, TextIO

import click

STDOUT, STDERR = 1, 2


@dataclass(frozen=True)
class _Reserved:
    """Standard output as it was before it was reserved."""

    stream: TextIO
    """What `sys.stdout` was."""
    document: TextIO
    """Where the document is written to."""


_reserved: list[_Reserved] = []


def reserve_standard_output(ctx: click.Context, param: click.Parameter, as_json: bool) -> bool:  # noqa: ARG001
    """Reserve standard output if `--json` is given: the callback of this option."""
    if as_json and not _reserved:
        stream = sys.stdout
        stream.flush()
        document = stream
        if _has_descriptor(stream, STDOUT) and _has_descriptor(sys.stderr, STDERR):
            document = os.fdopen(os.dup(STDOUT), "w", encoding=stream.encoding, errors=stream.errors)
            os.dup2(STDERR, STDOUT)
        _reserved.append(_Reserved(stream, document))
        sys.stdout = sys.stderr
    return as_json


def release_standard_output() -> None:
    """Undo `reserve_standard_output`, for a process that goes on after the command."""
    while _reserved:
        before = _reserved.pop()
        sys.stdout = before.stream
        if before.document is not before.stream:
            os.dup2(before.document.fileno(), STDOUT)
            before.document.close()


def document_stream() -> TextIO | None:
    """Return the stream for the document; None for `sys.stdout`, if it is not reserved."""
    return _reserved[-1].document if _reserved else None


def _has_descriptor(stream: Any, number: int) -> bool:
    """Return whether a stream writes to a file descriptor; in a test or a notebook it does not."""
    try:
        return bool(stream.fileno() == number)
    except (AttributeError, ValueError, io.UnsupportedOperation):
        return False
