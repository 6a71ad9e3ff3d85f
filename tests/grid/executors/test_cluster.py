"""submitit's local executor, and its SLURM executor with fake commands in the place of SLURM's."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from submitit.local import local

from tests.grid.grid_process import find_processes, kill_session, train_many_process, wait_until
from tests.listening import Listener
from tests.warm_python import WarmPython
from zoo.config.grid_config import ExecutionConfig
from zoo.errors import MissingExtraError, UnknownNameError, UsageError
from zoo.grid import resume_grid, train_many
from zoo.grid.executors.cluster import POLL_SECONDS
from zoo.grid.executors.slurm_options import submitit_parameters
from zoo.runs.grid_folder import GridFolder

SCRIPTS = {
    "sbatch": """
        number=$(( $(ls -d "$FAKE_SLURM"/*.pid 2>/dev/null | wc -l) + 1 ))
        cp "$1" "$FAKE_SLURM/$number.sh"
        SLURM_JOB_ID=$number SLURM_NTASKS=1 setsid sh -c 'echo $$ > "$0"; exec sh "$1"' \\
            "$FAKE_SLURM/$number.pid" "$1" > "$FAKE_SLURM/$number.out" 2>&1 < /dev/null &
        until [ -s "$FAKE_SLURM/$number.pid" ]; do sleep 0.02; done
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
        for file in "$FAKE_SLURM"/*.pid; do
            state=FAILED
            if kill -0 "$(cat "$file")" 2>/dev/null; then state=RUNNING; fi
            number=$(basename "$file" .pid)
            [ -e "$FAKE_SLURM/$number.cancelled" ] && state=CANCELLED
            echo "$number|$state|here"
        done
    """,
    "scancel": """
        touch "$FAKE_SLURM/$1.cancelled"
        kill -TERM "-$(cat "$FAKE_SLURM/$1.pid")"
    """,
}


@pytest.fixture
def fake_slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install fake SLURM commands; return the folder with their jobs, which are killed after the test."""
    jobs, tools = tmp_path / "slurm", tmp_path / "tools"
    jobs.mkdir()
    tools.mkdir()
    for name, text in SCRIPTS.items():
        (tools / name).write_text("#!/bin/sh\n" + text)
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_SLURM", str(jobs))
    monkeypatch.setitem(POLL_SECONDS, "slurm", 0.2)
    yield jobs
    for file in jobs.glob("*.pid"):
        if number := file.read_text():
            kill_session(int(number))


@pytest.fixture
def warm_jobs(warm_python: WarmPython, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs begin with slow packages imported; a local job's number is that of its controller, which does not."""
    start, python = local.start_controller, sys.executable

    def start_controller(*args: Any, **named: Any) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "executable", python)
            return start(*args, **named)

    monkeypatch.setattr(local, "start_controller", start_controller)
    monkeypatch.setattr(sys, "executable", warm_python.executable)


def test_slurm_options_become_the_parameters_of_submitit() -> None:
    parameters = submitit_parameters(
        ExecutionConfig(on="submitit-local", slurm={"partition": "gpu", "minutes": "90", "gpus": 1, "memory": "32"})
    )
    assert parameters["slurm_partition"] == "gpu"
    assert (parameters["timeout_min"], parameters["gpus_per_node"], parameters["mem_gb"]) == (90, 1, 32.0)


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"partion": "gpu"}, UnknownNameError, "unknown SLURM option 'partion'"),
        ({"minutes": "long"}, UsageError, "minutes must be a whole number, not 'long'"),
    ],
)
def test_an_unknown_or_invalid_slurm_option_is_refused(options: dict[str, str], kind: type, text: str) -> None:
    with pytest.raises(kind, match=text):
        submitit_parameters(ExecutionConfig(on="submitit-local", slurm=options))


def test_a_machine_without_slurm_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="there is no SLURM on this machine"):
        submitit_parameters(ExecutionConfig(on="slurm"))


def test_a_missing_submitit_is_reported_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "submitit", None)
    with pytest.raises(MissingExtraError, match="submitit") as caught:
        submitit_parameters(ExecutionConfig(on="submitit-local", slurm={}))
    assert caught.value.hint == "pip install 'histozoo[cluster]'"


@pytest.mark.slow
@pytest.mark.usefixtures("warm_jobs")
def test_submitits_local_executor_gives_the_same_table_as_local_processes(
    quick: dict[str, Any], tmp_path: Path
) -> None:
    here = train_many(["resnet20"], seeds=1, out=tmp_path / "here", **quick)
    there = train_many(["resnet20"], seeds=1, on="submitit-local", out=tmp_path / "there", **quick)
    assert there.failures == {}
    assert there.table.rows == here.table.rows
    assert "Job completed successfully" in (there.path / "logs" / "resnet20-seed0.txt").read_text()


@pytest.mark.slow
@pytest.mark.usefixtures("warm_jobs")
def test_the_error_of_a_job_that_fails_is_in_the_grids_failures(quick: dict[str, Any], tmp_path: Path) -> None:
    given = {**quick, "lr": 1e5, "optimizer": "sgd"}
    made = train_many(["resnet20"], seeds=1, on="submitit-local", out=tmp_path / "grid", **given)
    assert list(made.failures) == ["resnet20-seed0"]
    assert "NaN or infinite" in made.failures["resnet20-seed0"]


@pytest.mark.slow
@pytest.mark.usefixtures("warm_jobs")
def test_a_preempted_job_is_queued_again_and_resumed_to_the_same_table(quick: dict[str, Any], tmp_path: Path) -> None:
    """submitit sends SIGUSR2 when the time limit of a job is reached, or when SLURM preempts it."""
    given = {**quick, "epochs": 20, "save_every": 0.0}
    uninterrupted = train_many(["resnet20"], seeds=1, out=tmp_path / "uninterrupted", **given)
    preempting = PreemptingListener(tmp_path / "preempted")
    found = train_many(["resnet20"], seeds=1, on="submitit-local", out=preempting.path, progress=preempting, **given)
    assert preempting.signalled
    log = (found.path / "logs" / "resnet20-seed0.txt").read_text()
    assert "Requeued job" in log
    assert "resuming " in log
    assert found.failures == {}
    assert found.table.rows == uninterrupted.table.rows


@pytest.mark.slow
@pytest.mark.usefixtures("warm_jobs")
def test_ctrl_c_stops_jobs_of_the_local_executor_with_a_checkpoint(quick: dict[str, Any], tmp_path: Path) -> None:
    given = {**quick, "epochs": 60, "models": ["resnet20"], "seeds": 2, "on": "submitit-local", "save_every": 3600.0}
    history = tmp_path / "grid" / "resnet20-seed0" / "history.jsonl"
    with train_many_process({**given, "out": tmp_path / "grid"}) as process:
        wait_until(lambda: history.exists() and history.stat().st_size > 0, process=process)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    made = GridFolder.open(tmp_path / "grid")
    assert [made.state(cell) for cell in made.config.cells] == ["stopped", "waiting"]
    assert made.can_resume(made.config.cells[0])  # it has a checkpoint, long before the hour of save_every


@pytest.mark.slow
@pytest.mark.usefixtures("warm_jobs")
def test_slurm_options_are_in_the_submitted_script_and_the_runs_are_trained(
    fake_slurm: Path, quick: dict[str, Any], tmp_path: Path
) -> None:
    options = {"partition": "gpu", "minutes": 90, "gpus": 1}
    made = train_many(["resnet20"], seeds=2, on="slurm", slurm=options, out=tmp_path / "grid", **quick)
    assert made.failures == {}
    script = (fake_slurm / "1.sh").read_text()
    for line in ("--partition=gpu", "--time=90", "--gpus-per-node=1", "--signal=USR2@90"):
        assert f"#SBATCH {line}" in script
    assert (fake_slurm / "2.sh").exists()


@pytest.mark.slow
def test_a_job_that_slurm_still_has_is_waited_for_and_not_submitted_twice(
    fake_slurm: Path, quick: dict[str, Any], tmp_path: Path
) -> None:
    """As when the terminal was closed while jobs were in the queue."""
    folder = tmp_path / "grid"
    given = {**quick, "models": ["resnet20"], "seeds": 1, "on": "slurm"}  # starting torch takes long enough
    with train_many_process({**given, "out": folder}) as process:
        wait_until(lambda: (folder / "jobs" / "job-ids.json").exists(), process=process)
        process.kill()
        process.wait()
    made = resume_grid(folder)
    assert made.failures == {}
    assert not (fake_slurm / "2.sh").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("warm_jobs")
def test_ctrl_c_cancels_slurm_jobs_after_they_save_a_checkpoint(
    fake_slurm: Path, quick: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXECUTABLE_OF_PROGRAMS", sys.executable)
    folder = tmp_path / "grid"
    given = {**quick, "epochs": 60, "save_every": 0.0, "models": ["resnet20"], "seeds": 1, "on": "slurm"}
    with train_many_process({**given, "out": folder}) as process:
        wait_until(lambda: any(folder.glob("resnet20-seed0/checkpoint/step-*.json")), process=process)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    assert (fake_slurm / "1.cancelled").exists()
    made = GridFolder.open(folder)
    (cell,) = made.config.cells
    wait_until(lambda: made.run(cell).record.status == "interrupted")
    assert made.can_resume(cell)


class PreemptingListener(Listener):
    """Preempts the job once it has a checkpoint; in a thread, since the grid waits meanwhile."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.signalled = path, False

    def say(self, message: str) -> None:
        super().say(message)
        if message.endswith("starts"):
            Thread(target=self._preempt, daemon=True).start()

    def _preempt(self) -> None:
        wait_until(lambda: any(self.path.glob("resnet20-seed0/checkpoint/step-*.json")))
        for process in find_processes("submitit.core._submit", str(self.path.resolve() / "jobs")):
            os.kill(process, signal.SIGUSR2)
            self.signalled = True
