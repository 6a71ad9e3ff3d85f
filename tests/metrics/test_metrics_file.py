from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zoo.config.plain import from_plain, plain
from zoo.metrics.metrics_file import BaselineResult, DatasetInfo, EvaluatedPart, Metrics, SeenImages, read_metrics
from zoo.metrics.paired import Difference
from zoo.metrics.result import Result

DOCUMENT: dict[str, Any] = {
    "data": {"source": "breakhis", "name": "BreakHis 40X", "synthetic": False, "fingerprint": "a1b2"},
    "split": {"unit": "patient", "seed": 7, "part": "test"},
    "training_seed": 3,
    "measures": {
        "classes": ["benign", "malignant"],
        "positive": "malignant",
        "minority": "benign",
        "samples": 4,
        "groups": 2,
        "values": {"accuracy": 0.75, "auroc": None},
        "per_class": {
            "benign": {"precision": None, "support": 1},
            "malignant": {"precision": 1.0, "support": 3},
        },
        "confusion": [[1, 0], [1, 2]],
        "intervals": {"accuracy": [0.5, 1.0], "auroc": None},
        "reasons": {"auroc": "no sample is benign"},
        "notes": ["only 2 patients"],
        "unit": "patient",
        "level": 0.95,
    },
}
"""metrics.json, key by key: another reader may rely on it."""

METRICS = Metrics(
    data=DatasetInfo(source="breakhis", name="BreakHis 40X", synthetic=False, fingerprint="a1b2"),
    split=EvaluatedPart(unit="patient", seed=7, part="test"),
    training_seed=3,
    measures=Result(
        classes=("benign", "malignant"),
        positive="malignant",
        minority="benign",
        samples=4,
        groups=2,
        values={"accuracy": 0.75, "auroc": None},
        per_class={"benign": {"precision": None, "support": 1}, "malignant": {"precision": 1.0, "support": 3}},
        confusion=((1, 0), (1, 2)),
        intervals={"accuracy": (0.5, 1.0), "auroc": None},
        reasons={"auroc": "no sample is benign"},
        notes=("only 2 patients",),
        unit="patient",
        level=0.95,
    ),
)


def changed(*path: str, **changes: Any) -> dict[str, Any]:
    """The document with other keys in one of its mappings; None takes a key away."""
    document = json.loads(json.dumps(DOCUMENT))
    part = document
    for name in path:
        part = part[name]
    part.update(changes)
    for name in [name for name, value in changes.items() if value is None]:
        del part[name]
    return dict(document)


def test_metrics_json_is_written_with_the_documented_keys() -> None:
    assert json.dumps(plain(METRICS), indent=2) == json.dumps(DOCUMENT, indent=2)


def test_metrics_json_with_the_documented_keys_is_read() -> None:
    assert from_plain(Metrics, DOCUMENT) == METRICS


def test_metrics_of_all_images_have_neither_the_unit_nor_the_seed_of_a_split() -> None:
    document = changed("split", part="all", unit=None, seed=None)
    found = from_plain(Metrics, document)
    assert found.split == EvaluatedPart(part="all")
    assert plain(found) == document


def test_metrics_of_a_fold_name_the_fold() -> None:
    document = changed("split", folds=5, fold=0)
    found = from_plain(Metrics, document)
    assert (found.split.folds, found.split.fold) == (5, 0)
    assert plain(found) == document


def test_metrics_say_which_images_were_measured_as_a_hash() -> None:
    document = changed("split", images_hash="c3d4")
    found = from_plain(Metrics, document)
    assert found.split.images_hash == "c3d4"
    assert plain(found) == document


def test_metrics_of_an_older_version_do_not_say_which_images_were_measured() -> None:
    assert from_plain(Metrics, DOCUMENT).split.images_hash is None


def test_metrics_say_how_many_of_the_images_were_seen_in_training() -> None:
    seen = {"known": True, "images": 9, "identical": 4, "patients": 2, "compared": "by name", "measured": True}
    document = {**DOCUMENT, "seen": seen}
    found = from_plain(Metrics, document)
    assert found.seen == SeenImages(**seen)
    assert found.seen is not None
    assert found.seen.leaked
    assert plain(found) == document


SEEN = plain(SeenImages(known=True))


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({**DOCUMENT, "seen": {**SEEN, "identical": 1}}, "seen: images, identical and patients must be"),
        ({**DOCUMENT, "seen": {**SEEN, "compared": "by age"}}, "seen.compared must be one of"),
        ({**DOCUMENT, "seen": {"known": True}}, "seen.images, seen.identical"),
        (changed(measures=None), "measures is missing"),
        (changed(seed=3), "seed is unknown"),
        (changed("data", name=None, title="BreakHis"), "data.name is missing; data.title is unknown"),
        (changed("data", synthetic="no"), "data.synthetic must be true or false, not 'no'"),
        (changed("split", part="hidden"), "split.part must be one of train, val, test, all, not 'hidden'"),
        (changed("split", seed=None), "split: seed is missing"),
        (changed("split", part="all", seed=None), "split: unit must be missing if all images were evaluated"),
        (changed("measures", values=None, value={}), "measures.values is missing; measures.value is unknown"),
        (changed("measures", confusion=[[1]]), "measures: confusion must have a row and a column for each class"),
        (changed("measures", "per_class", benign={"support": "1"}), "measures.per_class.benign.support must be"),
    ],
)
def test_metrics_json_with_a_renamed_missing_or_extra_key_is_refused_and_the_key_is_named(
    tmp_path: Path, document: dict[str, Any], said: str
) -> None:
    (tmp_path / "metrics.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        read_metrics(tmp_path / "metrics.json")


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", "[" * 5000])
def test_metrics_json_that_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "metrics.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"Expecting|must be a mapping|nested too deeply"):
        read_metrics(tmp_path / "metrics.json")


@pytest.mark.parametrize(
    ("value", "interval", "verdict"),
    [
        (-0.22, (-0.5, 0.06), "the logistic regression scores higher, but no difference was shown: network minus "
        "baseline -0.220 (95 % -0.500 to +0.060)"),
        (0.02, (-0.1, 0.14), "no difference was shown: network minus baseline +0.020 (95 % -0.100 to +0.140)"),
        (-0.22, (-0.4, -0.1), "the network is worse: network minus baseline -0.220 (95 % -0.400 to -0.100)"),
    ],
)  # fmt: skip
def test_a_network_below_the_baseline_is_not_only_said_not_to_be_better(
    value: float, interval: tuple[float, float], verdict: str
) -> None:
    measures = replace(METRICS.measures, values={"balanced_accuracy": 0.72})
    difference = Difference(first=0.72 + value, second=0.72, value=value, interval=interval, p=None, detectable=None)
    found = BaselineResult(
        images=9, largest_class=0.5, measures=measures, differences={"balanced_accuracy": difference}
    )
    assert str(found).endswith(f", has balanced accuracy 0.720; {verdict}")
    assert found.doubt.endswith(f" reaches 0.720 on the same images: {verdict}.")
