"""How a machine is machine_share out, with counts that are made up."""

from __future__ import annotations

from zoo.grid.executors.local_processes import machine_share


def test_one_at_a_time_has_the_whole_machine() -> None:
    assert machine_share(0, 1, cores=8, gpus=4, environment={}) == {}


def test_several_share_the_cores() -> None:
    assert machine_share(0, 3, cores=8, gpus=0, environment={}) == {"OMP_NUM_THREADS": "2"}
    assert machine_share(5, 9, cores=8, gpus=0, environment={}) == {"OMP_NUM_THREADS": "1"}


def test_what_the_user_has_set_stays() -> None:
    assert machine_share(0, 3, cores=8, gpus=0, environment={"OMP_NUM_THREADS": "6"}) == {}


def test_gpus_are_dealt_round() -> None:
    found = [machine_share(slot, 3, cores=3, gpus=2, environment={})["CUDA_VISIBLE_DEVICES"] for slot in range(3)]
    assert found == ["0", "1", "0"]


def test_of_the_gpus_that_the_user_lets_be_seen() -> None:
    mine = {"CUDA_VISIBLE_DEVICES": "2,5"}
    found = [machine_share(slot, 3, cores=3, gpus=2, environment=mine)["CUDA_VISIBLE_DEVICES"] for slot in range(3)]
    assert found == ["2", "5", "2"]


def test_one_gpu_is_everybodys() -> None:
    assert "CUDA_VISIBLE_DEVICES" not in machine_share(1, 2, cores=2, gpus=1, environment={})
