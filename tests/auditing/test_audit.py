"""What an audit finds, and what it says of a leak."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image

import zoo
from tests.data.conftest import Draw
from tests.installed_packages import Answer
from zoo.auditing import Audit
from zoo.auditing.audit_page import audit_page
from zoo.auditing.wording import how_worth_was_measured, verdict, worth_of_leak
from zoo.cli.commands.data_audit import MAX_PRINTED
from zoo.config.plain import plain
from zoo.config.train_config import TrainConfig
from zoo.data.split.split_file import EXCLUDED
from zoo.errors import DataError, UnknownNameError, UsageError
from zoo.metrics.predictions import Predictions
from zoo.runs import Run
from zoo.training.train import train_from

pytestmark = pytest.mark.usefixtures("empty_charts")

Command = Callable[..., Answer]
QUICK = {"recipe": "quick", "epochs": 2, "batch_size": 8, "height": 32, "width": 32, "device": "cpu", "augment": ()}


def _titles(found: Audit, harm: str) -> list[str]:
    return [finding.title for finding in found.findings if finding.harm == harm]


def test_a_clean_split_by_patient_has_no_leak(table: Path, published: Path) -> None:
    found = zoo.audit(table, split=published, progress=False)
    assert (found.leaking, found.possibly_leaking, found.leaks) == (0, 0, False)
    assert _titles(found, "leak") == []
    assert found.images == {"train": {"a": 42, "b": 42}, "val": {"a": 12, "b": 12}, "test": {"a": 18, "b": 18}}
    assert found.groups["patient"] == {"train": 14, "val": 4, "test": 6, "all": 24}
    assert found.split == "the table of patients published.csv"


def test_our_own_default_has_no_leak_and_a_split_by_image_leaks_nearly_everywhere(table: Path) -> None:
    assert zoo.audit(table, progress=False).leaking == 0
    found = zoo.audit(table, split="image", progress=False)
    assert found.leaking / found.test_images > 0.9
    finding = found.findings[0]
    assert (finding.harm, finding.title) == ("leak", "patients in the test part and in another part")
    assert finding.examples[0][0].startswith("p")


def test_identical_and_near_identical_images_across_parts_are_found_with_their_labels(
    table: Path, published: Path
) -> None:
    tiles = table.parent / "tiles"
    (tiles / "p20-0.png").write_bytes((tiles / "p00-0.png").read_bytes())
    with Image.open(tiles / "p01-3.png") as image:
        image.transpose(Image.Transpose.ROTATE_90).resize((80, 80)).save(tiles / "p22-1.png")
    found = zoo.audit(table, split=published, progress=False)
    assert found.leaking == 2
    identical, near = (finding for finding in found.findings if finding.harm == "leak")
    assert identical.examples == (("tiles/p20-0.png", "tiles/p00-0.png", "train"),)
    assert near.examples[0][:3] == ("tiles/p22-1.png", "tiles/p01-3.png", "train")
    assert "near-identical images with different labels" in _titles(found, "weakness")
    assert "identical images with different labels" not in _titles(found, "weakness")


def test_each_set_of_identical_images_is_one_example_so_that_those_that_are_not_shown_are_counted(
    table: Path, published: Path, command: Command
) -> None:
    tiles = table.parent / "tiles"
    for number in range(6):
        for patient in (20, 21):
            (tiles / f"p{patient}-{number}.png").write_bytes((tiles / f"p{number:02d}-0.png").read_bytes())
    found = zoo.audit(table, split=published, progress=False)
    identical = next(finding for finding in found.findings if finding.title.startswith("identical images in the test"))
    assert (identical.count, identical.test_images, len(identical.examples)) == (6, 12, 6)
    printed = command("data", "audit", table, "--split", published).out
    assert f"and {6 - MAX_PRINTED} more" in printed


def test_a_test_image_whose_copy_in_training_has_a_near_identical_image_is_an_example(
    table: Path, published: Path
) -> None:
    tiles = table.parent / "tiles"
    (tiles / "p20-0.png").write_bytes((tiles / "p00-0.png").read_bytes())
    with Image.open(tiles / "p00-0.png") as image:
        image.transpose(Image.Transpose.ROTATE_90).save(tiles / "p00-1.png")
    found = zoo.audit(table, split=published, progress=False)
    near = next(finding for finding in found.findings if finding.title.startswith("near-identical images in the test"))
    assert (near.count, near.test_images) == (1, 1)
    assert near.examples[0][:3] == ("tiles/p20-0.png", "tiles/p00-1.png", "train")


def test_classes_with_few_patients_are_a_weakness(table: Path, published: Path) -> None:
    finding = next(
        one for one in zoo.audit(table, split=published, progress=False).findings if "few patients" in one.title
    )
    assert finding.examples == (("a", "7", "2", "3"), ("b", "7", "2", "3"))


@pytest.fixture
def breakhis(tmp_path: Path, draw: Draw) -> Path:
    """Slides of which two differ in their letters only."""
    slides = ["M_MC-14-18842", "M_MC-14-18842D", "M_DC-14-11031", "B_A-14-22549AB", "B_A-14-22549CD", "B_F-14-9133"]
    names = [f"SOB_{slide}-40-{number:03d}.png" for slide in slides for number in range(4)]
    draw(tmp_path / "set", names, size=(40, 40))
    return tmp_path / "set"


@pytest.fixture
def by_slide(tmp_path: Path) -> Path:
    """A split by slide, with a validation part for a test part, that states only one of two parts."""
    path = tmp_path / "slides.csv"
    path.write_text("slide,part\n14-18842D,val\n14-22549CD,val\n15-999Z,val\n*,train\n", encoding="utf-8")
    return path


def test_cases_on_two_sides_are_a_leak_or_a_possible_one_as_the_patient_is_the_case_or_the_folder(
    breakhis: Path, by_slide: Path
) -> None:
    by_case = zoo.audit(breakhis, split=by_slide, progress=False)
    assert (by_case.leaking, by_case.possibly_leaking, by_case.test_images) == (8, 0, 8)
    assert by_case.val_as_test
    by_folder = zoo.audit(breakhis, split=by_slide, options={"patient": "folder"}, progress=False)
    assert (by_folder.leaking, by_folder.possibly_leaking) == (0, 8)
    assert _titles(by_folder, "possible leak") == ["cases in the test part and in another part"]
    assert {row[0] for row in by_folder.findings[0].examples} == {"14-18842", "14-22549"}
    assert by_folder.groups["patient"]["all"] == 6
    assert by_folder.groups["case"]["all"] == 4
    assert "rows of the table that are not in the data" in _titles(by_folder, "weakness")


def test_a_table_of_images_is_matched_by_key_or_by_a_file_name_that_only_one_image_has(table: Path) -> None:
    keys = [row.split(",")[0] for row in table.read_text().splitlines()[1:]]
    rows = [f"C:\\elsewhere\\{key[6:]};{'test' if key > 'tiles/p18' else 'training'}" for key in keys[:-2]]
    (table.parent / "images.csv").write_text("path;split\n" + "\n".join(rows), encoding="utf-8")
    found = zoo.audit(table, split=table.parent / "images.csv", progress=False)
    assert found.images["test"] == {"a": 18, "b": 16}
    assert "images in no part of the split" in _titles(found, "note")


def test_a_table_of_patients_may_call_them_as_a_table_of_images_may(table: Path, published: Path) -> None:
    text = published.read_text().replace("patient", "Patient_ID", 1)
    (table.parent / "ids.csv").write_text(text, encoding="utf-8")
    found = zoo.audit(table, split=table.parent / "ids.csv", progress=False)
    assert found.groups["patient"] == {"train": 14, "val": 4, "test": 6, "all": 24}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("patient,label\np01,a\n", "the table needs a column part or split"),
        ("part\ntrain\n", "one for the image"),
        ("patient,part\np01,tset\n", "'p01' has the unknown part 'tset'"),
        ("patient,part\np01,train\np01,test\n", "'p01' is in two parts: train and test"),
        ("patient,part\nnobody,train\np01,test\n", "no image of the data is in the training part"),
        ("slide,part\nx,train\n", "the table names each slide, which these data do not state"),
    ],
)
def test_a_table_that_states_no_split_is_refused(table: Path, text: str, message: str) -> None:
    (table.parent / "wrong.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(message)):
        zoo.audit(table, split=table.parent / "wrong.csv", progress=False)


def test_an_image_that_rows_of_two_parts_name_in_different_ways_is_refused_and_not_taken_for_one_of_them(
    table: Path,
) -> None:
    keys = [row.split(",")[0] for row in table.read_text().splitlines()[1:]]
    rows = [f"{key},{'test' if number % 2 else 'train'}" for number, key in enumerate(keys)]
    stated, name = table.parent / "stated.csv", Path(keys[0]).name
    stated.write_text("\n".join(["image,part", *rows, f"{name},test"]), encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(f"'{keys[0]}' is in train and '{name}' in test")):
        zoo.audit(table, split=stated, progress=False)
    stated.write_text("\n".join(["image,part", *rows, f"{name},train"]), encoding="utf-8")
    found = zoo.audit(table, split=stated, progress=False)
    assert sum(map(sum, (of_class.values() for of_class in found.images.values()))) == len(keys), "it counts once"


@pytest.fixture
def in_folders(tmp_path: Path, draw: Draw) -> Path:
    """A table of 24 tiles of 6 patients, each with a folder; `a.png` is a tile of the patient p2 only."""
    keys = [f"p{patient}/{number}-{patient}.png" for patient in range(6) for number in range(4)] + ["p2/a.png"]
    draw(tmp_path, keys, size=(40, 40))
    rows = [f"{key},{'ab'[number % 2]},{key[:2]}" for number, key in enumerate(keys)]
    (tmp_path / "tiles.csv").write_text("\n".join(["path,label,patient", *rows]), encoding="utf-8")
    return tmp_path / "tiles.csv"


@pytest.mark.parametrize(
    ("prefix", "row"),
    [("", "p1/a.png"), ("", "p9/a.png"), ("C:\\data\\", "p1\\a.png"), ("data/", "p9/a.png"), ("", "elsewhere/a.png")],
)
def test_a_row_of_another_folder_is_not_taken_for_the_image_of_the_same_file_name(
    in_folders: Path, prefix: str, row: str
) -> None:
    keys = [line.split(",")[0] for line in in_folders.read_text().splitlines()[1:-1]]
    rows = [f"{prefix}{key},{'train' if key < 'p3' else 'test'}" for key in keys]
    split = in_folders.parent / "split.csv"
    split.write_text("\n".join(["path,part", *rows, f"{prefix}{row},test"]), encoding="utf-8")
    found = zoo.audit(in_folders, split=split, progress=False)
    missing = next(finding for finding in found.findings if finding.title.startswith("rows of the table"))
    assert missing.examples == ((prefix + row,),)
    assert not found.leaks, "p2/a.png is in no part"


def test_a_row_of_another_patient_is_not_taken_for_the_image_of_the_same_file_name(in_folders: Path) -> None:
    keys = [line.split(",")[0] for line in in_folders.read_text().splitlines()[1:-1]]
    rows = [f"{Path(key).name},{key[:2].upper()},{'train' if key < 'p3' else 'test'}" for key in keys]
    split = in_folders.parent / "split.csv"
    for patient, leaking in (("p1", 0), ("p2", 1), ("", 1)):
        split.write_text("\n".join(["path,patient,part", *rows, f"a.png,{patient},test"]), encoding="utf-8")
        assert zoo.audit(in_folders, split=split, progress=False).leaking == leaking
    others = [row.replace("P", "anonymous ") for row in rows]
    split.write_text("\n".join(["path,patient,part", *others, "a.png,anonymous 1,test"]), encoding="utf-8")
    assert zoo.audit(in_folders, split=split, progress=False).leaking == 1, "patients have other names there"


@pytest.fixture
def class_folders(tmp_path: Path, draw: Draw) -> Path:
    """A table of 40 images of 20 patients in a folder for each class; no two have the same file name."""
    keys = [f"{'ab'[number // 2 % 2]}/{number}.png" for number in range(40)]
    draw(tmp_path, keys, size=(40, 40))
    rows = [f"{key},{key[0]},{number // 2}" for number, key in enumerate(keys)]
    (tmp_path / "data.csv").write_text("\n".join(["path,label,patient", *rows]), encoding="utf-8")
    return tmp_path / "data.csv"


@pytest.mark.parametrize("alike", [0, 1, 4])
def test_a_few_patients_or_folders_that_are_called_alike_by_chance_discard_no_rows(
    class_folders: Path, alike: int
) -> None:
    split = class_folders.parent / "split.csv"
    patients = [number // 2 if number // 2 < alike else 19 + alike - number // 2 for number in range(40)]
    rows = [f"{number}.png,{patients[number]},{['train', 'test'][number % 2]}" for number in range(40)]
    split.write_text("\n".join(["image,patient,part", *rows]), encoding="utf-8")
    found = zoo.audit(class_folders, split=split, progress=False)
    assert (found.leaking, found.test_images, found.may_leak) == (20, 20, False)
    folders = ["ab"[number // 2 % 2] if number < alike else f"scan {number}" for number in range(40)]
    rows = [f"{folder}/{number}.png,{['train', 'test'][number % 2]}" for number, folder in enumerate(folders)]
    split.write_text("\n".join(["image,part", *rows]), encoding="utf-8")
    found = zoo.audit(class_folders, split=split, progress=False)
    assert (found.leaking, found.test_images, found.may_leak) == (20, 20, False)


def test_rows_that_are_not_matched_as_their_folder_or_patient_is_another_may_hide_a_leak(
    class_folders: Path, command: Command
) -> None:
    split = class_folders.parent / "split.csv"
    parts = [
        "test" if patient % 4 == 0 or (patient % 2 and tile) else "train" for patient in range(20) for tile in (0, 1)
    ]
    folders = ["a" if number // 2 % 2 == 0 else "malignant" for number in range(40)]
    rows = [f"{folder}/{number}.png,{parts[number]}" for number, folder in enumerate(folders)]
    patients = [f"{number // 2}" if number // 2 % 2 == 0 else f"x{number // 2}" for number in range(40)]
    for header, lines in (
        ("image,part", rows),
        ("image,patient,part", [f"{number}.png,{patients[number]},{parts[number]}" for number in range(40)]),
    ):
        split.write_text("\n".join([header, *lines]), encoding="utf-8")
        answer = command("data", "audit", class_folders, "--split", split, "--strict")
        assert answer.status == 1
        assert answer.out.startswith("No link between test images and other parts was found, but 20 rows of the table")
        assert "lack some of the table" not in answer.out, "the data lack nothing"
        document = command("data", "audit", class_folders, "--split", split, "--json").json
        finding = next(one for one in document["findings"] if one["title"].startswith("rows of the table"))
        assert (finding["harm"], finding["count"]) == ("possible leak", 20)


def test_rows_of_folders_that_the_data_lack_do_not_hide_which_folders_are_the_same(tmp_path: Path, draw: Draw) -> None:
    keys = [f"p2/{number}.png" for number in range(4)]
    draw(tmp_path, keys, size=(40, 40))
    rows = [f"{key},{'ab'[number % 2]}" for number, key in enumerate(keys)]
    (tmp_path / "data.csv").write_text("\n".join(["path,label", *rows]), encoding="utf-8")
    parts = [["train", "test"][(patient + number // 2) % 2] for patient in range(6) for number in range(4)]
    rows = [f"all/p{place // 4}/{place % 4}.png,{part}" for place, part in enumerate(parts)]
    (tmp_path / "split.csv").write_text("\n".join(["image,part", *rows]), encoding="utf-8")
    found = zoo.audit(tmp_path / "data.csv", split=tmp_path / "split.csv", progress=False)
    assert found.images == {"train": {"a": 1, "b": 1}, "val": {"a": 0, "b": 0}, "test": {"a": 1, "b": 1}}
    missing = next(
        finding for finding in found.findings if finding.title == "rows of the table that are not in the data"
    )
    assert (missing.harm, missing.count) == ("weakness", 20)


def test_wrong_arguments_are_refused_before_images_are_read(table: Path) -> None:
    with pytest.raises(UsageError, match="trainings must be at least 1"):
        zoo.audit(table, trainings=0, progress=False)
    with pytest.raises(UnknownNameError, match="unknown model"):
        zoo.audit(table, train="resnet2O", progress=False)
    with pytest.raises(UnknownNameError, match="unknown option 'epoch'"):
        zoo.audit(table, train="resnet20", settings={"epoch": 1}, progress=False)
    with (
        patch("zoo.auditing.audit.facts_of_images", side_effect=AssertionError("images were read")),
        pytest.raises(DataError, match=r"nowhere\.csv: cannot be read"),
    ):
        zoo.audit(table, split="nowhere.csv", progress=False)


def test_without_all_patients_no_link_does_not_mean_no_leak(table: Path) -> None:
    rows = [row.rpartition(",")[0] for row in table.read_text(encoding="utf-8").splitlines()]
    parts = ["split", *("train" if number % 2 else "test" for number in range(len(rows) - 1))]
    table.write_text("\n".join(map(",".join, zip(rows, parts, strict=True))), encoding="utf-8")
    found = zoo.audit(table, split="fixed", progress=False)
    assert _titles(found, "possible leak") == ["patients are not known"]
    assert "but patients are not known" in verdict(found)
    some = tuple(replace(one, title="images without a patient", count=1) for one in found.findings)
    assert "but some patients are not known" in verdict(replace(found, findings=some))


def test_what_the_leak_is_worth_is_the_difference_on_the_same_images_with_an_interval(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = []

    def trained(config: TrainConfig, **given: Any) -> Run:
        seeds.append(config.seed)
        return train_from(config, **given)

    monkeypatch.setattr("zoo.auditing.leak_worth.train_from", trained)
    found = zoo.audit(table, split="image", train="resnet20", trainings=2, settings=QUICK, progress=False)
    worth = found.worth
    assert worth is not None
    assert (worth.model, worth.trainings, worth.all_tested) == ("resnet20", 2, False)
    assert seeds == [0, 0, 1, 1]  # both with the same seed, and each time with another
    assert worth.leaking_test_images == worth.test_images
    assert worth.train_images > 30
    for difference in worth.measures.values():
        assert difference.value == pytest.approx(difference.first - difference.second)
        assert difference.interval is not None
        assert difference.interval[0] < difference.value < difference.interval[1]
    assert worth_of_leak(replace(worth, one_class=0)).startswith("The leak is worth ")
    assert "trainings give" not in worth_of_leak(replace(worth, one_class=0))
    assert "But 3 of 4 trainings give all test images the same class" in worth_of_leak(replace(worth, one_class=3))
    told = " ".join(how_worth_was_measured(worth))
    assert f"test images of {worth.test_units} patients" in told
    assert "linked with a training image, by patient or as a copy." in told
    assert "The interval covers other patients (" in told
    told = " ".join(how_worth_was_measured(replace(worth, test_unit="image")))
    assert "test images of unknown patients" in told
    assert "linked with a training image. Without" in told
    assert "The interval covers other images (" in told


def test_unreadable_images_are_refused_before_the_trainings_and_tolerated_if_asked_for(
    table: Path, command: Command
) -> None:
    for name in ("p03-0.png", "p12-4.png"):
        (table.parent / "tiles" / name).write_bytes(b"damaged")
    options = ["--split", "image", "--recipe", "quick", "--epochs", 1, "--batch-size", 8, "--height", 32, "--width", 32]
    audit = ["data", "audit", table, "--train", "resnet20", "--trainings", 1, *options, "--device", "cpu"]
    with patch("zoo.auditing.leak_worth.train_from", side_effect=AssertionError("a training was started")):
        answer = command(*audit)
    assert answer.status == 1
    assert "2 of 144 images cannot be read, more than 1%" in answer.err
    assert "allow more with --tolerate" in answer.err
    answer = command(*audit, "--tolerate", 0.02)
    assert (answer.status, answer.out.startswith("The split leaks")) == (0, True)
    assert "leak is worth" in answer.out
    assert command("data", "audit", table).status == 0, "without a training, unreadable images are a finding"


def test_trainings_that_name_one_class_are_counted_beside_what_the_leak_is_worth(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def constant(samples: Predictions) -> np.ndarray:
        return np.zeros_like(samples.labels)

    monkeypatch.setattr(Predictions, "predictions", property(constant))
    found = zoo.audit(table, split="image", train="resnet20", trainings=1, settings=QUICK, progress=False)
    assert found.worth is not None
    assert found.worth.one_class == 2
    assert "2 of 2 trainings" in worth_of_leak(found.worth)


def test_without_a_leak_nothing_is_trained_which_is_said(table: Path, published: Path, command: Command) -> None:
    found = zoo.audit(table, split=published, train="resnet20", settings=QUICK, progress=False)
    assert found.worth is None
    assert "nothing to compare" in found.not_measured
    printed = command("data", "audit", table, "--split", published, "--train", "resnet20").out
    assert f"What a leak is worth was not measured: {found.not_measured}." in printed
    assert "not measured" not in command("data", "audit", table, "--split", published).out


def test_the_clean_split_can_be_trained_on_and_has_no_leak(table: Path, published: Path) -> None:
    tiles = table.parent / "tiles"
    (tiles / "p20-0.png").write_bytes((tiles / "p00-0.png").read_bytes())
    clean = table.parent / "clean.csv"
    assert zoo.audit(table, split=published, clean=clean, progress=False).leaks
    rows = [row.split(",") for row in clean.read_text(encoding="utf-8").splitlines()[1:]]
    assert {row[0] for row in rows if row[3] == EXCLUDED} == {f"tiles/p00-{tile}.png" for tile in range(6)}
    assert not zoo.audit(table, split=clean, progress=False).leaks
    assert (
        zoo.train("resnet20", data="csv", root=table, split_file=clean, progress=False, **QUICK).record.split.leak
        is None
    )


def test_a_run_is_audited_with_its_data_and_its_split(table: Path) -> None:
    run = zoo.train("resnet20", data="csv", root=table, split="image", progress=False, **QUICK)
    found = zoo.audit(run.path, progress=False)
    assert found.split == f"the split of the run {run.path.name}, by image, seed 0"
    assert found.leaks


@pytest.mark.parametrize("column", ["slide", "Slide", "slide_id", "Case ID", "SPECIMEN"])
def test_slides_are_compared_however_their_column_is_written(
    tmp_path: Path, draw: Draw, command: Command, column: str
) -> None:
    names = [f"{number:02d}.png" for number in range(40)]
    draw(tmp_path / "tiles", names, size=(40, 40))
    rows = [f"tiles/{name},{'ab'[number % 2]},s{number // 4}" for number, name in enumerate(names)]
    (tmp_path / "table.csv").write_text("\n".join([f"path,label,{column}", *rows]))
    found = zoo.audit(tmp_path / "table.csv", progress=False)
    assert found.leaking + found.possibly_leaking > 0.8 * found.test_images
    assert command("data", "audit", tmp_path / "table.csv", "--strict").status == 1


def _with_slides(table: Path, slide_of: Callable[[int, int], str]) -> Path:
    """Write the table with a column slide, computed from the numbers of the patient and of the tile."""
    header, *rows = table.read_text(encoding="utf-8").splitlines()
    slides = [slide_of(number // 6, number % 6) for number in range(len(rows))]
    lines = [f"{header},slide", *(f"{row},{slide}" for row, slide in zip(rows, slides, strict=True))]
    table.write_text("\n".join(lines), encoding="utf-8")
    return table


def test_slides_that_are_numbered_within_each_patient_link_no_patients(
    table: Path, published: Path, command: Command
) -> None:
    _with_slides(table, lambda patient, tile: str(1 + tile // (2 if patient % 3 else 3)))
    found = zoo.audit(table, split=published, progress=False)
    assert (found.leaking, found.possibly_leaking, found.may_leak) == (0, 0, False)
    assert found.groups["slide"]["all"] == 8 * 2 + 16 * 3
    assert "24 of 24 patients have a slide '1'" in command("data", "audit", table, "--split", published).out
    leaky = zoo.audit(table, split="image", progress=False)
    assert {"patients in the test part and in another part", "slides in the test part and in another part"} <= {
        *_titles(leaky, "leak")
    }
    assert _titles(leaky, "possible leak") == []


def test_slides_that_few_patients_share_may_be_of_one_person(table: Path, published: Path) -> None:
    _with_slides(table, lambda patient, tile: f"{patient % 20}")  # 4 patients of the test part are called like others
    found = zoo.audit(table, split=published, progress=False)
    assert found.possibly_leaking > 0
    assert "slides that seem" not in " ".join(_titles(found, "note"))


@pytest.mark.parametrize("nothing", ["unknown", "NA", "-", "0", "n/a", ""])
def test_what_stands_for_an_unknown_slide_hides_no_slide_that_two_patients_share(
    table: Path, published: Path, nothing: str
) -> None:
    shared = {12, 20}  # a patient of the training part and one of the test part
    _with_slides(table, lambda patient, tile: "S99" if patient in shared else nothing if patient % 2 else f"S{patient}")
    found = zoo.audit(table, split=published, progress=False)
    slides = next(finding for finding in found.findings if finding.title.startswith("slides in the test part"))
    assert (slides.harm, ("S99", "6", "0", "6") in slides.examples) == ("possible leak", True)
    assert nothing == "0" or slides.count == 1, "nothing is known of the others"


@pytest.mark.parametrize("column", ["case", "patient", "Patient_ID"])
def test_a_case_or_patient_of_half_of_the_groups_is_no_number_within_each(
    table: Path, published: Path, column: str
) -> None:
    _with_slides(table, lambda patient, tile: "C1" if patient % 2 else f"C{patient}")
    for path, old, new in ((table, "slide", column), (published, "patient", "group")):
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    found = zoo.audit(table, split=published, progress=False)
    assert found.possibly_leaking == 18


def test_one_slide_1_for_each_patient_is_said_though_it_divides_the_images_as_the_patients_do(
    table: Path, published: Path
) -> None:
    _with_slides(table, lambda patient, tile: "1")
    found = zoo.audit(table, split=published, progress=False)
    assert not found.may_leak
    note = next(finding for finding in found.findings if finding.title.startswith("slides that seem"))
    assert note.explanation.startswith("24 of 24 patients have a slide '1'.")


@pytest.mark.parametrize("name", ["14-9461", "S99", "7", "A"])
def test_a_slide_that_two_patients_share_links_them_although_others_are_numbered_within_each(
    table: Path, published: Path, name: str
) -> None:
    def slide(patient: int, tile: int) -> str:
        return name if tile == 5 and patient in (0, 20) else f"{1 + tile // 2}" if patient % 3 else f"{1 + tile // 3}"

    found = zoo.audit(_with_slides(table, slide), split=published, progress=False)
    assert found.possibly_leaking == 1
    note = next(finding for finding in found.findings if finding.title.startswith("slides that seem"))
    assert note.examples[:2] == (("1", "24"), ("2", "24"))


def test_numbers_of_few_patients_that_follow_on_numbers_of_most_link_no_patients(table: Path, published: Path) -> None:
    _with_slides(table, lambda patient, tile: f"Slide {1 + tile}" if patient in (0, 20) else f"Slide {1 + tile // 3}")
    assert not zoo.audit(table, split=published, progress=False).may_leak


def test_unknown_patients_may_leak_and_end_strict_with_1(tmp_path: Path, draw: Draw, command: Command) -> None:
    draw(tmp_path / "tiles", [f"{label}/{number}.png" for label in "ab" for number in range(20)], size=(40, 40))
    found = zoo.audit(tmp_path / "tiles", progress=False)
    assert (found.leaks, found.possibly_leaking, found.may_leak) == (False, 0, True)
    assert command("data", "audit", tmp_path / "tiles", "--strict").status == 1
    assert '"answer unsure"' in audit_page(found)


def test_the_command_prints_writes_json_and_ends_with_1_if_strict(
    table: Path, published: Path, command: Command
) -> None:
    answer = command("data", "audit", table, "--split", "image")
    assert answer.status == 0
    assert answer.out.startswith("The split leaks: ")
    assert "leak: patients in the test part and in another part" in answer.out
    assert command("data", "audit", table, "--split", "image", "--strict").status == 1
    assert command("data", "audit", table, "--split", published, "--strict").status == 0
    document = command("data", "audit", table, "--split", "image", "--json").json
    assert document["findings"][0]["harm"] == "leak"
    assert document == plain(zoo.audit(table, split="image", progress=False))


def test_options_of_a_training_without_a_model_are_refused(table: Path, command: Command) -> None:
    answer = command("data", "audit", table, "--epochs", 3)
    assert answer.status == 2
    assert "--epochs is only for --train MODEL" in answer.err


class _Page(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action", "srcset")]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    "evil", ["<script>alert(1)</script>", "'\"><img src=x onerror=alert(1)>", "</style><b>", "&lt;"]
)
def test_the_page_asks_for_nothing_and_escapes_every_name(tmp_path: Path, draw: Draw, evil: str) -> None:
    folder = tmp_path / "tiles"
    paths = draw(folder, [f"{number}.png" for number in range(12)], size=(40, 40))
    name = evil.replace("/", "|")
    rows = ["path,label,group,case,split"]
    for number, path in enumerate(paths):
        target = folder / f"{name}{number}.png"
        path.rename(target)
        quoted = '"tiles/' + target.name.replace('"', '""') + '"'
        label = '"' + f"{'ab'[number % 2]}{evil}".replace('"', '""') + '"'
        group = '"' + f"{evil}{number % 4}".replace('"', '""') + '"'
        rows.append(f"{quoted},{label},{group},{group},{'train' if number < 6 else 'test'}")
    (tmp_path / "t.csv").write_text("\n".join(rows), encoding="utf-8")
    found = zoo.audit(tmp_path / "t.csv", progress=False)
    assert found.leaks
    page = _Page()
    html = audit_page(found)
    page.feed(html)
    assert page.links == []
    assert not {"script", "img", "b", "link", "iframe"} - {"b"} & page.tags
    assert html.count("<b>") == 1  # "Cite as"
    assert "url(" not in html
    assert "@import" not in html
    assert f"{evil}0" in page.text


def test_the_page_has_what_a_citation_needs(table: Path, command: Command, tmp_path: Path) -> None:
    assert command("data", "audit", table, "--split", "image", "--html", tmp_path / "audit.html").status == 0
    html = (tmp_path / "audit.html").read_text(encoding="utf-8")
    for text in (
        "Audit of table",
        "Cite as",
        f"histozoo {zoo.__version__}",
        "by image of histozoo, seed 0",
        "prefers-color",
    ):
        assert text in html
    answer = command("data", "audit", table, "--html", tmp_path / "audit.html")
    assert answer.status == 1
    assert "choose another file with --html" in answer.err
