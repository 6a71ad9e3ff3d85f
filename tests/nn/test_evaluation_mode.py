from __future__ import annotations

import pytest
import torch
from torch import nn

from zoo.nn import evaluation_mode


@pytest.fixture
def network() -> nn.Sequential:
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Sequential(nn.Dropout()))
    network.train()
    network[1].eval()
    return network


def _modes(network: nn.Module) -> list[bool]:
    return [module.training for module in network.modules()]


def test_every_module_is_in_evaluation_mode_inside_and_in_its_own_mode_after(network: nn.Sequential) -> None:
    before = _modes(network)
    with evaluation_mode(network):
        assert not any(_modes(network))
    assert _modes(network) == before == [True, True, False, True, True]


def test_the_mode_is_restored_after_an_error(network: nn.Sequential) -> None:
    before = _modes(network)
    with pytest.raises(RuntimeError), evaluation_mode(network):
        network(torch.empty(1, 7, 2, 2))
    assert _modes(network) == before


def test_the_last_of_several_blocks_restores_the_mode(network: nn.Sequential) -> None:
    before = _modes(network)
    first, second = evaluation_mode(network), evaluation_mode(network)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert not any(_modes(network))
    second.__exit__(None, None, None)
    assert _modes(network) == before


def test_a_network_that_changes_its_weights_with_its_mode_is_changed_back() -> None:
    class Merging(nn.Linear):
        merged = False

        def train(self, mode: bool = True) -> Merging:
            self.merged = not mode
            return super().train(mode)

    network = Merging(2, 2).train()
    with evaluation_mode(network):
        assert network.merged
    assert not network.merged
    assert network.training
