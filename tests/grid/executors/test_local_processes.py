from __future__ import annotations

from pathlib import Path

from tests.grids import grid_config, make_grid
from zoo.grid.executors.local_processes import LocalProcesses, machine_share


def test_a_single_process_at_a_time_may_use_the_whole_machine() -> None:
    assert machine_share(0, 1, cores=8, gpus=4, environment={}) == {}


def test_processes_share_the_cores_evenly() -> None:
    assert machine_share(0, 3, cores=8, gpus=0, environment={}) == {"OMP_NUM_THREADS": "2"}
    assert machine_share(5, 9, cores=8, gpus=0, environment={}) == {"OMP_NUM_THREADS": "1"}


def test_the_number_of_threads_that_the_user_has_set_is_kept() -> None:
    assert machine_share(0, 3, cores=8, gpus=0, environment={"OMP_NUM_THREADS": "6"}) == {}


def test_processes_take_turns_on_the_gpus() -> None:
    found = [machine_share(slot, 3, cores=3, gpus=2, environment={})["CUDA_VISIBLE_DEVICES"] for slot in range(3)]
    assert found == ["0", "1", "0"]


def test_processes_take_turns_on_the_gpus_that_the_user_made_visible() -> None:
    visible = {"CUDA_VISIBLE_DEVICES": "2,5"}
    found = [machine_share(slot, 3, cores=3, gpus=2, environment=visible)["CUDA_VISIBLE_DEVICES"] for slot in range(3)]
    assert found == ["2", "5", "2"]


def test_a_single_gpu_is_shared_by_all_processes() -> None:
    assert "CUDA_VISIBLE_DEVICES" not in machine_share(1, 2, cores=2, gpus=1, environment={})


def test_a_killed_process_is_described_by_its_signal(tmp_path: Path) -> None:
    config = grid_config("resnet20", seeds=1)
    made = make_grid(tmp_path / "grid", config)
    job = LocalProcesses(1, 0).start(made, config.cells[0], 0)
    job.kill()
    assert job.is_done()
    assert job.failure() == "its process was killed by SIGKILL"
