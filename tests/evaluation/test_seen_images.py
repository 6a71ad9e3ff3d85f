"""What a model was trained or validated on is never measured as if it were new."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np
import pytest
from PIL import Image

from tests.listening import Listener
from zoo import audit, create_model, evaluate, from_pretrained, train
from zoo.bundle.bundle_files import CONFIG, SEEN
from zoo.bundle.seen import Seen
from zoo.config.plain import plain
from zoo.data.pixels.prepare import prepare
from zoo.data.source_lookup import read_manifest
from zoo.errors import DataError, FreshHeadWarning, UsageError
from zoo.evaluation import Evaluation
from zoo.evaluation.selection import unseen_images
from zoo.metrics.metrics_file import SeenImages
from zoo.progress import Silent
from zoo.registry import registry
from zoo.runs import Run
from zoo.spec import Preprocessing

pytestmark = pytest.mark.usefixtures("empty_charts")

Row = dict[str, str]
Table = Callable[..., Path]
PATIENTS, IMAGES = 20, 3


def draw(path: Path, *, dark: bool, seed: int) -> None:
    pixels = np.random.default_rng(seed).normal(90 if dark else 180, 40, (40, 48, 3)).clip(0, 255).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def write_table(path: Path, rows: list[Row]) -> Path:
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path


def patient_images(root: Path, patients: range, *, folder: str, first_seed: int) -> list[Row]:
    """Draw some images of each patient; patients have even numbers if their images are dark."""
    rows = []
    for patient in patients:
        for number in range(IMAGES):
            name = f"{folder}/{patient}-{number}.png"
            draw(root / name, dark=patient % 2 == 0, seed=first_seed + patient * IMAGES + number)
            rows.append({"path": name, "label": "dark" if patient % 2 == 0 else "bright", "group": str(patient)})
    return rows


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of 20 patients with 3 images each, numbered from 1."""
    root = tmp_path_factory.mktemp("hospital")
    return write_table(root / "cases.csv", patient_images(root, range(1, PATIENTS + 1), folder="images", first_seed=0))


@pytest.fixture(scope="module")
def model(hospital: Path, quick: dict[str, Any], cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run with 12 patients in training, 2 in validation and 6 in the test part."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(cache))
        out = tmp_path_factory.mktemp("runs") / "run"
        return train("resnet20", out=out, **{**quick, "data": "csv", "root": hospital, "epochs": 1})


def rows_of(table: Path) -> list[Row]:
    with table.open(newline="") as file:
        return list(csv.DictReader(file))


def in_part(run: Run, *parts: str) -> set[str]:
    """The keys of the images in some parts of a run's split."""
    return {row["key"] for row in rows_of(run.path / "split.csv") if row["part"] in parts}


def names(evaluation: Evaluation) -> set[str]:
    return {sample.path.name for sample in evaluation.samples}


def seen(evaluation: Evaluation) -> SeenImages:
    assert evaluation.metrics.seen is not None
    return evaluation.metrics.seen


def copied(table: Path, to: Path) -> Path:
    return Path(shutil.copytree(table.parent, to)) / table.name


def changed(table: Path, run: Run, to: Path) -> Path:
    """A copy of a table without one test image, so that it is not the data of the training."""
    rows, first = rows_of(table), min(in_part(run, "test"))
    return write_table(copied(table, to), [row for row in rows if row["path"] != first])


def test_one_added_image_does_not_make_training_images_count_as_new(
    model: Run, hospital: Path, tmp_path: Path, listener: Listener
) -> None:
    table = copied(hospital, tmp_path / "grown")
    draw(table.parent / "new.png", dark=True, seed=999)
    write_table(table, [*rows_of(table), {"path": "new.png", "label": "dark", "group": "21"}])
    found = evaluate(model, root=table, progress=listener)
    held_out = {Path(key).name for key in in_part(model, "test")}
    assert names(found) == held_out | {"new.png"}
    learned = len(in_part(model, "train", "val"))
    assert seen(found) == SeenImages(known=True, images=learned, identical=learned, patients=14, compared="by name")
    assert any(f"{learned} images are left out" in line for line in listener.heard)


def test_the_hash_of_the_measured_images_is_of_those_that_were_not_left_out(
    model: Run, hospital: Path, tmp_path: Path
) -> None:
    table = changed(hospital, model, tmp_path / "less")
    untrained = create_model("resnet20", classes=("bright", "dark")).save(tmp_path / "untrained")
    everything = evaluate(untrained, data="csv", root=table).metrics.split.images_hash
    assert everything is not None
    assert evaluate(model, root=table, include_seen=True).metrics.split.images_hash == everything
    unseen = evaluate(model, root=table)
    assert unseen.metrics.split.images_hash != everything
    kept = [row for row in rows_of(table) if Path(row["path"]).name in names(unseen)]
    write_table(table, kept)
    again = evaluate(untrained, data="csv", root=table).metrics.split.images_hash
    assert again == unseen.metrics.split.images_hash


def test_a_split_of_the_data_that_was_changed_after_the_training_does_not_make_training_images_count_as_new(
    hospital: Path, quick: dict[str, Any], tmp_path: Path
) -> None:
    table = copied(hospital, tmp_path / "stated")
    rows = rows_of(table)

    def state(tested: range) -> None:
        of_test = set(map(str, tested))
        write_table(table, [{**row, "split": "test" if row["group"] in of_test else "train"} for row in rows])

    state(range(1, 5))
    run = train("resnet20", **{**quick, "data": "csv", "root": table, "split": "fixed", "select": "last", "epochs": 1})
    tested = names(evaluate(run.bundle, root=table))
    state(range(9, PATIENTS + 1))
    found = evaluate(run.bundle, root=table)
    assert names(found) == tested
    assert (seen(found).images, seen(found).measured) == (16 * IMAGES, False)
    assert found.metrics.split.part == "all"
    with pytest.raises(UsageError, match=r"there is no train part: .* split in another way"):
        evaluate(run.bundle, root=table, part="train")
    assert names(evaluate(run, root=table)) == tested
    write_table(table, rows)
    assert names(evaluate(run.bundle, root=table)) == tested


def test_other_images_of_seen_patients_are_left_out(model: Run, tmp_path: Path) -> None:
    """Such as another magnification of the same slides: no file is the same, but the patients are."""
    rows = patient_images(tmp_path, range(1, PATIENTS + 1), folder="100x", first_seed=5000)
    found = evaluate(model, root=write_table(tmp_path / "magnified.csv", rows))
    held_out = {row["group"] for row in rows_of(model.path / "split.csv") if row["part"] == "test"}
    assert {sample.group for sample in found.samples} == held_out
    assert (seen(found).identical, seen(found).patients, seen(found).images) == (0, 14, 14 * IMAGES)


@pytest.mark.parametrize("patients_known", [True, False])
def test_copies_under_other_names_and_paths_are_recognized(
    model: Run, hospital: Path, tmp_path: Path, patients_known: bool
) -> None:
    rows = []
    for number, row in enumerate(rows_of(hospital)):
        shutil.copy(hospital.parent / row["path"], tmp_path / f"copy{number:02d}.png")
        rows.append({"path": f"copy{number:02d}.png", "label": row["label"]})
        if patients_known:
            rows[-1]["group"] = f"renamed {row['group']}"
    found = evaluate(model, root=write_table(tmp_path / "copies.csv", rows))
    assert found.metrics.measures.samples == len(in_part(model, "test"))
    assert seen(found).identical == seen(found).images == len(in_part(model, "train", "val"))
    assert seen(found).compared == ("by name" if patients_known else "not known")


def test_copies_in_another_format_are_recognized_by_their_pixels(model: Run, hospital: Path, tmp_path: Path) -> None:
    rows = []
    for number, row in enumerate(rows_of(hospital)):
        with Image.open(hospital.parent / row["path"]) as image:
            image.save(tmp_path / f"{number}.tiff")
        rows.append({"path": f"{number}.tiff", "label": row["label"]})
    found = evaluate(model, root=write_table(tmp_path / "tiff.csv", rows))
    assert found.metrics.measures.samples == len(in_part(model, "test"))


def test_copies_in_a_folder_of_classes_are_recognized(model: Run, hospital: Path, tmp_path: Path) -> None:
    for row in rows_of(hospital):
        (tmp_path / row["label"]).mkdir(exist_ok=True)
        shutil.copy(hospital.parent / row["path"], tmp_path / row["label"])
    found = evaluate(model.bundle, data="folder", root=tmp_path)
    assert found.metrics.measures.samples == len(in_part(model, "test"))


def test_if_every_image_was_seen_there_is_an_error_that_says_what_can_be_done(
    model: Run, hospital: Path, tmp_path: Path
) -> None:
    learned = [row for row in rows_of(hospital) if row["path"] in in_part(model, "train", "val")]
    table = write_table(hospital.parent / "learned.csv", learned)
    with pytest.raises(DataError, match="no image is left to evaluate") as caught:
        evaluate(model, root=table)
    assert "--include-seen" in str(caught.value)


def test_seen_images_can_be_measured_and_the_number_is_marked_as_leaked(
    model: Run, hospital: Path, tmp_path: Path
) -> None:
    table = changed(hospital, model, tmp_path / "all")
    found = evaluate(model, root=table, include_seen=True)
    assert found.metrics.measures.samples == PATIENTS * IMAGES - 1
    assert seen(found).leaked
    found.write(tmp_path / "report")
    document = json.loads((tmp_path / "report" / "metrics.json").read_text())
    assert document["seen"]["measured"] is True
    assert document["seen"]["images"] == len(in_part(model, "train", "val"))


def test_the_test_part_of_the_own_data_has_seen_nothing_of_the_training(model: Run) -> None:
    assert seen(evaluate(model)) == SeenImages(known=True, patients=0, compared="by name", measured=True)
    assert not seen(evaluate(model)).leaked


@pytest.mark.parametrize("part", ["train", "val"])
def test_the_training_and_validation_parts_are_marked_as_leaked(model: Run, part: Any) -> None:
    found = evaluate(model, part=part)
    assert seen(found).leaked
    assert seen(found).images == found.metrics.measures.samples


def test_a_split_by_image_of_known_patients_is_marked_as_leaked(hospital: Path, quick: dict[str, Any]) -> None:
    run = train("resnet20", split="image", **{**quick, "data": "csv", "root": hospital, "epochs": 1})
    assert run.metrics.seen is not None
    assert run.metrics.seen.leaked
    assert run.metrics.seen.identical == 0
    assert run.metrics.seen.patients


def test_patients_of_the_same_names_in_another_table_count_as_seen_unless_the_user_knows_better(
    model: Run, tmp_path: Path
) -> None:
    """Two hospitals may both number their patients from 1."""
    rows = patient_images(tmp_path, range(1, 5), folder="elsewhere", first_seed=9000)
    trained_on = {row["group"] for row in rows_of(model.path / "split.csv") if row["part"] == "train"}
    for row in rows:
        row["group"] = min(trained_on)
    table = write_table(tmp_path / "other-hospital.csv", rows)
    with pytest.raises(DataError, match="patients of the same name: 1") as caught:
        evaluate(model, root=table)
    assert "--other-patients" in str(caught.value)
    found = evaluate(model, root=table, other_patients=True)
    assert seen(found) == SeenImages(known=True, compared="other people")
    assert found.metrics.measures.samples == len(rows)


def test_identical_images_are_left_out_even_if_the_patients_are_other_people(
    model: Run, hospital: Path, tmp_path: Path
) -> None:
    table = changed(hospital, model, tmp_path / "most")
    found = evaluate(model, root=table, other_patients=True)
    assert seen(found).identical == len(in_part(model, "train", "val"))


def test_patients_of_two_published_data_sets_are_not_taken_for_each_other() -> None:
    from zoo.evaluation.selection import compared_with

    assert compared_with("breakhis", "breakhis") == "by name"
    assert compared_with("breakhis", "idc") == "another data set"
    assert compared_with("breakhis", "csv") == "by name"
    assert compared_with("folder", "idc") == "by name"
    assert compared_with("of a plugin that is not installed", "idc") == "by name"


def test_a_bundle_without_a_record_says_that_it_is_not_known_what_it_was_trained_on(
    model: Run, hospital: Path, tmp_path: Path, listener: Listener
) -> None:
    bundle = shutil.copytree(model.bundle, tmp_path / "bundle")
    (bundle / SEEN).unlink()
    table = changed(hospital, model, tmp_path / "nearly")
    found = evaluate(bundle, data="csv", root=table, progress=listener)
    assert seen(found) == SeenImages(known=False)
    assert any("it is not known what this model was trained on" in line for line in listener.heard)


def test_a_model_that_was_never_trained_has_seen_nothing(tiles: Path, tmp_path: Path) -> None:
    bundle = create_model("resnet20", classes=["bright", "dark"]).save(tmp_path / "bundle")
    assert evaluate(bundle, data="folder", root=tiles).metrics.seen is None


def test_what_a_model_had_seen_before_its_head_was_replaced_is_left_out(
    model: Run, hospital: Path, tmp_path: Path, listener: Listener
) -> None:
    with pytest.warns(FreshHeadWarning):
        saved = from_pretrained(model, num_classes=3).save(tmp_path / "three")
    found = evaluate(saved, data="csv", root=hospital, class_map={"bright": "0", "dark": "1"}, progress=listener)
    assert names(found) == {Path(key).name for key in in_part(model, "test")}
    assert (seen(found).known, seen(found).images) == (True, len(in_part(model, "train", "val")))
    assert any(line.startswith("the head was replaced since the training; 42 images are") for line in listener.heard)


def test_a_copy_of_a_model_keeps_the_record(model: Run, hospital: Path, tmp_path: Path) -> None:
    copy = from_pretrained(model.bundle).save(tmp_path / "copy")
    table = changed(hospital, model, tmp_path / "some")
    assert seen(evaluate(copy, data="csv", root=table)).images == len(in_part(model, "train", "val"))


def test_another_magnification_is_measured_on_the_patients_of_the_test_part(
    tmp_path: Path, quick: dict[str, Any]
) -> None:
    """A model of BreakHis at 40X, measured at 100X, is measured on new patients."""
    for patient in range(1, 41):
        kind = "B_A" if patient % 2 else "M_DC"
        for magnification in (40, 100):
            name = f"SOB_{kind}-14-{patient}-{magnification}-001.png"
            draw(tmp_path / "set" / name, dark=kind == "B_A", seed=patient * 1000 + magnification)
    settings = {**quick, "data": "breakhis", "root": tmp_path / "set", "epochs": 1, "options": {"magnification": "40"}}
    run = train("resnet20", **settings)
    found = evaluate(run, root=tmp_path / "set", options={"magnification": "100"})
    assert {sample.facts["magnification"] for sample in found.samples} == {"100"}
    assert seen(found).identical == 0
    assert {sample.group for sample in found.samples} == {
        row["group"] for row in rows_of(run.path / "split.csv") if row["part"] == "test"
    }
    other_names = {"magnification": "100", "patient": "folder"}
    with pytest.raises(UsageError, match="trained with patient=case: with patient=folder, patients have other names"):
        evaluate(run, root=tmp_path / "set", options=other_names)
    with pytest.raises(UsageError, match="trained with patient=case"):
        train("resnet20", init=run.path, **{**settings, "options": other_names})
    people = evaluate(run, root=tmp_path / "set", options=other_names, other_patients=True)
    assert seen(people) == SeenImages(known=True, compared="other people")


def test_a_patient_is_recognized_however_the_name_is_written(tmp_path: Path, quick: dict[str, Any]) -> None:
    """In the split and in its leaks, as in the record of what a model has seen."""
    rows = patient_images(tmp_path, range(24), folder="tiles", first_seed=0)
    for number, row in enumerate(rows):
        name = f"Müller {row['group']}"
        row["group"] = (name, name.upper(), normalize("NFD", name))[number % 3]
    table, listener = write_table(tmp_path / "all.csv", rows), Listener()
    run = train("resnet20", progress=listener, **{**quick, "data": "csv", "root": table, "epochs": 1})
    assert run.record.split.patients is not None
    assert sum(plain(run.record.split.patients).values()) == 24
    assert "patients whose name is written in several ways are taken for one: 'Müller 0' = 'MÜLLER 0'" in "\n".join(
        listener.heard
    )
    keys = {row["key"] for row in rows_of(run.path / "split.csv") if row["part"] == "test"}
    own = write_table(tmp_path / "test.csv", [row for row in rows if row["path"] in keys])
    assert seen(evaluate(run, root=own)).images == 0
    by_image = write_table(
        tmp_path / "split.csv",
        [{"path": row["path"], "split": "train" if number % 3 else "test"} for number, row in enumerate(rows)],
    )
    found = audit(table, split=by_image, progress=False)
    assert found.leaking == found.test_images == 24
    assert "patients whose name is written in several ways" in {finding.title for finding in found.findings}
    by_patient = write_table(
        tmp_path / "patients.csv",
        [
            {"patient": row["group"].upper(), "part": "test" if row["group"][-1] in "13579" else "train"}
            for row in rows[::3]
        ],
    )
    assert not audit(table, split=by_patient, progress=False).leaks


def test_no_file_of_a_bundle_contains_the_name_of_a_patient_or_of_an_image(
    tmp_path: Path, quick: dict[str, Any]
) -> None:
    rows = patient_images(tmp_path, range(1, 21), folder="ward-seven", first_seed=0)
    for row in rows:
        row["group"] = f"Miller-{row['group']}"
    run = train("resnet20", **{**quick, "data": "csv", "root": write_table(tmp_path / "t.csv", rows), "epochs": 1})
    for file in run.bundle.iterdir():
        assert b"Miller" not in file.read_bytes(), file.name
        assert b"ward-seven" not in file.read_bytes(), file.name
    assert json.loads((run.bundle / CONFIG).read_text())["seen"]["file"] == SEEN


def test_images_that_only_the_initial_model_has_seen_are_left_out_of_other_data(
    model: Run, hospital: Path, quick: dict[str, Any], tmp_path: Path
) -> None:
    second = train("resnet20", init=model.path, out=tmp_path / "second", **{**quick, "epochs": 1})
    found = evaluate(second, data="csv", root=hospital)
    assert names(found) == {Path(key).name for key in in_part(model, "test")}
    learned = len(in_part(model, "train", "val"))
    assert seen(found) == SeenImages(known=True, images=learned, identical=learned, patients=14, compared="by name")


def test_an_image_is_recognized_by_its_file_or_by_its_pixels(tiles: Path) -> None:
    """Another version of a decoder may give a JPEG file other pixels, and another format has the same."""
    manifest = read_manifest(registry().source("folder"), root=tiles)
    prepared = prepare(manifest, Preprocessing(height=8, width=8), Silent())
    for digests in (prepared.file_digests, prepared.contents):
        record = Seen.record([digest for digest in digests[:5] if digest is not None], None)
        found = unseen_images(prepared, record, trained_on="folder", other_patients=False, include_seen=False)
        assert found.seen is not None
        assert found.seen.identical == 5
        assert found.indices == tuple(range(5, len(manifest.samples)))
