"""Locks between threads and processes."""

from __future__ import annotations

import fcntl
import subprocess
import threading
from pathlib import Path

import pytest

from zoo.errors import RunError
from zoo.locks import locked_in_turn, locked_or

BUSY = RunError("another process works in this folder")


def test_a_second_holder_is_refused_while_the_first_holds_the_lock(tmp_path: Path) -> None:
    with locked_or(tmp_path / ".lock", BUSY), pytest.raises(RunError, match="another process"):
        locked_or(tmp_path / ".lock", BUSY).__enter__()


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        with locked_or(tmp_path / ".lock", BUSY):
            pass


def test_an_error_within_the_block_releases_the_lock(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="within"), locked_or(tmp_path / ".lock", BUSY):
        raise ValueError("within")
    with locked_or(tmp_path / ".lock", BUSY):
        pass


def test_a_lock_that_a_killed_process_passed_on_for_a_moment_is_waited_for(tmp_path: Path) -> None:
    """As a process does that is killed while it starts a program."""
    with (tmp_path / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        program = subprocess.Popen(["sleep", "0.2"], pass_fds=[file.fileno()])
    with locked_or(tmp_path / ".lock", BUSY):
        pass
    program.wait()


def test_two_threads_never_hold_the_same_lock(tmp_path: Path) -> None:
    inside, most = [0], [0]

    def work() -> None:
        for _ in range(50):
            with locked_in_turn(tmp_path / ".lock", waiting=lambda: None):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_a_wait_for_a_lock_is_reported_once(tmp_path: Path) -> None:
    said: list[str] = []
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with locked_in_turn(tmp_path / ".lock", waiting=lambda: None):
            held.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)

    def waiting() -> None:
        said.append("waiting")
        done.set()

    with locked_in_turn(tmp_path / ".lock", waiting=waiting):
        assert said == ["waiting"]
    thread.join()
