"""`python warm_client.py SOCKET WORDS`: does what `python WORDS` does, in a copy of the process of `tests.warm_server`.

It passes arguments, environment, working directory and open streams to the copy, and every signal too. It ends as the
copy ends, and when it is killed, the copy is. It imports little, since it is started often.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path

PASSED_ON = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)

signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
server = socket.socket(socket.AF_UNIX)
server.connect(sys.argv[1])
job = {"words": sys.argv[2:], "folder": str(Path.cwd()), "env": dict(os.environ)}
text = json.dumps(job).encode() + b"\n"
server.sendall(text[socket.send_fds(server, [text], [0, 1, 2]) :])
(program,) = struct.unpack("q", server.recv(8, socket.MSG_WAITALL))


def pass_on(number: int, frame: object) -> None:
    """Pass a signal on to the program, unless that has just ended."""
    with suppress(ProcessLookupError):
        os.kill(program, number)


signalled, writer = os.pipe()
os.set_blocking(writer, False)
signal.set_wakeup_fd(writer)
for number in PASSED_ON:
    signal.signal(number, pass_on)
signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
for stream in (0, 1, 2):
    os.close(stream)  # so that who reads them notices when the program closes them
while server not in select.select([server, signalled], [], [])[0]:
    os.read(signalled, 1024)  # what passes the signal on is called after that
(status,) = struct.unpack("q", server.recv(8, socket.MSG_WAITALL))
if status >= 0:
    os._exit(status)
if -status not in (signal.SIGKILL, signal.SIGSTOP):
    signal.signal(-status, signal.SIG_DFL)
os.kill(os.getpid(), -status)
