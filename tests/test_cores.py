from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from zoo import cores


def group(folder: Path, limit: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cpu.max").write_text(f"{limit}\n")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The file that names the control group of this process."""
    path = tmp_path / "own"
    path.write_text("0::/jobs/one\n")
    return path


def test_a_quota_of_the_container_limits_the_cores(tmp_path: Path, own: Path) -> None:
    group(tmp_path, "250000 100000")
    assert cores.cpu_quota(tmp_path, own) == 2.5


def test_the_smallest_quota_of_all_groups_counts(tmp_path: Path, own: Path) -> None:
    group(tmp_path, "max 100000")
    group(tmp_path / "jobs", "400000 100000")
    group(tmp_path / "jobs" / "one", "800000 100000")
    assert cores.cpu_quota(tmp_path, own) == 4


def test_control_groups_of_version_1_are_read(tmp_path: Path, own: Path) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("150000\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert cores.cpu_quota(tmp_path, own) == 1.5
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("-1\n")
    assert cores.cpu_quota(tmp_path, own) is None


@pytest.mark.parametrize("text", ["max 100000", "", "nonsense", "1 2 3", "0 100000"])
def test_without_a_limit_that_can_be_read_there_is_none(text: str, tmp_path: Path, own: Path) -> None:
    group(tmp_path, text)
    assert cores.cpu_quota(tmp_path, own) is None
    assert cores.cpu_quota(tmp_path / "missing", tmp_path / "missing") is None


def test_the_usable_cores_are_never_more_than_the_quota_and_at_least_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "cpu_quota", lambda: 0.1)
    assert cores.usable_cores() == 1
    monkeypatch.setattr(cores, "cpu_quota", lambda: 10_000.0)
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert cores.usable_cores() == bound


def test_what_the_user_set_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "cpu_quota", lambda: 1.0)
    for name, value in (("GOMP_SPINCOUNT", "7"), ("OMP_WAIT_POLICY", "active")):
        environment = {name: value, "OMP_NUM_THREADS": "5"}
        cores.share_cores(environment)
        assert environment == {name: value, "OMP_NUM_THREADS": "5"}


def test_threads_follow_the_quota_and_jobs_of_a_grid_still_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_NUM_THREADS", *cores.SPINNING):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(cores, "cpu_quota", lambda: 1.0)
    monkeypatch.setattr(cores, "_set_here", set())
    monkeypatch.setattr(cores, "_at_start", [])
    cores.share_cores()
    assert os.environ["OMP_NUM_THREADS"] == "1"
    assert os.environ["GOMP_SPINCOUNT"] == str(cores.SPINS), "what spins uses up the quota"
    assert not {"OMP_NUM_THREADS", "GOMP_SPINCOUNT"} & set(cores.users_environment())


STATISTICS = """cpu  900 0 100 5000 0 0 0 0 0 0
cpu0 {busy} 10 5 1000 7 3 2 0 0 0
cpu1 0 0 0 2000 0 0 0 0 0 0
intr 12345
"""


def test_the_processor_time_of_all_programs_is_that_of_the_cores_of_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stat"
    path.write_text(STATISTICS.format(busy=100))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    monkeypatch.setattr(os, "sysconf", lambda _: 100)
    found = cores.ProcessorTime.now(path)
    assert found is not None
    assert found.every_program == pytest.approx(1.2), "without rest and waiting for a disk"
    path.write_text("cpu0 nonsense")
    assert cores.ProcessorTime.now(path) is None
    assert cores.ProcessorTime.now(tmp_path / "missing") is None


def test_what_other_programs_use_is_what_this_one_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(cores.ProcessorTime(at=at, every_program=all_, own=own) for at, all_, own in MOMENTS)
    monkeypatch.setattr(cores.ProcessorTime, "now", lambda: next(moments))
    monkeypatch.setattr(cores, "_at_start", [])
    assert cores.cores_used_by_others() is None, "zoo is used from Python"
    monkeypatch.setattr(cores, "_at_start", [cores.ProcessorTime(at=10, every_program=50, own=2)])
    assert cores.cores_used_by_others() is None, "too soon"
    assert cores.cores_used_by_others() == pytest.approx(1.5)
    assert cores.cores_used_by_others() == 0, "never less than none"


MOMENTS = [(11.0, 51.0, 2.0), (10.4, 51.0, 2.0), (14.0, 59.0, 5.0), (14.0, 52.9, 5.0)]


@pytest.mark.parametrize(
    ("cores_in_all", "threads", "used", "expected"),
    [
        (2, 2, 0.3, 2),
        (2, 2, 1.0, 1),
        (2, 2, 8.0, 1),
        (16, 16, 3.2, 13),
        (16, 16, 16.0, 8),
        (16, 8, 4.0, 8),
        (1, 1, 1, 1),
    ],
)
def test_there_is_a_thread_for_each_free_core_and_at_least_for_half_of_all(
    cores_in_all: int, threads: int, used: float, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores_in_all)), raising=False)
    assert cores.threads_beside_others(threads, used) == expected


def test_how_threads_wait_is_set_only_where_other_programs_cannot_be_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    def chosen() -> dict[str, str]:
        environment = {"OMP_NUM_THREADS": "2"}
        cores.share_cores(environment)
        return {name: value for name, value in environment.items() if name in cores.SPINNING}

    now = cores.ProcessorTime(at=0, every_program=0, own=0)
    monkeypatch.setattr(cores, "_at_start", [])
    monkeypatch.setattr(cores, "_set_here", set())
    monkeypatch.setattr(cores, "cpu_quota", lambda: None)
    monkeypatch.setattr(cores.ProcessorTime, "now", lambda: now)
    assert chosen() == {}
    monkeypatch.setattr(cores.ProcessorTime, "now", lambda: None)
    assert chosen() == {"GOMP_SPINCOUNT": str(cores.SPINS)}


def test_nothing_is_measured_where_the_user_has_set_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "_at_start", [])
    cores.share_cores({"OMP_NUM_THREADS": "2"})
    assert cores._at_start == []
    cores.share_cores({})
    assert len(cores._at_start) == 1


def test_a_command_sets_the_variables_before_torch_is_imported() -> None:
    code = """
import os, sys
from zoo.cli import run
sys.modules["zoo.cores"].cpu_quota = lambda: 1.5
module = sys.modules["zoo.cli.main"]
module.exit_without_teardown = lambda main: print(os.environ.get("GOMP_SPINCOUNT"), "torch" in sys.modules)
run()
"""
    environment = {name: value for name, value in os.environ.items() if name not in cores.SPINNING}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == f"{cores.SPINS} False"
