from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.cli.conftest import one_document
from tests.installed_packages import Answer
from zoo import create_model, from_pretrained
from zoo.classifier.explanation_figure import draw_explanations
from zoo.explain import METHODS
from zoo.runs import Run

Command = Callable[..., Answer]


def test_zoo_explain_draws_every_image_with_a_map_of_every_model(run: Command, trained: Run, tiles: Path) -> None:
    images = [str(tiles / "dark" / f"{number:02d}.png") for number in (1, 2)]
    one = run("explain", str(trained), *images, "--out", "one.png")
    two = run("explain", str(trained), str(trained.bundle), *images, "--out", "two.png")
    assert (one.status, two.status) == (0, 0), one.err + two.err
    assert "Saved 2 images with 2 heat maps each to two.png" in two.out
    with Image.open("one.png") as narrow, Image.open("two.png") as wide:
        assert wide.width > narrow.width
        assert np.asarray(wide.convert("L")).std() > 10


def test_an_svg_figure_has_the_names_of_images_and_models_as_text(run: Command, trained: Run, tiles: Path) -> None:
    answer = run("explain", str(trained), str(tiles / "dark" / "01.png"), "--out", "a.svg", "--method", "dt-gradcam")
    assert answer.status == 0, answer.err
    text = re.sub(r"<[^>]*>", " ", Path("a.svg").read_text())
    for word in ("01.png", "resnet20", "dark", "DT Grad-CAM, for the class above each map"):
        assert word in text
    assert run("explain", str(trained), str(tiles / "dark" / "01.png"), "--out", "b.svg", "--method", "dt-gradcam")
    assert Path("a.svg").read_bytes() == Path("b.svg").read_bytes()


def test_raw_maps_are_those_of_explain(run: Command, trained: Run, tiles: Path) -> None:
    image = tiles / "bright" / "03.png"
    assert run("explain", str(trained), str(image), "--raw", "raw").status == 0
    (file,) = Path("raw").iterdir()
    assert np.array_equal(np.load(file), from_pretrained(trained).explain(image).heat, equal_nan=True)
    again = run("explain", str(trained), str(image), "--raw", "raw", "--out", "other.png")
    assert again.status == 1
    assert f"{file}: already exists; nothing is overwritten" in again.err


def test_zoo_explain_json_has_the_explained_class_of_every_image(run: Command, trained: Run, tiles: Path) -> None:
    image = str(tiles / "dark" / "03.png")
    found: Any = one_document(run("explain", str(trained), image, "--label", "bright", "--json"))
    wanted = from_pretrained(trained).predict(image)
    assert [(row["path"], row["label"], row["probabilities"]) for row in found] == [
        (image, "bright", dict(wanted.probabilities))
    ]


@pytest.mark.parametrize("method", [one.name for one in METHODS])
def test_every_method_is_a_choice(run: Command, trained: Run, tiles: Path, method: str) -> None:
    assert run("explain", str(trained), str(tiles / "dark" / "01.png"), "--method", method).status == 0


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (("GOOD", "--out", "a.jpg"), 2, "--out must end in .png or .svg"),
        ((), 1, "no images were given"),
        (("GOOD", "--label", "brigt"), 1, "did you mean bright?"),
        (("FOLDER", "FOLDER"), 2, "80 images are too many for one figure"),
        (("GOOD", "--out", "there.png"), 1, "choose another file: --out there-2.png"),
        (("EMPTY",), 1, "there are no images"),
    ],
)
def test_wrong_usage_of_explain_is_an_error_that_says_what_to_do(
    run: Command, trained: Run, tiles: Path, words: tuple[str, ...], status: int, text: str
) -> None:
    Path("there.png").write_text("mine")
    Path("empty").mkdir()
    there = {"GOOD": str(tiles / "dark" / "03.png"), "FOLDER": str(tiles), "EMPTY": "empty"}
    answer = run("explain", str(trained), *(there.get(word, word) for word in words))
    assert answer.status == status
    assert text in answer.err
    assert Path("there.png").read_text() == "mine"


def test_check_prints_the_scores_of_every_map_and_saves_them_beside_the_figure(
    run: Command, trained: Run, tiles: Path
) -> None:
    image = str(tiles / "dark" / "01.png")
    answer = run("explain", str(trained), image, "--check", "--out", "maps.svg")
    assert answer.status == 0, answer.err
    assert "Saved the scores of each map, with their curves, to maps.json" in answer.out
    (maps,) = (row["maps"] for row in json.loads(Path("maps.json").read_text())["images"])
    (check,) = maps
    assert f"01.png, {trained}, {check['label']}: {'; '.join(check['in_words'])}" in answer.out
    assert len(check["random_deletion"]) == 9
    assert f"deletion {check['deletion']:.2f} (random " in re.sub(r"<[^>]*>", " ", Path("maps.svg").read_text())
    again = run("explain", str(trained), image, "--check", "--out", "maps.png")
    assert again.status == 1
    assert "maps.json: already exists; nothing is overwritten" in again.err
    assert not Path("maps.png").exists()
    found: Any = one_document(run("explain", str(trained), image, "--check", "--out", "other.png", "--json"))
    assert found[0]["check"] == check


def test_names_with_dollar_signs_are_no_formulas_in_a_figure(tmp_path: Path) -> None:
    name = r"$\frac$"
    model = create_model("resnet20", classes=[name, "b"], options={"depth": 8})
    explanation = model.explain(Image.new("RGB", (20, 20), "pink"), label=name)
    draw_explanations([[explanation]], tmp_path / "a.svg", images=[name], models=[name])
    assert (tmp_path / "a.svg").read_text().count(f">{name}") == 3
