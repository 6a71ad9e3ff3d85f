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
    cores.share_cores()
    assert os.environ["OMP_NUM_THREADS"] == "1"
    assert not {"OMP_NUM_THREADS", "GOMP_SPINCOUNT"} & set(cores.users_environment())


def test_a_command_sets_the_variables_before_torch_is_imported() -> None:
    code = """
import os, sys
from zoo.cli import run
module = sys.modules["zoo.cli.main"]
module.exit_without_teardown = lambda main: print(os.environ.get("GOMP_SPINCOUNT"), "torch" in sys.modules)
run()
"""
    environment = {name: value for name, value in os.environ.items() if name not in cores.SPINNING}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == f"{cores.SPINS} False"
