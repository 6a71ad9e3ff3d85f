from __future__ import annotations

import pytest
from torch import nn

from zoo.config.recipe import Recipe
from zoo.training.optimizer import make_optimizer
from zoo.training.schedule import learning_rate, set_learning_rate


def _recipe(**how: object) -> Recipe:
    return Recipe(name="r", summary="", **how)  # type: ignore[arg-type]


def test_a_constant_schedule_has_the_same_learning_rate_in_every_step() -> None:
    assert {learning_rate(_recipe(lr=0.1), step, 50) for step in range(50)} == {0.1}


def test_warmup_rises_to_the_learning_rate_and_cosine_falls_from_there_to_zero() -> None:
    recipe = _recipe(lr=0.1, schedule="cosine", warmup=0.1)
    rates = [learning_rate(recipe, step, 100) for step in range(100)]
    assert rates[:10] == pytest.approx([0.01 * (step + 1) for step in range(10)])
    assert rates[10] == pytest.approx(0.1)
    assert rates[55] == pytest.approx(0.05)
    assert 0 < rates[99] < 0.001
    assert rates[10:] == sorted(rates[10:], reverse=True)


def test_a_step_schedule_divides_the_learning_rate_by_ten_after_40_60_and_80_percent() -> None:
    recipe = _recipe(lr=1.0, schedule="step")
    rates = [learning_rate(recipe, step, 10) for step in range(10)]
    assert rates == pytest.approx([1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001])


def test_each_parameter_group_is_set_to_its_share_of_the_learning_rate() -> None:
    network = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    optimizer = make_optimizer(network, _recipe(), {"0.weight": 0.1, "1.weight": 1.0})
    set_learning_rate(optimizer, 0.5)
    rates = {id(group["params"][0]): group["lr"] for group in optimizer.param_groups}
    assert rates == {id(network[0].weight): pytest.approx(0.05), id(network[1].weight): 0.5}
