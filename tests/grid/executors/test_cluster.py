"""submitit's local executor for real, and its SLURM executor with commands that only pretend to be SLURM's."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.grid.processes import begin, end_session, processes, until
from tests.listening import Listener
from zoo.config.grid_config import ExecutionConfig
from zoo.errors import MissingExtraError, UnknownNameError, UsageError
from zoo.grid import resume_grid, train_many
from zoo.grid.executors.cluster import PAUSES, submitit_parameters
from zoo.grid.grid_folder import GridFolder

SCRIPTS = {
    "sbatch": """
        number=$(( $(ls -d "$SLURM_BOX"/*.pid 2>/dev/null | wc -l) + 1 ))
        cp "$1" "$SLURM_BOX/$number.sh"
        SLURM_JOB_ID=$number SLURM_NTASKS=1 setsid sh -c 'echo $$ > "$0"; exec sh "$1"' \\
            "$SLURM_BOX/$number.pid" "$1" > "$SLURM_BOX/$number.out" 2>&1 < /dev/null &
        until [ -s "$SLURM_BOX/$number.pid" ]; do sleep 0.02; done
        echo "Submitted batch job $number"
    """,
    "srun": """
        while :; do
            case "$1" in --output|--error) shift 2;; -*) shift;; *) break;; esac
        done
        exec "$@"
    """,
    "sacct": """
        echo "JobID|State|NodeList"
        for file in "$SLURM_BOX"/*.pid; do
            state=FAILED
            if kill -0 "$(cat "$file")" 2>/dev/null; then state=RUNNING; fi
            number=$(basename "$file" .pid)
            [ -e "$SLURM_BOX/$number.cancelled" ] && state=CANCELLED
            echo "$number|$state|here"
        done
    """,
    "scancel": """
        touch "$SLURM_BOX/$1.cancelled"
        kill -TERM "-$(cat "$SLURM_BOX/$1.pid")"
    """,
}


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the pretended SLURM keeps its jobs, none of which outlives the test."""
    executor, tools = tmp_path / "box", tmp_path / "tools"
    executor.mkdir()
    tools.mkdir()
    for name, text in SCRIPTS.items():
        (tools / name).write_text("#!/bin/sh\n" + text)
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SLURM_BOX", str(executor))
    monkeypatch.setitem(PAUSES, "slurm", 0.2)
    yield executor
    for file in executor.glob("*.pid"):
        if number := file.read_text():
            end_session(int(number))


def test_wishes_are_told_in_submitits_words() -> None:
    told = submitit_parameters(
        ExecutionConfig(on="submitit-local", slurm={"partition": "gpu", "minutes": "90", "gpus": 1, "memory": "32"})
    )
    assert told["slurm_partition"] == "gpu"
    assert (told["timeout_min"], told["gpus_per_node"], told["mem_gb"]) == (90, 1, 32.0)


@pytest.mark.parametrize(
    ("wishes", "kind", "text"),
    [
        ({"partion": "gpu"}, UnknownNameError, "unknown SLURM option 'partion'"),
        ({"minutes": "long"}, UsageError, "minutes must be a whole number, not 'long'"),
    ],
)
def test_a_wish_that_cannot_be_is_said(wishes: dict[str, str], kind: type, text: str) -> None:
    with pytest.raises(kind, match=text):
        submitit_parameters(ExecutionConfig(on="submitit-local", slurm=wishes))


def test_without_slurm_that_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="there is no SLURM on this machine"):
        submitit_parameters(ExecutionConfig(on="slurm"))


def test_without_submitit_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "submitit", None)
    with pytest.raises(MissingExtraError, match="submitit") as caught:
        submitit_parameters(ExecutionConfig(on="submitit-local", slurm={}))
    assert caught.value.hint == "pip install 'histozoo[cluster]'"


@pytest.mark.slow
def test_the_local_executor_gives_the_same_table(quick: dict[str, Any], tmp_path: Path) -> None:
    here = train_many(["resnet20"], seeds=2, jobs=2, out=tmp_path / "here", **quick)
    there = train_many(["resnet20"], seeds=2, jobs=2, on="submitit-local", out=tmp_path / "there", **quick)
    assert there.failures == {}
    assert there.table.rows == here.table.rows
    assert "Job completed successfully" in (there.path / "logs" / "resnet20-seed0.txt").read_text()


@pytest.mark.slow
def test_a_job_that_fails_is_told(quick: dict[str, Any], tmp_path: Path) -> None:
    made = train_many(["resnet20"], seeds=1, on="submitit-local", out=tmp_path / "grid", **{**quick, "batch_size": 25})
    assert list(made.failures) == ["resnet20-seed0"]
    assert "a batch of 25 is larger than the training part" in made.failures["resnet20-seed0"]


@pytest.mark.slow
def test_a_job_that_is_taken_away_is_queued_again_and_goes_on(quick: dict[str, Any], tmp_path: Path) -> None:
    """submitit sends SIGUSR2 when a job's time is up, or when SLURM wants its place."""
    given = {**quick, "epochs": 30, "save_every": 0.0}
    calm = train_many(["resnet20"], seeds=1, out=tmp_path / "calm", **given)
    taken = Taking(tmp_path / "taken")
    found = train_many(["resnet20"], seeds=1, on="submitit-local", out=taken.path, progress=taken, **given)
    assert taken.signalled
    log = (found.path / "logs" / "resnet20-seed0.txt").read_text()
    assert "Requeued job" in log
    assert "going on with" in log
    assert found.failures == {}
    assert found.table.rows == calm.table.rows


@pytest.mark.slow
def test_ctrl_c_lets_the_local_executors_jobs_finish_their_step(quick: dict[str, Any], tmp_path: Path) -> None:
    given = {**quick, "epochs": 60, "models": ["resnet20"], "seeds": 2, "on": "submitit-local", "save_every": 3600.0}
    history = tmp_path / "grid" / "resnet20-seed0" / "history.jsonl"
    with begin({**given, "out": tmp_path / "grid"}) as begun:
        until(lambda: history.exists() and history.stat().st_size > 0, process=begun)
        begun.send_signal(signal.SIGINT)
        assert begun.wait(timeout=60) == 130
    made = GridFolder.open(tmp_path / "grid")
    assert [made.state(cell) for cell in made.config.cells] == ["stopped", "waiting"]
    assert made.begun(made.config.cells[0])  # with a checkpoint, of which there would have been none for an hour


@pytest.mark.slow
def test_slurm_is_told_what_was_wished_and_does_the_runs(box: Path, quick: dict[str, Any], tmp_path: Path) -> None:
    wishes = {"partition": "gpu", "minutes": 90, "gpus": 1}
    made = train_many(["resnet20"], seeds=2, on="slurm", slurm=wishes, out=tmp_path / "grid", **quick)
    assert made.failures == {}
    script = (box / "1.sh").read_text()
    for line in ("--partition=gpu", "--time=90", "--gpus-per-node=1", "--signal=USR2@90"):
        assert f"#SBATCH {line}" in script
    assert (box / "2.sh").exists()


@pytest.mark.slow
def test_a_job_that_slurm_still_has_is_waited_for_and_not_begun_twice(
    box: Path, quick: dict[str, Any], tmp_path: Path
) -> None:
    """As when the terminal was closed while jobs were in the queue."""
    folder = tmp_path / "grid"
    given = {**quick, "epochs": 30, "models": ["resnet20"], "seeds": 1, "on": "slurm"}
    with begin({**given, "out": folder}) as begun:
        until(lambda: (folder / "jobs" / "begun.json").exists(), process=begun)
        begun.kill()
        begun.wait()
    made = resume_grid(folder)
    assert made.failures == {}
    assert not (box / "2.sh").exists()


@pytest.mark.slow
def test_ctrl_c_cancels_the_jobs_which_write_a_checkpoint(box: Path, quick: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "grid"
    given = {**quick, "epochs": 60, "save_every": 0.0, "models": ["resnet20"], "seeds": 1, "on": "slurm"}
    with begin({**given, "out": folder}) as begun:
        until(lambda: any(folder.glob("resnet20-seed0/checkpoint/step-*.json")), process=begun)
        begun.send_signal(signal.SIGINT)
        assert begun.wait(timeout=60) == 130
    assert (box / "1.cancelled").exists()
    made = GridFolder.open(folder)
    (cell,) = made.config.cells
    until(lambda: made.run(cell).record.status == "interrupted")
    assert made.begun(cell)


class Taking(Listener):
    """Takes the job away as soon as it has a checkpoint: from a thread, as the grid is waiting meanwhile."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.signalled = path, False

    def say(self, message: str) -> None:
        super().say(message)
        if message.endswith("begins"):
            Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        until(lambda: any(self.path.glob("resnet20-seed0/checkpoint/step-*.json")))
        for process in processes("submitit.core._submit", str(self.path.resolve() / "jobs")):
            os.kill(process, signal.SIGUSR2)
            self.signalled = True
