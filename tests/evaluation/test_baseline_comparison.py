from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.installed_packages import Answer
from zoo import evaluate
from zoo.bundle.bundle_files import BASELINE
from zoo.errors import BundleError
from zoo.evaluation.baseline_comparison import compare_with_baseline
from zoo.metrics.metrics_file import MAIN
from zoo.metrics.outputs import Outputs
from zoo.runs import Run


def test_every_training_says_whether_the_network_is_better_than_a_simple_model(trained: Run) -> None:
    found = trained.metrics.baseline
    assert found is not None
    assert found.images == 24
    assert found.largest_class == 0.5
    network, simple = trained.metrics.measures.values[MAIN], found.measures.values[MAIN]
    assert network is not None
    assert simple is not None
    assert found.differences[MAIN].value == pytest.approx(network - simple)
    assert "Is the network worth it?" in (trained.bundle / "README.md").read_text()
    assert "Is the network worth it?" in (trained.path / "report.html").read_text()


def test_the_simple_model_in_a_bundle_is_measured_on_other_data_too(trained: Run, tiles: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(tiles, other)
    for number in range(5):
        shutil.copy(tiles / "dark" / f"{number:02d}.png", other / "dark" / f"more-{number}.png")
    found = evaluate(trained.bundle, data="folder", root=other, include_seen=True, progress=False).metrics.baseline
    assert found is not None
    assert found.measures.samples == 45


def test_a_bundle_without_a_simple_model_is_evaluated_without_one(trained: Run, tiles: Path, tmp_path: Path) -> None:
    bundle = shutil.copytree(trained.bundle, tmp_path / "bundle")
    (bundle / BASELINE).unlink()
    assert evaluate(bundle, root=tiles, progress=False).metrics.baseline is None


def test_a_simple_model_that_was_changed_is_an_error_that_names_the_file(
    trained: Run, tiles: Path, tmp_path: Path
) -> None:
    bundle = shutil.copytree(trained.bundle, tmp_path / "bundle")
    (bundle / BASELINE).write_text((bundle / BASELINE).read_text().replace("0.", "1.", 1))
    with pytest.raises(BundleError, match=r"baseline\.json cannot be read: it is not the file"):
        evaluate(bundle, root=tiles, progress=False)


def test_zoo_evaluate_stress_prints_the_measure_at_each_strength(command: object, trained: Run) -> None:
    answer: Answer = command("evaluate", str(trained), "--stress")  # type: ignore[operator]
    assert answer.status == 0, answer.err
    for text in ("robustness", "more hematoxylin", "blur", "JPEG", "doublings of the magnification"):
        assert text in answer.out


def test_a_stress_test_has_every_degradation_and_starts_from_the_measure_of_unchanged_images(trained: Run) -> None:
    positive = evaluate(trained, progress=False).probabilities[:, 1]
    threshold = float(np.sort(positive)[-2:].mean())  # so only one image is called the second class
    found = evaluate(trained, stress=True, threshold=threshold, progress=False).metrics
    assert found.measures.values[MAIN] != trained.metrics.measures.values[MAIN]
    assert found.stress is not None
    assert found.stress.value == found.measures.values[MAIN]
    assert len(found.stress.curves) == 10
    assert all(len(curve.points) == 5 for curve in found.stress.curves)


def test_an_equal_balanced_accuracy_is_called_the_same(trained: Run) -> None:
    found = trained.metrics.baseline
    assert found is not None
    equal = replace(found.differences[MAIN], value=0.0, interval=None)
    assert str(replace(found, differences={MAIN: equal})).endswith(", the same as the network")


def test_the_network_is_compared_as_it_answers_with_its_temperature_and_threshold() -> None:
    generator = np.random.default_rng(0)
    labels = np.arange(60) % 2
    logits, simple = generator.normal(0, 2, (2, 60, 2)) + np.eye(2)[labels]
    groups = [f"{number % 20}" for number in range(60)]
    outputs = Outputs(
        labels=labels, logits=logits, classes=("a", "b"), groups=groups, temperature=3.0, threshold=0.7, minority="a"
    )
    found, network = compare_with_baseline(outputs, simple, images=9), outputs.measure()
    for name in ("loss", "brier", "accuracy", "auroc"):
        assert found.differences[name].first == pytest.approx(network.values[name])
        assert found.differences[name].second == pytest.approx(found.measures.values[name])
