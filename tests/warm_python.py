"""Python programs that begin with slow packages imported: each is a copy of one process, made when it has them.

Importing torch and the others takes most of the time of a short command.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

HERE = Path(__file__).parent


class WarmPython:
    """The process that has the packages, and copies itself for each program."""

    def __init__(self) -> None:
        self._stop = ExitStack()

    @cached_property
    def executable(self) -> str:
        """The path of what can be started in the place of Python, with `-m MODULE` or `-c CODE` and arguments."""
        folder = Path(self._stop.enter_context(TemporaryDirectory()))
        path, address = folder / "python", folder / "socket"
        words = [sys.executable, str(HERE / "warm_server.py"), str(address)]
        server = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._stop.callback(server.communicate)
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        client = shlex.join([sys.executable, "-IS", str(HERE / "warm_client.py"), str(address)])
        path.write_text(f'#!/bin/sh\nexec {client} "$@"\n', encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    def __enter__(self) -> WarmPython:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.close()

    def run(
        self, words: Sequence[str], *, folder: Path, env: Mapping[str, str], together: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run Python with `-m MODULE` or `-c CODE` and arguments, and return its status and what it printed.

        Args:
            words: What would follow `python`.
            folder: The working directory.
            env: The environment.
            together: Whether what it prints as errors is returned with the rest, in the order of printing.
        """
        return subprocess.run(
            [self.executable, *words],
            cwd=folder,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if together else subprocess.PIPE,
            text=True,
            check=False,
        )
