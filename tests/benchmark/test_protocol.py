from __future__ import annotations

from pathlib import Path

import pytest

import zoo
from tests.benchmark.conftest import PROTOCOL, Bench
from zoo.benchmark import protocols, read_protocol
from zoo.benchmark.planned_part import plan_parts
from zoo.config.benchmark_config import BenchmarkConfig
from zoo.errors import DataError, UnknownNameError
from zoo.registry import registry
from zoo.training.plan import make_plan


def test_every_part_of_a_protocol_of_the_zoo_can_be_configured_and_names_models_and_recipes_of_the_zoo(
    tmp_path: Path,
) -> None:
    assert {"idc", "lung", "recipes"} <= set(protocols())
    for name, protocol in protocols().items():
        registry().source(protocol.source)
        for one in plan_parts(protocol, BenchmarkConfig(protocol=name), tmp_path):
            assert registry().recipe(one.part.recipe)
            assert all(registry().model(model) for model in one.models)
            assert one.config.seeds == (one.part.seeds or 3)
            assert one.config.train.split_seed == 0
            assert {model for pair in one.part.pairs or () for model in pair} <= set(one.models)


def test_a_mistake_in_a_protocol_is_named_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    for wrong, named in (
        (PROTOCOL.replace("question: Does", "questoin: Does"), "questoin"),
        (PROTOCOL.replace("against: attention", "against: nothing"), "compared with 'nothing'"),
        (PROTOCOL.replace("name: leakage", "name: attention"), "two of it"),
        (PROTOCOL.replace("name: leakage", "name: splits"), "reserved"),
        (PROTOCOL.replace("name: leakage", "name: ../leakage"), "not a name"),
        (PROTOCOL.replace("[cbam20, resnet20]]", "[cbam56, resnet20]]"), "no model cbam56"),
        (PROTOCOL.replace("against: attention", "against: attention\n    pairs: [[resnet20, resnet20]]"), "not tested"),
        ("[]", "not a mapping"),
    ):
        file.write_text(wrong, encoding="utf-8")
        with pytest.raises(DataError, match=named) as caught:
            read_protocol(str(file))
        assert str(file) in str(caught.value)
    with pytest.raises(UnknownNameError, match="did you mean lung"):
        read_protocol("lungs")


def test_the_protocol_in_the_documentation_is_one(tmp_path: Path) -> None:
    page = Path(zoo.__file__).resolve().parent.parent / "docs" / "benchmark.md"
    if not page.exists():
        pytest.skip("no documentation beside this package")
    (tmp_path / "mine.yaml").write_text(page.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0])
    mine = read_protocol(str(tmp_path / "mine.yaml"))
    for one in plan_parts(mine, BenchmarkConfig(protocol="mine"), tmp_path):
        assert make_plan(one.config.train).recipe.lr == 0.003


def test_other_models_are_trained_in_every_part_and_compared_with_the_first(bench: Bench) -> None:
    some = bench.planned(models=("senet20", "resnet20"))
    assert [one.models for one in some.values()] == [("resnet20", "senet20"), ("resnet20",)]
    assert some["attention"].part.chosen_pairs(some["attention"].models) == (("senet20", "resnet20"),)
    others = bench.planned(models=("vgg16", "resnet50"))
    assert [one.models for one in others.values()] == [("vgg16", "resnet50")] * 2
    assert others["attention"].part.chosen_pairs(others["attention"].models) == (("resnet50", "vgg16"),)


def test_settings_for_training_from_scratch_do_not_hold_with_pretrained_weights(bench: Bench) -> None:
    assert bench.planned()["attention"].keywords["lr"] == 0.003
    assert "lr" not in bench.planned(init="auto")["attention"].keywords
