"""The conformance kit for measures: ours pass it, and each mistake is found."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.installed_packages import Site
from zoo.errors import UnknownNameError
from zoo.metrics import measure
from zoo.metrics.measures import MEASURES
from zoo.metrics.names import headlines, measure_name
from zoo.testing import check_measure, measure_outcomes

REGISTER = """
import zoo
from zoo.spec import Measure

NAMES = ("share_right", "raises", "exits", "infinite", "text", "percent", "ignores_weights", "sums", "first_image",
         "changes_labels", "prints", "wrong_way", "undefined", "fails_once", "lost")

@zoo.hookimpl
def zoo_register_measures(register):
    for name in NAMES:
        register(Measure(name=name, title=f"title of {name}", measure=f"own.measures:{name}", summary="for a test",
                         rests_on="all", headline=name == "share_right"))
    register(Measure(name="mean_loss", title="mean loss", measure="own.measures:mean_loss", summary="", scale="amount",
                     higher_is_better=False))
"""
FUNCTIONS = """
import sys
import numpy as np

def share_right(predictions, weights):
    return np.average(predictions.predictions == predictions.labels, weights=weights)

def mean_loss(predictions, weights):
    return np.average(predictions.cross_entropies, weights=weights)

def raises(predictions, weights):
    raise LookupError("no table")

def exits(predictions, weights):
    sys.exit(0)

def infinite(predictions, weights):
    return np.inf

def text(predictions, weights):
    return "good"

def percent(predictions, weights):
    return 100 * share_right(predictions, weights)

def ignores_weights(predictions, weights):
    return float((predictions.predictions == predictions.labels).mean())

def sums(predictions, weights):
    return ((predictions.predictions == predictions.labels) * weights).sum() / 1000

def first_image(predictions, weights):
    return share_right(predictions, weights) * predictions.probabilities[0, 0]

def changes_labels(predictions, weights):
    predictions.labels[:] = 0
    return share_right(predictions, weights)

def prints(predictions, weights):
    print("measuring")
    return share_right(predictions, weights)

def wrong_way(predictions, weights):
    return 1 - share_right(predictions, weights)

def undefined(predictions, weights):
    return np.nan

def fails_once(predictions, weights):
    if (weights == 0).any():
        raise ZeroDivisionError("a patient is missing")
    return share_right(predictions, weights)
"""


@pytest.fixture(scope="module", autouse=True)
def _own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    site = Site(tmp_path_factory.mktemp("site"))
    site.install("own", REGISTER)
    (site.folder / "own" / "measures.py").write_text(FUNCTIONS)
    with site.in_this_process():
        yield


@pytest.mark.parametrize("name", ["share_right", "mean_loss", *(one.name for one in MEASURES)])
def test_ours_and_correct_measures_pass_every_check(name: str) -> None:
    check_measure(name)


FAILING = {
    "raises": "own.measures:raises failed: LookupError: no table",
    "exits": "own.measures:exits failed: SystemExit: 0",
    "infinite": "own.measures:infinite returns inf, outside of 0 to 1",
    "text": "own.measures:text returns 'good', not a number",
    "percent": "outside of 0 to 1",
    "changes_labels": "own.measures:changes_labels failed: ValueError: assignment destination is read-only",
    "lost": "'own.measures:lost' cannot be imported",
    "undefined": "undefined for these predictions",
}


@pytest.mark.parametrize(
    ("name", "check", "said"),
    [
        *((name, "gives_a_number_with_an_interval", said) for name, said in FAILING.items()),
        ("fails_once", "gives_a_number_with_an_interval", "ZeroDivisionError: a patient is missing"),
        ("ignores_weights", "weighs_samples", "use the weights in every sum and mean"),
        ("sums", "weighs_samples", "use the weights in every sum and mean"),
        ("first_image", "ignores_the_order", "depends on the order of the samples"),
        ("prints", "has_no_side_effects", "prints 'measuring'"),
        ("wrong_way", "is_better_for_better_predictions", "is 0 for perfect predictions"),
    ],
)
def test_a_mistake_of_a_measure_is_found_by_the_check_for_it(name: str, check: str, said: str) -> None:
    assert said in {outcome.check: outcome.error for outcome in measure_outcomes(name) if outcome.error}[check]


def test_an_unknown_measure_is_an_error_that_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown measure 'share_rigth'"):
        check_measure("share_rigth")


LABELS = np.repeat(np.arange(8) % 2, 4)
GIVEN = {
    "labels": LABELS,
    "probabilities": 0.5 * np.eye(2)[LABELS] + 0.5 * np.random.default_rng(0).dirichlet(np.ones(2), 32) * 0.9 + 0.025,
    "classes": ("a", "b"),
    "groups": [str(number) for number in np.repeat(np.arange(8), 4)],
}


def test_a_measure_of_a_plugin_has_a_value_and_an_interval_over_patients_like_one_of_ours() -> None:
    labels = np.where(np.arange(32) % 5, LABELS, 1 - LABELS)
    found = measure(**{**GIVEN, "labels": labels})
    assert found.values["share_right"] == pytest.approx(found.values["accuracy"])
    assert found.intervals["share_right"] == pytest.approx(found.intervals["accuracy"])
    assert found.unit == "patient"
    assert list(found.values)[: len(MEASURES)] == [one.name for one in MEASURES], "those of plugins are the last"


@pytest.mark.parametrize("name", FAILING)
def test_a_measure_that_fails_is_undefined_with_its_reason_and_the_others_are_what_they_are(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = measure(**GIVEN)
    assert found.values[name] is None
    assert FAILING[name] in found.reasons[name]
    assert all(found.values[one.name] is not None for one in MEASURES)
    assert found.confusion == ((16, 0), (0, 16))


def test_a_measure_that_fails_without_a_patient_keeps_its_value_and_has_no_interval() -> None:
    found = measure(**{**GIVEN, "labels": np.where(np.arange(32) % 5, LABELS, 1 - LABELS)})
    assert found.values["fails_once"] == found.values["accuracy"]
    assert found.intervals["fails_once"] is None
    assert "ZeroDivisionError: a patient is missing" in found.reasons["fails_once"]


def test_the_names_and_headlines_of_measures_are_those_that_plugins_declare() -> None:
    assert measure_name("share_right") == "title of share_right"
    assert headlines()[-1] == "share_right"
    assert "raises" not in headlines()
