from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.cli.conftest import one_document
from tests.hub.fake_hub import UPLOAD_WARNING, Hub
from tests.installed_packages import Answer
from zoo import from_pretrained
from zoo.runs import Run

Command = Callable[..., Answer]


def test_zoo_predict_prints_label_and_probabilities_of_every_image(run: Command, trained: Run, tiles: Path) -> None:
    paths = [str(tiles / "dark" / "03.png"), str(tiles / "bright" / "03.png")]
    answer = run("predict", str(trained), *paths)
    assert answer.status == 0, answer.err
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    for path, one in zip(paths, from_pretrained(trained).predict(paths), strict=True):
        numbers = " ".join(f"{value:.3f}" for value in one.probabilities.values())
        assert f"{path} {one.label} {numbers}" in lines
    assert "image label bright dark" in lines


def test_zoo_predict_json_has_unrounded_probabilities(run: Command, trained: Run, tiles: Path) -> None:
    path = str(tiles / "dark" / "03.png")
    found: Any = one_document(run("predict", str(trained.bundle), path, "--json"))
    wanted = from_pretrained(trained).predict(path)
    assert found == [{"path": path, "label": wanted.label, "probabilities": dict(wanted.probabilities)}]


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (("TRAINED", "nowhere.png"), 1, "nowhere.png: there is no such file or folder"),
        (("TRAINED", "no*.tiff"), 1, "no*.tiff: this pattern matches no file"),
        (("TRAINED", "text.png"), 1, "text.png: is not an image of a known format"),
        (("TRAINED", "folder"), 1, "folder: there are no images"),
        (("nowhere", "GOOD"), 1, "nowhere: there is no such folder"),
        (("TRAINED",), 1, "no images were given"),
        (("TRAINED", "GOOD", "--csv", "a.csv", "--json"), 2, "choose one of --csv, --parquet and --json"),
        (("TRAINED", "GOOD", "--device", "gpu"), 1, "the device 'gpu' cannot be used"),
    ],
)
def test_an_invalid_model_or_image_of_predict_is_an_error_without_a_traceback(
    run: Command, trained: Run, tiles: Path, words: tuple[str, ...], status: int, text: str
) -> None:
    Path("text.png").write_text("no picture")
    Path("folder").mkdir()
    there = {"TRAINED": str(trained), "GOOD": str(tiles / "dark" / "03.png")}
    answer = run("predict", *(there.get(word, word) for word in words))
    assert answer.status == status
    assert text in answer.err
    assert "Traceback" not in answer.err
    assert answer.out == ""


def test_an_image_that_cannot_be_read_is_reported_and_the_others_are_predicted(
    run: Command, trained: Run, tiles: Path
) -> None:
    Path("text.png").write_text("no picture")
    good = str(tiles / "dark" / "03.png")
    answer = run("predict", str(trained), "text.png", good)
    assert answer.status == 1
    assert good in answer.out
    assert "text.png: is not an image of a known format" in answer.err
    found = json.loads(run("predict", str(trained), "text.png", good, "--json").out)
    assert found[0] == {"path": "text.png", "error": "is not an image of a known format"}
    assert found[1]["path"] == good


def test_that_only_the_first_page_of_a_stack_is_predicted_is_said(run: Command, trained: Run, tiles: Path) -> None:
    good = tiles / "dark" / "03.png"
    with Image.open(good) as first, Image.open(tiles / "bright" / "03.png") as second:
        first.save("stack.tif", save_all=True, append_images=[second])
        first.save("single.tif")
    said = "1 file with several pages or frames: only the first is predicted"
    answer = run("predict", str(trained), "stack.tif", "single.tif", str(good))
    assert answer.err.count(said) == 1
    answer = run("predict", str(trained), "stack.tif", "single.tif", str(good), "--json")
    assert said in answer.err
    stack, single, png = json.loads(answer.out)
    assert stack == png | {"path": "stack.tif", "only_first_page": True}
    assert single == png | {"path": "single.tif"}
    assert said in run("predict", str(trained), "stack.tif", "single.tif", "--csv", "answers.csv").err
    assert "pages" not in run("predict", str(trained), "single.tif").err


def test_several_models_before_the_images_are_averaged(run: Command, trained: Run, tiles: Path) -> None:
    good = str(tiles / "dark" / "03.png")
    one: Any = one_document(run("predict", str(trained), good, "--json"))
    two: Any = one_document(run("predict", str(trained), str(trained.bundle), good, "--json"))
    assert two == one


def test_zoo_predict_writes_a_csv_file_with_a_row_for_every_image_of_a_folder(
    run: Command, trained: Run, tiles: Path
) -> None:
    answer = run("predict", str(trained), str(tiles), "--csv", "answers.csv")
    assert answer.status == 0, answer.err
    assert "answers.csv" in answer.out
    lines = Path("answers.csv").read_text().splitlines()
    assert lines[0] == "path,predicted,p_bright,p_dark,error"
    assert len(lines) == 1 + len(list(tiles.rglob("*.png")))
    again = run("predict", str(trained), str(tiles), "--csv", "answers.csv")
    assert again.status == 1
    assert "already exists; nothing is overwritten" in again.err


@pytest.mark.filterwarnings(UPLOAD_WARNING)
def test_a_revision_is_an_option_or_part_of_the_name(run: Command, hub: Hub, trained: Run, tiles: Path) -> None:
    bright = tiles / "bright" / "03.png"
    assert run("push", str(trained), "ada/tiles", "--tag", "v1").status == 0
    hub.repositories["ada/tiles"].commit("broken", {"model.safetensors": b"x"})
    assert run("predict", "ada/tiles", str(bright)).status == 1
    for words in (("ada/tiles@v1",), ("--revision", "v1", "ada/tiles")):
        answer = run("predict", *words, str(bright), "--json")
        assert answer.status == 0, answer.err
    answer = run("predict", "--revision", "v1", str(trained), str(bright))
    assert "a local folder has no revisions" in answer.err
