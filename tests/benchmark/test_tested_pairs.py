from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.benchmark.conftest import Bench
from zoo.benchmark.benchmark_results import TestedPair
from zoo.benchmark.protocol import read_protocol
from zoo.benchmark.run_benchmark import run_benchmark
from zoo.benchmark.sentences import answer
from zoo.benchmark.tested_pairs import tested_pairs as pairs_of
from zoo.metrics.metrics_file import MAIN
from zoo.metrics.paired import Difference
from zoo.runs import PREDICTIONS


def test_a_pair_that_is_asked_the_other_way_round_has_the_reversed_difference_and_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = Difference(first=0.9, second=0.7, value=0.2, interval=(0.05, 0.35), p=0.01, detectable=0.1)
    pair = SimpleNamespace(first="better", second="worse", differences={MAIN: found})
    comparison = SimpleNamespace(pairs=[pair], images=60, patients=20)
    monkeypatch.setattr("zoo.benchmark.tested_pairs.compare_grid", lambda _folder: comparison)
    part = SimpleNamespace(name="depth", against=None, chosen_pairs=lambda _models: (("worse", "better"),))
    planned = SimpleNamespace(part=part, models=("better", "worse"), path=Path("depth"))
    finished: Any = SimpleNamespace(planned=planned, runs={"better": (1,), "worse": (1,)})
    (tested,) = pairs_of([finished])
    assert (tested.first, tested.second, tested.corrected_p) == ("worse", "better", 0.01)
    reversed_ = tested.differences[MAIN]
    assert (reversed_.first, reversed_.second, reversed_.value) == (0.7, 0.9, -0.2)
    assert reversed_.interval == (-0.35, -0.05)


def test_the_folds_of_two_parts_are_compared_each_with_the_same_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs: list[tuple[int, int]] = []
    monkeypatch.setattr("zoo.comparison.common_images.stored_predictions", lambda run: run)
    monkeypatch.setattr("zoo.benchmark.tested_pairs.on_common_images", pairs.extend)

    def part(name: str, against: str | None, first: int, folds: tuple[int | None, ...]) -> Any:
        runs = tuple(SimpleNamespace(seed=0, fold=fold, run=first + place) for place, fold in enumerate(folds))
        planned = SimpleNamespace(
            part=SimpleNamespace(name=name, against=against, chosen_pairs=lambda _models: ()), models=("a",)
        )
        return SimpleNamespace(planned=planned, runs={"a": runs})

    pairs_of([part("one", "two", 10, (0, 1, 2)), part("two", None, 20, (0, 1, 2))])
    assert pairs == [(10, 20), (11, 21), (12, 22)]
    pairs.clear()
    pairs_of([part("one", "two", 10, (0, 1)), part("two", None, 20, (None,))])
    assert pairs == [(10, 20), (11, 20)]


def test_models_without_a_test_part_in_common_yet_do_not_end_the_benchmark(bench: Bench) -> None:
    bench.finish({"attention": {"resnet20": 0.9, "senet20": 0.9}})
    folder = bench.planned()["attention"].path
    for run in folder.glob("senet20-*"):
        lines = (run / PREDICTIONS).read_text().splitlines()
        (run / PREDICTIONS).write_text("\n".join(lines[:-2]) + "\n")
    results = run_benchmark(bench.config(report=True), progress=False).results
    assert results.pairs == ()
    assert "Nothing can be compared yet" in results.parts[0].answer
    asks_for_no_pair = replace(read_protocol(str(bench.protocol)).part("attention"), pairs=None)
    assert answer(asks_for_no_pair, [], results.models[:1], "patient") == "In balanced accuracy, resnet20 has 0.905."


def test_pairs_that_were_tested_on_other_images_each_say_on_which() -> None:
    part = replace(read_protocol("idc").part("augmentation"), name="augmentation")
    found = Difference(first=0.8, second=0.7, value=0.1, interval=(-0.1, 0.3), p=0.4, detectable=0.2)

    def pair(model: str, images: int) -> TestedPair:
        return TestedPair(
            part="augmentation",
            model=model,
            first="augmentation",
            second="attention",
            images=images,
            patients=9,
            differences={MAIN: found},
            corrected_p=0.4,
        )

    same = answer(part, [pair("resnet20", 90), pair("cbam20", 90)], [], "patient")
    assert same.count("images of 9 patients that both parts test") == 1
    text = answer(part, [pair("resnet20", 90), pair("cbam20", 60)], [], "patient")
    assert "in balanced accuracy: resnet20: augmentation minus attention" in text
    assert "p = 0.4, on 90 images of 9 patients that both parts test; cbam20" in text
    assert "p = 0.4, on 60 images of 9 patients that both parts test; differences under" in text
