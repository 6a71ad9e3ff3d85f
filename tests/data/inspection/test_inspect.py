from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.data.conftest import Draw
from tests.installed_packages import Answer
from zoo.data import Manifest, Sample
from zoo.data.inspection import Findings, inspect
from zoo.data.inspection.small_parts import small_parts
from zoo.data.optical_density import DYES
from zoo.data.source_lookup import read_manifest
from zoo.progress import Silent
from zoo.registry import registry

Command = Callable[..., Answer]

FRACTIONS = (0.6, 0.1, 0.3)


@pytest.fixture
def troubled(tmp_path: Path, draw: Draw) -> Path:
    """Twelve patients with names of BreakHis, and everything wrong that inspect can find."""
    root = tmp_path / "set"
    for patient in range(12):
        letter, kind = ("B", "A") if patient % 2 else ("M", "DC")
        draw(
            root,
            [f"SOB_{letter}_{kind}-14-{100 + patient}-40-{n:03d}.png" for n in range(4)],
            size=(60, 40),
        )
    first = root / "SOB_M_DC-14-100-40-000.png"
    shutil.copy(first, root / "SOB_M_DC-14-100-40-001.png")  # identical, same patient
    shutil.copy(first, root / "SOB_M_DC-14-102-40-001.png")  # identical, another patient
    with Image.open(first) as image:
        image.save(root / "SOB_B_A-14-101-40-001.png", compress_level=0)  # same picture, other bytes, other class
    Image.new("L", (60, 5)).save(root / "SOB_B_A-14-103-40-001.png")
    (root / "SOB_B_A-14-105-40-001.png").write_bytes(b"")
    frames = [Image.new("RGB", (60, 40), color) for color in ("red", "blue")]
    frames[0].save(root / "SOB_B_A-14-107-40-001.png", save_all=True, append_images=frames[1:])
    draw(root, ["SOB_M_LC-14-100-200-000.png", "SOB_B_A-14-110-100-000.png"], size=(60, 40))
    return root


def _found(root: Path, source: str = "breakhis") -> Findings:
    return inspect(read_manifest(registry().source(source), root=root), fractions=FRACTIONS, progress=Silent())


def test_inspect_finds_counts_damaged_tiny_and_identical_images(troubled: Path) -> None:
    found = _found(troubled)
    assert (found.source, found.images, found.patients) == ("breakhis", 50, 12)
    assert found.by_class == {"benign": 25, "malignant": 25}
    assert found.patients_by_class == {"benign": 7, "malignant": 6}
    assert found.patients_with_several_classes == ("14-110",)
    assert found.by_fact["magnification"] == {"40": 48, "200": 1, "100": 1}
    assert found.by_fact["subtype"] == {"adenosis": 25, "ductal_carcinoma": 24, "lobular_carcinoma": 1}
    assert found.sizes == {"60x40": 48, "60x5": 1}
    assert found.formats == {"PNG RGB": 48, "PNG L": 1}
    assert found.unreadable == {"SOB_B_A-14-105-40-001.png": "is not an image of a known format"}
    assert found.tiny == ("SOB_B_A-14-103-40-001.png",)
    assert found.several_frames == ("SOB_B_A-14-107-40-001.png",)
    same = ("SOB_M_DC-14-100-40-000.png", "SOB_M_DC-14-100-40-001.png", "SOB_M_DC-14-102-40-001.png")
    assert found.identical_files == (same,)
    every = ("SOB_B_A-14-101-40-001.png", *same)
    assert found.identical_across_classes == (every,)
    assert found.identical_across_patients == (every,)


def test_inspect_previews_splits_by_patient_and_by_image_with_their_leak(troubled: Path) -> None:
    by_patient, by_image = _found(troubled).splits
    assert (by_patient.unit, by_image.unit) == ("patient", "image")
    assert sum(sum(classes.values()) for classes in by_patient.images.values()) == 50
    assert by_patient.patients is not None
    assert sum(by_patient.patients.values()) == 12
    assert by_patient.leak is None
    assert by_image.leak is not None
    assert by_image.leak.share > 0.8


def test_inspect_shows_the_data_own_split_first(tmp_path: Path, draw: Draw, command: Command) -> None:
    draw(tmp_path / "set", [f"{part}/{label}/{part}.png" for part in ("train", "test") for label in "ab"])
    (fixed, by_image) = _found(tmp_path / "set", "folder").splits
    assert fixed.unit == "fixed"
    assert fixed.images == {"train": {"a": 1, "b": 1}, "val": {"a": 0, "b": 0}, "test": {"a": 1, "b": 1}}
    assert by_image.error is not None
    answer = command("data", "inspect", tmp_path / "set")
    assert "given by the data" in answer.out
    assert "a split by image is not possible" in answer.out


def test_inspect_measures_stain_as_optical_density_with_its_spread(tmp_path: Path) -> None:
    """An optical density is -log10(I/I0). Each patient has one stain strength: all spread is between patients."""
    samples = []
    for number in range(12):
        amounts = np.array([0.4 + 0.1 * (number // 4), 0.5, 0])
        color = 10 ** (-amounts @ DYES) * 255
        path = tmp_path / f"{number}.png"
        Image.fromarray(np.broadcast_to(color, (40, 40, 3)).round().astype(np.uint8)).save(path)
        samples.append(Sample(path=path, key=path.name, label="ab"[number % 2], group=f"p{number // 4}"))
    found = inspect(
        Manifest(source="made", name="made", classes=("a", "b"), samples=tuple(samples)),
        fractions=FRACTIONS,
        progress=Silent(),
    ).stain
    assert found["hematoxylin"] == pytest.approx(
        {"mean": 0.5, "between_images": 0.0816, "between_patients": 0.0816}, abs=0.01
    )
    assert found["eosin"] == pytest.approx({"mean": 0.5, "between_images": 0, "between_patients": 0}, abs=0.01)


def test_inspect_reports_even_if_no_image_can_be_read(tmp_path: Path, command: Command) -> None:
    for label in "ab":
        (tmp_path / "set" / label).mkdir(parents=True)
        (tmp_path / "set" / label / "1.png").write_bytes(b"")
    assert _found(tmp_path / "set", "folder").stain == {}
    assert "unreadable: 2" in command("data", "inspect", tmp_path / "set").out


def test_inspect_command_prints_the_findings(troubled: Path, command: Command) -> None:
    answer = command("data", "inspect", troubled)
    assert answer.status == 0
    for text in (
        "BreakHis (read as breakhis)",
        "unreadable: 1",
        "'SOB_B_A-14-105-40-001.png': is not an image of a known format",
        "tiny (a side under 32 pixels): 1",
        "several frames (only the first is read): 1",
        "identical files: 1",
        "identical images in several classes: 1",
        "identical images of several patients: 1",
        "patients with several classes (usual for patches of one slide, wrong if a patient has one diagnosis): 1",
        "no patient of the test part is in another part",
        "how zoo train --recipe modern would split these images (60/10/30, seed 0):",
        "with --split image, this split leaks: ",
        "hematoxylin: mean optical density",
    ):
        assert text in answer.out


def test_inspect_says_which_of_two_classes_is_the_positive_one(tmp_path: Path, draw: Draw, command: Command) -> None:
    draw(tmp_path / "two", [f"{label}/1{label}.png" for label in ("tumor", "normal")], size=(40, 40))
    draw(tmp_path / "three", [f"{label}/1{label}.png" for label in "abc"], size=(40, 40))
    assert re.search(
        r"positive class +tumor: precision, recall and F1", command("data", "inspect", tmp_path / "two").out
    )
    assert "positive class" not in command("data", "inspect", tmp_path / "three").out


def test_inspect_splits_by_the_shares_of_a_recipe(tmp_path: Path, draw: Draw, command: Command) -> None:
    draw(tmp_path / "set", [f"{label}/{number}{label}.png" for label in "ab" for number in range(20)], size=(40, 40))
    answer = command("data", "inspect", tmp_path / "set", "--recipe", "guo2024")
    assert "how zoo train --recipe guo2024 would split these images (90/0/10, seed 0):" in answer.out
    assert re.search(r"val +0 +0\n test +2 +2\n", answer.out)


def test_inspect_refuses_an_unknown_recipe_before_it_reads_images(troubled: Path, command: Command) -> None:
    answer = command("data", "inspect", troubled, "--recipe", "moden")
    assert (answer.status, answer.out) == (1, "")
    assert "unknown recipe 'moden'" in answer.err
    assert "inspecting images" not in answer.err


def test_a_split_that_comes_with_the_data_has_not_the_shares_of_a_recipe(
    tmp_path: Path, draw: Draw, command: Command
) -> None:
    draw(tmp_path / "set", [f"{part}/{label}/{part}.png" for part in ("train", "test") for label in "ab"])
    out = command("data", "inspect", tmp_path / "set").out
    assert "how zoo train --recipe modern would split these images:\n" in out
    assert "and if you asked for another split (60/10/30, seed 0):\n" in out


def test_inspect_json_has_all_findings(troubled: Path, command: Command) -> None:
    answer = command("data", "inspect", troubled, "--json", "-o", "magnification=40")
    assert answer.json["images"] == 48
    assert answer.json["identical_files"][0][0] == "SOB_M_DC-14-100-40-000.png"
    assert answer.json["splits"][0]["unit"] == "patient"


def test_inspect_command_says_that_a_clean_data_set_is_clean(tmp_path: Path, draw: Draw, command: Command) -> None:
    draw(tmp_path / "set", [f"{label}/{number}{label}.png" for label in "ab" for number in range(110)], size=(40, 40))
    answer = command("data", "inspect", tmp_path / "set")
    assert (
        "no problems: all images are readable, none is tiny, none occurs twice or nearly so, and no part is too small"
        in answer.out
    )
    assert re.search(r"patients +unknown", answer.out)
    assert "images   patients" not in answer.out, "a column of patients who are not known would be empty"


def test_inspect_command_reports_a_missing_folder(command: Command) -> None:
    answer = command("data", "inspect", "./nowhere")
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith("./nowhere: there is no such folder or file") or "no such folder" in answer.err


def test_a_validation_part_of_two_images_and_a_test_part_of_five_are_findings(
    tmp_path: Path, draw: Draw, command: Command
) -> None:
    draw(tmp_path / "set", [f"{label}/{number}{label}.png" for label in "ab" for number in range(8)], size=(40, 40))
    answer = command("data", "inspect", tmp_path / "set")
    assert "no problems" not in answer.out
    few = "the validation part has only 2 images: too few for calibration, or for choosing the epoch"
    assert f"split by image: {few}" in answer.out
    assert re.search(r"split by image: the test part has only \d images: each changes the accuracy by \d+%", answer.out)
    assert len(command("data", "inspect", tmp_path / "set", "--json").json["splits"][0]["small"]) == 2


def test_a_test_part_of_few_patients_is_a_finding() -> None:
    assert small_parts(val=100, test=400, test_patients=5) == ()
    assert small_parts(val=100, test=400, test_patients=None) == ()
    assert small_parts(val=0, test=400, test_patients=1) == (
        "the test part has only 1 patient: the results say little about others",
    )
