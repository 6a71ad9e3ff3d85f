"""Python programs that begin with slow packages imported: each is a copy of one process, made when it has them.

Importing torch and the others takes most of the time of a short command, and a guide has dozens of commands.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType

SLOW = "torch, torch._dynamo, scipy.optimize, sklearn.linear_model, matplotlib.figure, matplotlib.backends.backend_agg"
SECONDS = 300
"""After so many, a program is killed."""
SERVER = f"""
import gc, json, os, runpy, signal, sys
import {SLOW}
gc.freeze()
paths = [path for path in sys.path if path]

def run(job):
    os.chdir(job["folder"])
    os.environ.clear()
    os.environ.update(job["env"])
    sys.path[:] = [job["folder"], *job["env"].get("PYTHONPATH", "").split(os.pathsep), *paths]
    output = os.open(job["output"], os.O_WRONLY | os.O_APPEND)
    for stream, target in ((0, os.open(os.devnull, os.O_RDONLY)), (1, output), (2, output)):
        os.dup2(target, stream)
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

    def __enter__(self) -> WarmPython:
        self._server = subprocess.Popen(
            [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.communicate()

    def run(self, words: Sequence[str], *, folder: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run Python with `-m MODULE` or `-c CODE` and arguments, and return its status and what it printed.

        Args:
            words: What would follow `python`.
            folder: The working directory.
            env: The environment.
        """
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        with NamedTemporaryFile() as output:
            job = {"words": list(words), "folder": str(folder), "env": dict(env), "output": output.name}
            self._server.stdin.write(json.dumps(job) + "\n")
            self._server.stdin.flush()
            status = int(self._server.stdout.readline())
            return subprocess.CompletedProcess(list(words), status, output.read().decode())
