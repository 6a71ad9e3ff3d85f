"""Batch norm over several processes against torch's own on the whole batch.

Tolerance: both sum the same float32 numbers in another order, and a normalized value is at most some units large, so a
few times 1e-6 is rounding. In bfloat16 the last place of a number near 4 is 0.03.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import torch
from timm.layers import BatchNormAct2d
from torch import Tensor, nn

from tests.process_group import ProcessGroup
from zoo.distributed.sync_batch_norm import SyncedBatchNorm, synchronize_batch_norm
from zoo.distributed.world import World
from zoo.errors import TrainingError

ProcessGroups = Callable[[int], ProcessGroup]
CPU = torch.device("cpu")
CLOSE = 5e-6
STEPS = 3
CASES: dict[str, tuple[type[nn.Module], tuple[int, ...], dict[str, Any]]] = {
    "2d": (nn.BatchNorm2d, (8, 5, 6, 7), {}),
    "1d": (nn.BatchNorm1d, (8, 5), {}),
    "1d with length": (nn.BatchNorm1d, (8, 5, 9), {}),
    "3d": (nn.BatchNorm3d, (8, 5, 3, 4, 2), {}),
    "one image each": (nn.BatchNorm2d, (3, 5, 4, 4), {}),
    "one value each": (nn.BatchNorm1d, (3, 5), {}),
    "cumulative": (nn.BatchNorm2d, (8, 5, 6, 7), {"momentum": None}),
    "momentum one": (nn.BatchNorm2d, (8, 5, 6, 7), {"momentum": 1.0}),
    "no weights": (nn.BatchNorm2d, (8, 5, 6, 7), {"affine": False}),
    "no statistics": (nn.BatchNorm2d, (8, 5, 6, 7), {"track_running_stats": False}),
    "eps": (nn.BatchNorm2d, (8, 5, 6, 7), {"eps": 0.5}),
    "timm's with its activation": (BatchNormAct2d, (8, 5, 6, 7), {}),
}


def _norm(case: str) -> nn.Sequential:
    kind, shape, options = CASES[case]
    torch.manual_seed(3)
    norm = kind(shape[1], **options)
    for parameter in norm.parameters():
        nn.init.normal_(parameter)
    return nn.Sequential(norm)


def _batches(case: str, layout: torch.memory_format, dtype: torch.dtype) -> list[tuple[Tensor, Tensor]]:
    _, shape, _ = CASES[case]
    torch.manual_seed(4)
    # a mean far from zero, where sums of squares that are not centered lose digits
    pairs = [(torch.randn(shape) * 2 + 30, torch.randn(shape)) for _ in range(STEPS)]
    return [(x.to(dtype).contiguous(memory_format=layout), g.to(dtype)) for x, g in pairs]


def _passes(network: nn.Module, batches: list[tuple[Tensor, Tensor]], part: slice) -> dict[str, list[Tensor]]:
    """Forward and backward several times, then once in evaluation."""
    found: dict[str, list[Tensor]] = {"out": [], "grad": [], "weights": []}
    for x, grad in batches:
        mine = x[part].clone(memory_format=torch.preserve_format).requires_grad_()
        network.zero_grad()
        out = network(mine)
        out.backward(grad[part])
        assert mine.grad is not None
        found["out"].append(out.detach())
        found["grad"].append(mine.grad)
        found["weights"] += [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
    network.eval()
    found["evaluated"] = [network(batches[0][0][part]).detach()]
    network.train()
    return found


def _passes_in_group(world: World, case: str, layout: torch.memory_format, dtype: torch.dtype) -> tuple[Any, Any]:
    network = _norm(case)
    synchronize_batch_norm(network, CPU)
    assert type(network[0]) is SyncedBatchNorm
    batches = _batches(case, layout, dtype)
    return _passes(network, batches, world.part(len(batches[0][0]))), network.state_dict()


def _largest_difference(one: Tensor, other: Tensor) -> float:
    assert one.dtype == other.dtype
    assert one.shape == other.shape
    return float((one.double() - other.double()).abs().max())


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("case", CASES)
def test_synchronized_batch_norm_equals_torchs_batch_norm_on_the_whole_batch(
    process_groups: ProcessGroups, case: str, size: int
) -> None:
    _compare(process_groups(size), case, torch.contiguous_format, torch.float32, CLOSE)


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize(
    ("layout", "dtype", "close"),
    [
        (torch.channels_last, torch.float32, CLOSE),
        (torch.channels_last, torch.bfloat16, 0.04),
        (torch.contiguous_format, torch.float64, 1e-12),
    ],
)
def test_synchronized_batch_norm_equals_torchs_batch_norm_in_other_layouts_and_precisions(
    process_groups: ProcessGroups, size: int, layout: torch.memory_format, dtype: torch.dtype, close: float
) -> None:
    _compare(process_groups(size), "2d", layout, dtype, close)


def _compare(group: ProcessGroup, case: str, layout: torch.memory_format, dtype: torch.dtype, close: float) -> None:
    alone = _norm(case)
    batches = _batches(case, layout, dtype)
    if dtype == torch.float64:
        alone = alone.double()
    whole = _passes(alone, batches, slice(None))
    answers = group.run(_passes_in_group if dtype != torch.float64 else _passes_in_group_double, case, layout, dtype)
    names = ["out", "grad"] if CASES[case][2].get("track_running_stats") is False else ["out", "grad", "evaluated"]
    for name in names:  # without running statistics, evaluation uses those of the batch, as torch does
        for step, tensor in enumerate(whole[name]):
            parts = torch.cat([found[name][step] for found, _ in answers])
            assert _largest_difference(parts, tensor) <= close * (1 + tensor.abs().max())
    for step, tensor in enumerate(whole["weights"]):
        total = torch.stack([found["weights"][step].double() for found, _ in answers]).sum(0)
        assert _largest_difference(total, tensor.double()) <= close * 20 * (1 + tensor.abs().max())
    for _, state in answers:
        assert list(state) == list(alone.state_dict())
        for name, tensor in alone.state_dict().items():
            assert _largest_difference(state[name], tensor) <= close * (1 + tensor.abs().max())
    if layout == torch.channels_last:
        assert all(out.is_contiguous(memory_format=layout) for found, _ in answers for out in found["out"])


def _passes_in_group_double(
    world: World, case: str, layout: torch.memory_format, dtype: torch.dtype
) -> tuple[Any, Any]:
    network = _norm(case).double()
    synchronize_batch_norm(network, CPU)
    batches = _batches(case, layout, dtype)
    return _passes(network, batches, world.part(len(batches[0][0]))), network.state_dict()


def _too_few(world: World) -> str:
    try:
        SyncedBatchNorm(5)(torch.zeros(1 if world.chief else 0, 5))
    except ValueError as error:
        return str(error)
    return ""


def test_synchronized_batch_norm_refuses_one_value_per_channel_over_all_processes(
    process_groups: ProcessGroups,
) -> None:
    assert process_groups(2).run(_too_few) == ["batch norm needs more than one value per channel in training"] * 2


class _OwnForward(nn.BatchNorm2d):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + 1


class _Subclass(nn.BatchNorm2d):
    pass


def test_a_batch_norm_subclass_with_its_own_forward_is_refused() -> None:
    with pytest.raises(TrainingError, match="_OwnForward does more than torch's batch norm") as caught:
        synchronize_batch_norm(nn.Sequential(nn.Sequential(_OwnForward(3))), CPU)
    assert "--sync-norm no" in str(caught.value)


def test_synchronizing_keeps_names_weights_and_modes() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Sequential(_Subclass(4), nn.BatchNorm2d(4).eval()), nn.LayerNorm(4))
    before, names = deepcopy(network.state_dict()), [name for name, _ in network.named_modules()]
    parameters = dict(network.named_parameters())
    synchronize_batch_norm(network, CPU)
    assert [type(module) for module in network[1]] == [SyncedBatchNorm] * 2
    assert [module.training for module in network[1]] == [True, False]
    assert [name for name, _ in network.named_modules()] == names
    assert all(parameters[name] is parameter for name, parameter in network.named_parameters())
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())
    synchronize_batch_norm(network, CPU)
    network.load_state_dict(before)


def test_torchs_own_synchronized_batch_norm_is_used_on_a_gpu() -> None:
    network = nn.Sequential(nn.BatchNorm2d(4), BatchNormAct2d(4))
    synchronize_batch_norm(network, torch.device("cuda"))
    assert [type(module) for module in network] == [nn.SyncBatchNorm] * 2
    assert network[1].eval()(torch.full((1, 4, 2, 2), -1.0)).min() == 0, "the activation is still there"


def _network_steps(world: World, name: str, size: int) -> dict[str, Tensor]:
    """Three steps in float64, where rounding cannot flip a ReLU."""
    from zoo import create_model

    torch.manual_seed(0)
    network = create_model(name).network.double().to(memory_format=torch.channels_last).train()
    shared: nn.Module = network
    if world.size > 1:
        synchronize_batch_norm(network, CPU)
        shared = nn.parallel.DistributedDataParallel(network)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    for _ in range(STEPS):
        images, labels = torch.rand(8, 3, size, size, dtype=torch.float64), torch.randint(0, 2, (8,))
        part = world.part(8)
        logits = shared(images[part].contiguous(memory_format=torch.channels_last))
        loss = nn.functional.cross_entropy(logits, labels[part], reduction="sum") / 8
        optimizer.zero_grad()
        (loss * world.size).backward()
        optimizer.step()
    state = network.state_dict()
    return {**state, **{f"gradient of {key}": value.grad for key, value in network.named_parameters()}}


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("name", ["resnet20", "cbam20"])
def test_a_network_with_synchronized_batch_norm_learns_the_same_as_on_one_process(
    process_groups: ProcessGroups, name: str, size: int
) -> None:
    alone = _network_steps(World(), name, 24)
    for found in process_groups(size).run(_network_steps, name, 24):
        assert found.keys() == alone.keys()
        for key, tensor in alone.items():
            assert _largest_difference(found[key], tensor) <= 1e-9 * (1 + tensor.abs().max()), key
