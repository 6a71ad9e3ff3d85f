"""Python programs that begin with slow packages imported: each is a copy of one process, made when it has them.

Importing torch and the others takes most of the time of a short command.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType

SLOW = "torch, torch._dynamo, scipy.optimize, sklearn.linear_model, matplotlib.figure, matplotlib.backends.backend_agg"
SECONDS = 300
"""After so many, a program is killed."""
SERVER = f"""
import gc, json, os, runpy, signal, sys, warnings
import {SLOW}
gc.freeze()
paths = [path for path in sys.path if path]

def run(job):
    os.chdir(job["folder"])
    os.environ.clear()
    os.environ.update(job["env"])
    sys.path[:] = [job["folder"], *job["env"].get("PYTHONPATH", "").split(os.pathsep), *paths]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream, file in ((1, job["out"]), (2, job["err"])):
        os.dup2(os.open(file, os.O_WRONLY | os.O_APPEND), stream)
    if job["env"].get("PYTHONWARNINGS") == "error":
        warnings.simplefilter("error")
    kind, program, *sys.argv[1:] = job["words"]
    if kind == "-m":
        runpy.run_module(program, run_name="__main__", alter_sys=True)
    else:
        exec(compile(program, "<string>", "exec"), {{"__name__": "__main__"}})

for line in sys.stdin:
    if not (child := os.fork()):
        signal.alarm({SECONDS})
        run(json.loads(line))
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class WarmPython:
    """The process that has the packages, and copies itself for each program."""

    @cached_property
    def _server(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> WarmPython:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if "_server" in vars(self):
            self._server.communicate()

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
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        with NamedTemporaryFile() as out, NamedTemporaryFile() as err:
            files = {"out": out.name, "err": (out if together else err).name}
            job = {"words": list(words), "folder": str(folder), "env": dict(env), **files}
            self._server.stdin.write(json.dumps(job) + "\n")
            self._server.stdin.flush()
            status = int(self._server.stdout.readline())
            return subprocess.CompletedProcess(list(words), status, out.read().decode(), err.read().decode())
