"""`python warm_server.py SOCKET`: has slow packages imported, and is copied for each program of `tests.warm_python`.

It ends with its standard input. It copies itself before it has computed anything, so it has no threads.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import struct
import sys
import warnings
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

SLOW = ("torch._dynamo", "scipy.optimize", "sklearn.linear_model", "matplotlib.figure")
SLOW += ("matplotlib.backends.backend_agg",)
SECONDS = 300
"""After so many, a program is killed."""
ENOUGH = 1 << 20


class Server:
    """Starts programs for those who connect, and tells them the process and, when it has ended, its status."""

    def __init__(self, address: str) -> None:
        self.paths = sys.path[1:]  # without the folder of this file
        self.ended, self.woken = os.pipe()
        for end in (self.ended, self.woken):
            os.set_blocking(end, False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.woken)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(address)
        self.listener.listen(100)
        self.programs: dict[socket.socket, int] = {}

    def serve(self) -> None:
        """Start programs until the standard input is closed; then kill those that are left."""
        while True:
            ready, *_ = select.select([0, self.ended, self.listener, *self.programs], [], [])
            if 0 in ready:
                break
            if self.ended in ready:
                os.read(self.ended, ENOUGH)
                self._report_ended()
            for client in set(ready) & set(self.programs):  # it was killed
                self._kill(client)
            if self.listener in ready:
                self._start(self.listener.accept()[0])
        for client in list(self.programs):
            self._kill(client)

    def _report_ended(self) -> None:
        for client, program in list(self.programs.items()):
            done, status = os.waitpid(program, os.WNOHANG)
            if done:
                del self.programs[client]
                with client, suppress(OSError):
                    client.sendall(struct.pack("q", os.waitstatus_to_exitcode(status)))

    def _kill(self, client: socket.socket) -> None:
        os.kill(self.programs[client], signal.SIGKILL)
        os.waitpid(self.programs.pop(client), 0)
        client.close()

    def _start(self, client: socket.socket) -> None:
        text, streams = b"", []
        with suppress(OSError):
            text, streams, *_ = socket.recv_fds(client, ENOUGH, 3)
            while not text.endswith(b"\n") and (more := client.recv(ENOUGH)):
                text += more
        if not text.endswith(b"\n"):  # it was killed
            client.close()
        elif program := os.fork():
            self.programs[client] = program
            with suppress(OSError):
                client.sendall(struct.pack("q", program))
        else:
            self._become_program([client, *self.programs], streams)
            run(**json.loads(text), paths=self.paths)
            sys.exit()
        for stream in streams:
            os.close(stream)

    def _become_program(self, clients: Iterable[socket.socket], streams: list[int]) -> None:
        """Undo what makes this process a server."""
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.alarm(SECONDS)
        for connection in (self.listener, *clients):
            connection.close()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        for file in (self.ended, self.woken, *streams):
            os.close(file)


def run(*, words: list[str], folder: str, env: dict[str, str], paths: list[str]) -> None:
    """Do what Python does with these arguments, in this folder and environment."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    torch.set_num_threads(int(env.get("OMP_NUM_THREADS") or torch.get_num_threads()))
    if env.get("PYTHONWARNINGS") == "error":
        warnings.simplefilter("error")
    sys.executable = env.get("EXECUTABLE_OF_PROGRAMS", sys.executable)
    sys.path[:] = [folder, *env.get("PYTHONPATH", "").split(os.pathsep), *paths]
    if words[0] == "-u":
        words.pop(0)
        sys.stdout.reconfigure(write_through=True)
    if words[0] == "-m":
        _, module, *sys.argv[1:] = words
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    elif words[0] == "-c":
        _, code, *sys.argv[1:] = words
        names: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(code, "<string>", "exec"), names)
    else:
        sys.argv[:] = words
        sys.path[0] = str(Path(words[0]).parent)
        runpy.run_path(words[0], run_name="__main__")


if __name__ == "__main__":
    for name in SLOW:
        importlib.import_module(name)
    server = Server(sys.argv[1])
    gc.freeze()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    server.serve()
