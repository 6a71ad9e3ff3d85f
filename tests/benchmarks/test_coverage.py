"""Intervals contain the true value as often as they say: a small simulation; docs/simulations.md has the large one."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.scripts import FOLDER, script

TRUTH = {"accuracy": 0.785, "balanced_accuracy": 0.785, "recall": 0.785, "specificity": 0.785, "auroc": 0.861}


def coverage(*, mixed: bool, repetitions: int) -> dict[str, tuple[float, ...]]:
    """Return the coverage of 10 patients' intervals, with the patients known and unknown."""
    populations, measure = script("coverage_populations"), script("coverage_simulation").measure
    population = populations.Population(patients=10, accuracy=0.785, deviation=1.0, mixed=mixed)
    generator = np.random.default_rng(0)
    held: dict[str, list[tuple[bool, ...]]] = {name: [] for name in TRUTH}
    for _ in range(repetitions):
        labels, logits, patients = populations.draw(population, generator)
        given = {"labels": labels, "logits": logits[:, None], "classes": ("benign", "malignant")}
        known = measure(**given, groups=[str(patient) for patient in patients]).intervals
        unknown = measure(**given).intervals
        for name, truth in TRUTH.items():
            if known[name] is not None:
                pairs = known[name], unknown[name]
                held[name].append(tuple(low <= truth <= high for low, high in pairs))
    return {name: tuple(np.mean(found, axis=0)) for name, found in held.items()}


@pytest.mark.parametrize("mixed", [False, True])
def test_intervals_of_ten_patients_contain_the_true_value_in_95_of_100_cases(mixed: bool) -> None:
    """150 repetitions: the standard deviation of a share of 0.95 is 0.018."""
    for name, (known, unknown) in coverage(mixed=mixed, repetitions=150).items():
        assert 0.9 <= known <= 0.99, name
        assert unknown < 0.85, name


def test_the_tables_of_the_documentation_are_those_of_the_stored_results() -> None:
    tables = script("coverage_tables")
    results = tables.read_results()
    assert [population for population, _ in results] == script("coverage_populations").SETTINGS
    assert {row["repetitions"] for _, row in results} == {1000}
    page = "".join(page.read_text(encoding="utf-8") for page in tables.PAGES)
    for name, table in tables.tables(results).items():
        assert f"<!-- {name} -->\n{table}\n<!-- end -->" in page, f"run benchmarks/coverage_tables.py ({name})"


def test_a_setting_simulated_again_has_the_same_results() -> None:
    coverage, populations = script("coverage_simulation"), script("coverage_populations")
    first = coverage.simulate(populations.SETTINGS[0], 2, seed=0)
    assert first == coverage.simulate(populations.SETTINGS[0], 2, seed=0)


def test_the_true_values_are_those_of_the_population() -> None:
    populations = script("coverage_populations")
    found = populations.true_values(populations.Population(patients=10, accuracy=0.785, deviation=1.0))
    assert {name: found[name] for name in TRUTH} == pytest.approx(TRUTH, abs=0.002)


@pytest.mark.slow
def test_the_table_of_several_runs_in_the_documentation_is_what_the_command_prints() -> None:
    across = script("coverage_across_runs")
    page = (FOLDER.parent / "docs" / "simulations.md").read_text(encoding="utf-8")
    assert f"<!-- across runs -->\n{across.table(across.REPETITIONS)}\n<!-- end -->" in page
