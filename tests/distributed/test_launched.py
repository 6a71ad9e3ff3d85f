"""`torchrun ... -m zoo train`, with real processes that fail, are stopped and are resumed."""

from __future__ import annotations

import csv
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from safetensors.torch import load_file

from tests.distributed.failing_plugin import install_failing_plugin
from tests.installed_packages import OURS, Answer, Site
from tests.warm_python import WarmPython
from zoo.runs import Run

TIMEOUT = 90.0
"""Seconds after which a test fails."""
QUICKLY = 15.0
"""Seconds within which all processes end when one has failed; torch itself would wait for minutes."""
OPTIONS = ("--data=folder", "--recipe=modern", "--device=cpu", "--precision=float32", "--batch-size=8", "--lr=1e-3")
MORE_OPTIONS = ("--augment=symmetries", "--epochs=2")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    found = Site(tmp_path_factory.mktemp("launched"))
    install_failing_plugin(found)
    return found


@pytest.fixture(scope="session")
def alone(
    site: Site, tiles: Path, cache: Path, warm_python: WarmPython, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Run]:
    """A function that trains in one process with more options; its run is shared, and must not be changed."""

    @functools.cache
    def trained(*options: str) -> Run:
        out = tmp_path_factory.mktemp("alone") / "run"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ZOO_CACHE", str(cache))
            words = ("train", "fragile", f"--root={tiles}", f"--out={out}", *OPTIONS, *MORE_OPTIONS, *options)
            done = site.zoo(*words, python=warm_python)
        assert done.status == 0, done.err
        return Run(out)

    return trained


@contextmanager
def _launched(
    site: Site, launcher: list[str], *words: str, python: WarmPython | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Start `zoo` with torch's launcher, and kill what is left of it when the block ends."""
    executable = sys.executable if python is None else python.executable
    clean = {name: value for name, value in os.environ.items() if name not in OURS}
    path = os.pathsep.join(filter(None, [str(site.folder), os.environ.get("PYTHONPATH")]))
    ours = {
        "PYTHONPATH": path,
        "PYTHONWARNINGS": "error",
        "OMP_NUM_THREADS": "1",
        "ZOO_CACHE": os.environ["ZOO_CACHE"],
        "PYTHON_EXEC": executable,
    }
    process = subprocess.Popen(
        [executable, "-m", "torch.distributed.run", *launcher, "-m", "zoo", *words],
        env={**clean, **ours},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        for number in (*_children(process.pid), process.pid):
            if process.poll() is None or number != process.pid:
                os.kill(number, signal.SIGKILL)
        process.wait(10)


def _children(parent: int) -> list[int]:
    """Return the child processes of a process."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False)
    return [int(number) for number in listed.stdout.split()]


def _wait_for_end(process: subprocess.Popen[str]) -> Answer:
    """Wait until a process ends, and return its output and status."""
    out, err = process.communicate(timeout=TIMEOUT)
    return Answer(status=process.returncode, out=out, err=err)


def _our_lines(text: str) -> list[str]:
    """Return the errors that our processes printed, without the launcher's report."""
    return [line for line in text.splitlines() if "error:" in line or "stopped:" in line]


def _processes_with(word: str) -> list[str]:
    """Return the running processes whose command line has a word."""
    listed = subprocess.run(["ps", "-eo", "pid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if word in line]


def _wait_until(ready: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + TIMEOUT
    while not ready():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)


def _has_epoch(run: Path) -> bool:
    """Whether a run has trained an epoch."""
    return (run / "history.jsonl").is_file() and bool((run / "history.jsonl").read_text())


ONE_MACHINE = ["--standalone", "--nproc-per-node"]


def _train(
    site: Site, tiles: Path, out: Path, launcher: list[str], *options: str, python: WarmPython | None = None
) -> Answer:
    words = ("train", "fragile", f"--root={tiles}", f"--out={out}", *OPTIONS, *MORE_OPTIONS, *options)
    with _launched(site, launcher, *words, python=python) as run:
        return _wait_for_end(run)


def test_an_error_in_process_1_stops_all_processes_and_is_printed(site: Site, tiles: Path, tmp_path: Path) -> None:
    before = time.monotonic()
    answer = _train(site, tiles, tmp_path / "run", [*ONE_MACHINE, "2"], "--model-option=fault=raise")
    assert answer.status != 0
    assert answer.out == ""
    lines = _our_lines(answer.err)
    assert lines[0] == "error: process 1 of 2: ValueError: the plugin failed"
    assert [line for line in lines[1:] if "ValueError" not in line and "process 1 failed" not in line] == []
    assert time.monotonic() - before < 3 * QUICKLY, "starting torch takes a while, but nothing waited for minutes"
    assert _processes_with(str(tmp_path)) == []
    record = Run.open(tmp_path / "run").record
    assert (record.status, record.error) == ("failed", "process 1 of 2: the plugin failed")
    assert list(tmp_path.iterdir()) == [tmp_path / "run"]


@pytest.mark.slow
def test_a_killed_process_stops_all_processes(site: Site, tiles: Path, tmp_path: Path, warm_python: WarmPython) -> None:
    answer = _train(site, tiles, tmp_path / "run", [*ONE_MACHINE, "2"], "--model-option=fault=kill", python=warm_python)
    assert answer.status != 0
    assert "SIGKILL" in answer.err, "in the launcher's report; it may end the others before they print anything"
    assert (
        len([line for line in _our_lines(answer.err) if "another process exited without an error message (" in line])
        <= 1
    )
    assert "GLHF" not in answer.err
    assert _processes_with(str(tmp_path)) == []
    record = Run.open(tmp_path / "run").record
    assert record.status == "failed"
    assert "another process exited" in record.error


@pytest.mark.slow
def test_a_nan_loss_is_reported_once_by_several_processes(
    site: Site, tiles: Path, tmp_path: Path, warm_python: WarmPython
) -> None:
    answer = _train(site, tiles, tmp_path / "run", [*ONE_MACHINE, "2"], "--model-option=fault=nan", python=warm_python)
    assert answer.status != 0
    assert answer.err.count("the loss became nan in epoch 1, step 3 of 3, on the images") == 1
    assert "the loss became nan" in Run.open(tmp_path / "run").record.error


@pytest.mark.slow
def test_an_error_in_process_0_alone_stops_all_processes(site: Site, tiles: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").touch()
    before = time.monotonic()
    answer = _train(site, tiles, tmp_path / "run", [*ONE_MACHINE, "2"])
    assert answer.status != 0
    assert "error: process 0 of 2: " in answer.err
    assert answer.err.count("a run never overwrites another") == 1
    assert time.monotonic() - before < 3 * QUICKLY
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["mine.txt"]


@pytest.mark.slow
def test_only_process_0_prints_and_writes_files(
    site: Site, tiles: Path, tmp_path: Path, alone: Callable[..., Run], warm_python: WarmPython
) -> None:
    answer = _train(site, tiles, tmp_path / "run", [*ONE_MACHINE, "3"], python=warm_python)
    assert answer.status == 0, answer.err
    assert answer.out.count("Saved to") == 1
    assert answer.err.count("computing on") == 1
    assert _our_lines(answer.err) == []
    assert "Warning" not in answer.err.replace("UserWarning: omp", "")
    assert list(tmp_path.iterdir()) == [tmp_path / "run"]
    one = alone()
    assert {path.name for path in (tmp_path / "run").iterdir()} == {path.name for path in one.path.iterdir()}
    assert _keys(tmp_path / "run") == _keys(one.path)

    words = ("evaluate", "run", "--json", f"--out={tmp_path / 'again'}")
    with _launched(site, [*ONE_MACHINE, "2"], *words, python=warm_python) as process:
        evaluated = _wait_for_end(process)
    assert evaluated.status == 0, evaluated.err
    values, measured = (json.loads(evaluated.out)["measures"]["values"], one.metrics.measures.values)
    assert json.loads(evaluated.out)["split"]["images_hash"] == one.metrics.split.images_hash
    for name, value in measured.items():
        assert values[name] == (value if value is None else pytest.approx(value, rel=1e-4))
    assert _keys(tmp_path / "again") == _keys(one.path)


def _keys(folder: Path) -> list[str]:
    """Return the images of predictions.csv."""
    with (folder / "predictions.csv").open(newline="") as file:
        return [row["key"] for row in csv.DictReader(file)]


@pytest.mark.slow
@pytest.mark.parametrize(("number", "later"), [(signal.SIGTERM, 3), (signal.SIGKILL, 1)])
def test_a_run_stopped_by_a_signal_to_its_launcher_is_resumed_with_another_number_of_processes(
    site: Site,
    tiles: Path,
    tmp_path: Path,
    alone: Callable[..., Run],
    warm_python: WarmPython,
    number: signal.Signals,
    later: int,
) -> None:
    """Two processes start, are stopped in the middle, and three or one resume: the result is that of one process."""
    run, options = tmp_path / "run", ("--epochs=4", "--save-every=0.1", "--model-option=pause=0.2")
    begin = ["train", "fragile", f"--root={tiles}", f"--out={run}", *OPTIONS, *MORE_OPTIONS, *options]
    with _launched(site, [*ONE_MACHINE, "2"], *begin) as process:
        _wait_until(lambda: _has_epoch(run), process)
        if number == signal.SIGKILL:
            for child in _children(process.pid):
                os.kill(child, number)
        else:
            process.send_signal(number)
        stopped = _wait_for_end(process)
    assert stopped.status != 0
    assert _processes_with(str(run)) == []
    if number != signal.SIGKILL:
        assert Run.open(run).record.status == "interrupted"
        assert stopped.err.count("stopped: process 0 of 2: a checkpoint was saved in") == 1
        assert _our_lines(stopped.err) == [line for line in _our_lines(stopped.err) if "process 0 of 2" in line]
    assert not (run / "bundle").exists()
    if later == 1:
        resumed = site.zoo("train", "--resume", str(run), python=warm_python)
    else:
        with _launched(site, [*ONE_MACHINE, str(later)], "train", "--resume", str(run), python=warm_python) as process:
            resumed = _wait_for_end(process)
    assert resumed.status == 0, resumed.err
    assert "resuming " in resumed.err
    _check_same(run, alone("--epochs=4").path)


def _check_same(run: Path, one: Path) -> None:
    """Check that two runs have the same weights, up to rounding, and the same test images."""
    ours, its = (load_file(path / "bundle" / "model.safetensors") for path in (run, one))
    # float32 sums in another order, and Adam's division by the gradient's size: far less than one step's 1e-3
    assert max(float((ours[name].double() - tensor.double()).abs().max()) for name, tensor in its.items()) < 1e-5
    assert _keys(run) == _keys(one)


@pytest.mark.slow
def test_launchers_on_two_machines_train_together(
    site: Site, tiles: Path, tmp_path: Path, alone: Callable[..., Run], warm_python: WarmPython
) -> None:
    """Two launchers on this machine that meet at one port, each with one process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def node(rank: int) -> list[str]:
        where = ["--master-addr=127.0.0.1", f"--master-port={port}"]
        return ["--nnodes=2", f"--node-rank={rank}", "--nproc-per-node=1", *where]

    command = ["train", "fragile", f"--root={tiles}", f"--out={tmp_path / 'run'}", *OPTIONS, *MORE_OPTIONS]
    with (
        _launched(site, node(0), *command, python=warm_python) as one,
        _launched(site, node(1), *command, python=warm_python) as other,
    ):
        second, first = _wait_for_end(other), _wait_for_end(one)
    assert (first.status, second.status) == (0, 0), first.err + second.err
    assert "2 processes, batch norm over all processes" in first.err
    assert "Saved to" in first.out
    assert second.out == ""
    assert "computing on" not in second.err
    _check_same(tmp_path / "run", alone().path)
