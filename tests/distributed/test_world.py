from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from tests.process_group import ProcessGroup
from zoo.config.train_config import TrainConfig
from zoo.device import choose_compute
from zoo.distributed import failures
from zoo.distributed.world import World, local_device, open_world
from zoo.errors import TrainingError, UsageError
from zoo.training.compute import plan_compute
from zoo.training.plan import make_plan

ProcessGroups = Callable[[int], ProcessGroup]
CPU = torch.device("cpu")
AMOUNTS = (1, 2, 3, 4, 5, 7, 16, 33, 100)


@pytest.mark.parametrize("size", range(1, 9))
def test_the_shares_of_all_processes_cover_all_items_and_differ_by_at_most_one(size: int) -> None:
    for length in range(40):
        parts = [World(rank, size).share(list(range(length))) for rank in range(size)]
        assert list(chain(*parts)) == list(range(length))
        lengths = [len(part) for part in parts]
        assert max(lengths) - min(lengths) <= 1


def _exchange(world: World) -> list[Any]:
    """Return what each method of a world gives this process."""
    gathered = []
    for total in AMOUNTS:
        rows = torch.arange(total * 2.0).view(total, 2)
        gathered.append(world.gather(world.share(rows), total))
    whole = world.gather(world.share(torch.arange(7)), 7)
    summed = world.sum(torch.full((3,), world.rank + 1.0))
    spread = [torch.full((2, 2), float(world.rank)), torch.tensor(world.rank)]
    world.broadcast(spread)
    return [gathered, whole, summed, spread, world.broadcast_object({"from": world.rank})]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_gather_sum_and_broadcast_give_every_process_the_same_values(process_groups: ProcessGroups, size: int) -> None:
    for gathered, whole, summed, spread, objects in (
        [_exchange(World())] if size == 1 else process_groups(size).run(_exchange)
    ):
        for total, rows in zip(AMOUNTS, gathered, strict=True):
            assert torch.equal(rows, torch.arange(total * 2.0).view(total, 2))
        assert torch.equal(whole, torch.arange(7))
        assert torch.equal(summed, torch.full((3,), float(sum(range(1, size + 1)))))
        assert [float(tensor.sum()) for tensor in spread] == [0, 0]
        assert objects == {"from": 0}


def _check_different_values(world: World) -> str:
    """Return the error of `check_equal` in this process, or an empty text."""
    try:
        world.check_equal("data", 1 if world.rank == 1 else 2)
    except TrainingError as error:
        return str(error)
    return ""


def test_check_equal_raises_in_the_process_with_another_value(process_groups: ProcessGroups) -> None:
    assert process_groups(3).run(_check_different_values) == ["", "process 1 has different data from process 0", ""]


def _score(world: World, amount: int) -> tuple[list[int], np.ndarray]:
    """Return the images that this process scored, and all probabilities."""
    from zoo import create_model
    from zoo.evaluation.inference import Inference

    torch.manual_seed(0)
    classifier = create_model("resnet20", num_classes=3, options={"depth": 8})
    noise = torch.randint(0, 255, (200, 3, 24, 24), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    seen: list[int] = []

    def take(indices: list[int]) -> torch.Tensor:
        seen.extend(indices)
        return noise[list(indices)]

    compute = choose_compute("cpu", "float32")
    compute.place(classifier)
    world.broadcast(classifier.network.state_dict().values())
    classifier.train()
    images: Any = SimpleNamespace(take=take)
    indices = [199 - number for number in range(amount)]
    found = Inference(images=images, compute=compute, batch_size=8, world=world).logits(classifier, indices)
    assert classifier.training
    return seen, found


@pytest.mark.parametrize("size", [2, 3])
def test_every_image_is_scored_once_over_several_processes(process_groups: ProcessGroups, size: int) -> None:
    for amount in AMOUNTS:
        seen, alone = _score(World(), amount)
        answers = process_groups(size).run(_score, amount)
        assert list(chain(*(indices for indices, _ in answers))) == seen == [199 - number for number in range(amount)]
        for _, found in answers:
            assert found.shape == (amount, 3)
            # the same weights on the same images in batches of other sizes: rounding in float32
            assert np.abs(found - alone).max() <= 1e-6
            assert np.array_equal(found, answers[0][1])


@pytest.mark.parametrize(
    ("asked", "batch", "size", "synchronized", "said"),
    [
        ("auto", 8, 3, True, "3 processes, batch norm over all processes (2 or 3 images a process)"),
        ("auto", 63, 2, True, "2 processes, batch norm over all processes (31 or 32 images a process)"),
        ("auto", 64, 2, False, "2 processes, batch norm over each process (32 images a process)"),
        ("yes", 512, 2, True, "2 processes, batch norm over all processes (as requested)"),
        ("no", 8, 2, False, "2 processes, batch norm over each process (as requested)"),
        ("yes", 8, 1, False, None),
    ],
)
def test_batch_norm_is_synchronized_where_a_process_has_few_images(
    asked: Any, batch: int, size: int, synchronized: bool, said: str | None
) -> None:
    given = {"device": "cpu", "sync_norm": asked, "batch_size": batch}
    plan = make_plan(TrainConfig.from_keywords("resnet20", given))
    chosen = plan_compute(plan, choose_compute("cpu"), images=10, world=World(0, size))
    assert chosen.synchronized is synchronized
    assert "processes" not in chosen.description if said is None else chosen.description.endswith(said)


def test_a_world_size_of_1_is_a_single_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "1")
    with open_world(CPU) as world:
        assert (world.rank, world.size, world.chief) == (0, 1, True)


def test_world_size_without_the_launcher_suggests_torchrun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("RANK", raising=False)
    with (
        pytest.raises(TrainingError, match="the other processes cannot be reached") as caught,
        open_world(CPU),
    ):
        pass
    assert "start them with torchrun" in str(caught.value)


def test_several_processes_on_mps_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with (
        pytest.raises(UsageError, match="cannot train together on mps"),
        open_world(torch.device("mps")),
    ):
        pass


def test_more_processes_than_gpus_on_a_machine_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert local_device(CPU) == CPU
    with pytest.raises(UsageError, match=r"this is process 2 of this machine, which has 1 GPU\n"):
        local_device(torch.device("cuda"))


class _Store:
    """A fake of the launcher's store."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def compare_set(self, key: str, expected: str, desired: str) -> bytes:
        assert expected == ""
        return self.values.setdefault(key, desired).encode()


def test_the_first_error_of_several_processes_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.distributed.world.LINGER", 0)
    store: Any = _Store()
    chief, other = World(0, 2, store), World(1, 2, store)
    mine = ValueError("mine")
    gone = RuntimeError("[/a/gloo/tcp/pair.cc:5] Connection closed by peer [127.0.0.1]:4524. Check the logs. 🏖️")
    assert other.first_error(mine) == "mine"
    assert chief.first_error(gone) == "process 1 of 2: mine"
    with pytest.raises(ValueError, match="mine"):
        other.raise_first_error(mine)
    with pytest.raises(TrainingError, match=r"^process 1 failed, so all processes stop$"):
        chief.raise_first_error(gone)


def test_a_process_that_exits_without_an_error_message_is_reported_by_the_others() -> None:
    gone = RuntimeError("[/a/gloo/tcp/pair.cc:5] Connection closed by peer [127.0.0.1]:4524. Check the logs. 🏖️")
    store: Any = _Store()
    for world in (World(0, 2, store), World(0, 2)):
        with pytest.raises(TrainingError, match=r"exited without an error message .Connection closed by peer"):
            world.raise_first_error(gone)
    assert not failures.is_lost_connection(RuntimeError("mat1 and mat2 do not fit"))
    assert not failures.is_lost_connection(ValueError("no gloo here"))
