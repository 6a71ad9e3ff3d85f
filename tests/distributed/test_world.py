from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from tests.processes import Crew
from zoo.config.train_config import TrainConfig
from zoo.device import choose_compute
from zoo.distributed import failures
from zoo.distributed.world import World, local_device, open_world
from zoo.errors import TrainingError, UsageError
from zoo.training.compute import plan_compute
from zoo.training.plan import make_plan

Crews = Callable[[int], Crew]
CPU = torch.device("cpu")
AMOUNTS = (1, 2, 3, 4, 5, 7, 16, 33, 100)


@pytest.mark.parametrize("size", range(1, 9))
def test_the_parts_are_the_whole_and_as_equal_as_can_be(size: int) -> None:
    for length in range(40):
        parts = [World(rank, size).share(list(range(length))) for rank in range(size)]
        assert list(chain(*parts)) == list(range(length))
        lengths = [len(part) for part in parts]
        assert max(lengths) - min(lengths) <= 1


def _exchange(world: World) -> list[Any]:
    gathered = []
    for total in AMOUNTS:
        rows = torch.arange(total * 2.0).view(total, 2)
        gathered.append(world.gather(world.share(rows), total))
    whole = world.gather(world.share(torch.arange(7)), 7)
    summed = world.sum(torch.full((3,), world.rank + 1.0))
    spread = [torch.full((2, 2), float(world.rank)), torch.tensor(world.rank)]
    world.spread(spread)
    return [gathered, whole, summed, spread, world.tell({"from": world.rank})]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_what_they_exchange(crews: Crews, size: int) -> None:
    for gathered, whole, summed, spread, told in [_exchange(World())] if size == 1 else crews(size).do(_exchange):
        for total, rows in zip(AMOUNTS, gathered, strict=True):
            assert torch.equal(rows, torch.arange(total * 2.0).view(total, 2))
        assert torch.equal(whole, torch.arange(7))
        assert torch.equal(summed, torch.full((3,), float(sum(range(1, size + 1)))))
        assert [float(tensor.sum()) for tensor in spread] == [0, 0]
        assert told == {"from": 0}


def _disagree(world: World) -> str:
    try:
        world.agree("data", 1 if world.rank == 1 else 2)
    except TrainingError as error:
        return str(error)
    return ""


def test_who_found_something_else_says_so(crews: Crews) -> None:
    assert crews(3).do(_disagree) == ["", "process 1 has other data than process 0", ""]


def _score(world: World, amount: int) -> tuple[list[int], np.ndarray]:
    from zoo import create_model
    from zoo.evaluation.probabilities import score

    torch.manual_seed(0)
    classifier = create_model("resnet20", num_classes=3, options={"depth": 8})
    noise = torch.randint(0, 255, (200, 3, 24, 24), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    seen: list[int] = []

    def take(indices: list[int]) -> torch.Tensor:
        seen.extend(indices)
        return noise[list(indices)]

    compute = choose_compute("cpu", "float32")
    compute.place(classifier)
    world.spread(classifier.network.state_dict().values())
    classifier.train()
    images: Any = SimpleNamespace(take=take)
    indices = [199 - number for number in range(amount)]
    found = score(classifier, images, indices, compute=compute, batch_size=8, world=world)
    assert classifier.training
    return seen, found


@pytest.mark.parametrize("size", [2, 3])
def test_every_image_is_scored_once_however_many_there_are(crews: Crews, size: int) -> None:
    for amount in AMOUNTS:
        seen, alone = _score(World(), amount)
        answers = crews(size).do(_score, amount)
        assert list(chain(*(indices for indices, _ in answers))) == seen == [199 - number for number in range(amount)]
        for _, found in answers:
            assert found.shape == (amount, 3)
            # the same weights on the same images in batches of other sizes: rounding in float32
            assert np.abs(found - alone).max() <= 1e-6
            assert np.array_equal(found, answers[0][1])


@pytest.mark.parametrize(
    ("asked", "batch", "size", "synchronised", "said"),
    [
        ("auto", 8, 3, True, "3 processes, batch norm over all processes (2.66667 images a process)"),
        ("auto", 63, 2, True, "2 processes, batch norm over all processes (31.5 images a process)"),
        ("auto", 64, 2, False, "2 processes, batch norm over each process (32 images a process)"),
        ("yes", 512, 2, True, "2 processes, batch norm over all processes (as asked)"),
        ("no", 8, 2, False, "2 processes, batch norm over each process (as asked)"),
        ("yes", 8, 1, False, None),
    ],
)
def test_batch_norm_goes_over_all_where_parts_are_small(
    asked: Any, batch: int, size: int, synchronised: bool, said: str | None
) -> None:
    given = {"device": "cpu", "sync_norm": asked, "batch_size": batch}
    plan = make_plan(TrainConfig.from_keywords("resnet20", given))
    chosen = plan_compute(plan, choose_compute("cpu"), images=10, world=World(0, size))
    assert chosen.synchronised is synchronised
    assert "processes" not in chosen.why if said is None else chosen.why.endswith(said)


def test_one_process_is_its_own_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "1")
    with open_world(CPU) as world:
        assert (world.rank, world.size, world.chief) == (0, 1, True)


def test_without_the_launcher_the_others_cannot_be_met(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("RANK", raising=False)
    with (
        pytest.raises(TrainingError, match="the other processes cannot be met") as caught,
        open_world(CPU),
    ):
        pass
    assert "start them with torchrun" in str(caught.value)


def test_several_processes_need_a_device_that_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with (
        pytest.raises(UsageError, match="cannot work together on mps"),
        open_world(torch.device("mps")),
    ):
        pass


def test_a_process_without_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert local_device(CPU) == CPU
    with pytest.raises(UsageError, match=r"this process is number 2 of its machine, which has 1 GPU\n"):
        local_device(torch.device("cuda"))


class _Shelf:
    """The launcher's store."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def compare_set(self, key: str, expected: str, desired: str) -> bytes:
        assert expected == ""
        return self.kept.setdefault(key, desired).encode()


def test_the_first_error_is_the_one_that_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.distributed.world.LINGER", 0)
    shelf: Any = _Shelf()
    chief, other = World(0, 2, shelf), World(1, 2, shelf)
    mine = ValueError("mine")
    gone = RuntimeError("[/a/gloo/tcp/pair.cc:5] Connection closed by peer [127.0.0.1]:4524. Check the logs. 🏖️")
    assert other.cause(mine) == "mine"
    assert chief.cause(gone) == "process 1 of 2: mine"
    with pytest.raises(ValueError, match="mine"):
        other.fail(mine)
    with pytest.raises(TrainingError, match=r"^process 1 failed, and so all stop$"):
        chief.fail(gone)


def test_a_process_that_ends_without_a_word() -> None:
    gone = RuntimeError("[/a/gloo/tcp/pair.cc:5] Connection closed by peer [127.0.0.1]:4524. Check the logs. 🏖️")
    shelf: Any = _Shelf()
    for world in (World(0, 2, shelf), World(0, 2)):
        with pytest.raises(TrainingError, match=r"another process ended without a word .Connection closed by peer"):
            world.fail(gone)
    assert not failures.lost(RuntimeError("mat1 and mat2 do not fit"))
    assert not failures.lost(ValueError("no gloo here"))
