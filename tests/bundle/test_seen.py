from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.bundles import write_uncalibrated
from zoo.bundle.bundle_files import CONFIG, SEEN
from zoo.bundle.seen import LEAST_COST, MOST_COST, Seen, read_seen, seen_from_document
from zoo.errors import BundleError
from zoo.files import sha256

Make = Callable[..., Path]


def digest(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


@pytest.fixture
def record() -> Seen:
    return Seen.record(map(digest, range(50)), [f"patient {number}" for number in range(10)])


@pytest.fixture
def folder(tmp_path: Path, record: Seen) -> Path:
    write_uncalibrated(tmp_path / "made", config={"entry": "tiny"}, tensors={}, golden={}, seen=record.to_document())
    return tmp_path / "made"


def with_document(folder: Path, **changes: Any) -> Path:
    """Change values in seen.json, as somebody does who also corrects its sha256 in config.json."""
    document = json.loads((folder / SEEN).read_text())
    for key, value in changes.items():
        document.pop(key) if value is ... else document.update({key: value})
    return with_text(folder, json.dumps(document))


def with_text(folder: Path, text: str) -> Path:
    (folder / SEEN).write_text(text)
    config = json.loads((folder / CONFIG).read_text())
    config["seen"]["sha256"] = sha256(folder / SEEN)
    (folder / CONFIG).write_text(json.dumps(config))
    return folder


def test_a_record_that_was_read_knows_the_same_images_and_patients(folder: Path) -> None:
    found = read_seen(folder)
    assert found is not None
    assert found.has_images([digest(0), digest(49), digest(50), None]).tolist() == [True, True, False, False]
    assert found.has_patients(["patient 9", "patient 10", ""]).tolist() == [True, False, False]


def test_a_patient_is_recognized_in_other_letters() -> None:
    seen = Seen.record([], ["Größe 1", "14-22549ab"])
    assert seen.has_patients(["Gro\u0308ße 1", " GRÖSSE 1", "14-22549AB", "14-22549"]).tolist() == [True] * 3 + [False]


def test_a_record_without_patients_knows_that_they_are_not_known(tmp_path: Path) -> None:
    seen = Seen.record([digest(0)], None).to_document()
    write_uncalibrated(tmp_path / "made", config={}, tensors={}, golden={}, seen=seen)
    found = read_seen(tmp_path / "made")
    assert found is not None
    assert found.patients is None


def test_the_records_of_two_bundles_share_no_hash() -> None:
    one, two = (Seen.record(map(digest, range(50)), ["a", "b"]) for _ in range(2))
    assert not np.isin(one.images, two.images).any()
    assert one.patients is not None
    assert two.patients is not None
    assert not np.isin(one.patients, two.patients).any()


def test_the_record_of_a_hundred_thousand_images_takes_two_megabytes() -> None:
    document = Seen.record(map(digest, range(200_000)), None).to_document()  # the file and the pixels of each
    assert len(json.dumps(document)) < 2_200_000


def test_guessing_a_patient_costs_more_the_fewer_there_are() -> None:
    costs = [Seen.record([], [str(number) for number in range(count)]).cost for count in (1, 100, 3_000)]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] == MOST_COST
    assert costs[-1] >= LEAST_COST


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"format": 2}, "format 2"),
        ({"format": ...}, "format None"),
        ({"salt": ...}, "salt is missing"),
        ({"more": 1}, "more is unknown"),
        ({"salt": "zz" * 16}, "salt must be hexadecimal"),
        ({"salt": "00"}, "salt must have 16 bytes"),
        ({"cost": 40}, "cost must be from"),
        ({"cost": -1}, "cost must be from"),
        ({"cost": 12.5}, "cost must be"),
        ({"images": "§"}, "images must be base64"),
        ({"images": "AAAA"}, "images must have 8 bytes for each hash"),
        ({"images": "AAAAAAAAAAIAAAAAAAAAAQ=="}, "images must be in ascending order"),
        ({"patients": 5}, "patients must be"),
        ({"patients": ["a"]}, "patients must be"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_it(folder: Path, changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(BundleError, match=r"seen\.json cannot be read") as caught:
        read_seen(with_document(folder, **changes))
    assert problem in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "null", "[" * 100_000, "{", '{"format": NaN}'])
def test_text_that_is_no_record_is_an_error(folder: Path, text: str) -> None:
    with pytest.raises(BundleError, match=r"seen\.json cannot be read"):
        read_seen(with_text(folder, text))


def test_a_record_of_other_weights_is_refused(folder: Path, tmp_path: Path, record: Seen) -> None:
    other = Seen.record([digest(7)], None)
    write_uncalibrated(tmp_path / "other", config={}, tensors={}, golden={}, seen=other.to_document())
    shutil.copy(tmp_path / "other" / SEEN, folder / SEEN)
    with pytest.raises(BundleError, match="its sha256 differs"):
        read_seen(folder)


def test_a_bundle_without_the_file_has_no_record(folder: Path) -> None:
    (folder / SEEN).unlink()
    assert read_seen(folder) is None


def test_a_record_of_earlier_models_is_read_as_it_was_written(tmp_path: Path) -> None:
    first = replace(Seen.record([digest(1)], ["a"]), source="breakhis")
    second = replace(Seen.record([digest(2)], None).after(first), source="idc")
    third = Seen.record([digest(3)], ["c"]).after(second)
    write_uncalibrated(tmp_path / "made", config={"entry": "x"}, tensors={}, golden={}, seen=third.to_document())
    found = read_seen(tmp_path / "made")
    assert found is not None
    assert found.digest == third.digest
    assert [record.source for record in found.earlier] == ["idc", "breakhis"]
    assert [bool(record.has_images([digest(3 - n)])[0]) for n, record in enumerate((found, *found.earlier))] == [
        True
    ] * 3
    assert not found.has_images([digest(1)]).any()
    assert found.before is not None
    assert found.before.digest == second.digest
    assert first.before is None


def test_a_record_after_an_unknown_one_is_incomplete_for_ever() -> None:
    second = Seen.record([digest(1)], None).after(Seen.unknown())
    third = seen_from_document(Seen.record([digest(2)], None).after(second).to_document())
    assert not third.complete
    assert third.before is not None
    assert not third.before.complete


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"format": 1}, "earlier and complete belong to format 2"),
        ({"complete": ...}, "earlier and complete belong to format 2"),
        ({"format": 3}, "it has format 3, but this version reads the formats 1 and 2"),
        ({"earlier": [{"format": 2}]}, "missing"),
    ],
)
def test_a_damaged_record_of_earlier_models_is_an_error(changes: dict[str, Any], text: str) -> None:
    document = Seen.record([digest(1)], None).after(Seen.record([digest(2)], None)).to_document()
    document = {key: value for key, value in {**document, **changes}.items() if value is not ...}
    with pytest.raises(ValueError, match=text):
        seen_from_document(document)
