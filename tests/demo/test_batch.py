from __future__ import annotations

import csv
import re
from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import zoo
from zoo_demo import batch
from zoo_demo.analyzer import Analyzer
from zoo_demo.handlers import Handlers
from zoo_demo.limits import MAX_BATCH

BOTH = ["drawn", "fresh"]
Upload = Callable[..., dict[str, Any]]


def _csv(page: str) -> list[dict[str, str]]:
    (found,) = re.findall(r'href="data:text/csv;charset=utf-8;base64,([^"]+)"', page)
    return list(csv.DictReader(b64decode(found).decode().splitlines()))


def test_several_images_become_a_table_and_a_csv_with_a_row_for_each_image_and_model(
    handlers: Handlers, upload: Upload, tile: Image.Image, bundles: dict[str, Path]
) -> None:
    other = tile.rotate(90, expand=True)
    page = handlers.show_batch([upload(tile, "a.png"), upload(other, "b.png")], BOTH, "none")
    assert re.findall(r'<th scope="row">(.*?)</th>', page) == ["a.png", "b.png"]
    rows = _csv(page)
    assert [(row["path"], row["model"]) for row in rows] == [(name, one) for name in ("a.png", "b.png") for one in BOTH]
    expected = zoo.from_pretrained(bundles["drawn"]).predict(other)
    assert rows[2]["predicted"] == expected.label
    assert float(rows[2]["p_malignant"]) == pytest.approx(expected.probabilities["malignant"])


def test_the_table_says_on_how_many_images_the_models_agree(
    handlers: Handlers, upload: Upload, tile: Image.Image, bundles: dict[str, Path]
) -> None:
    page = handlers.show_batch([upload(tile)], BOTH, "none")
    same = len({zoo.from_pretrained(bundle).predict(tile).label for bundle in bundles.values()}) == 1
    assert f"1 of 1 image predicted; the models agree on {int(same)}." in page


def test_an_image_that_cannot_be_read_has_its_error_in_its_row(
    handlers: Handlers, upload: Upload, tile: Image.Image
) -> None:
    page = handlers.show_batch([upload(b"hello", "notes.png"), upload(tile)], BOTH, "none")
    assert "1 of 2 images predicted" in page
    assert _csv(page)[0]["error"] == "is not an image of a known format"


def test_names_of_files_are_neither_html_nor_formulas(handlers: Handlers, upload: Upload, tile: Image.Image) -> None:
    sent = {**upload(tile), "orig_name": "=HYPERLINK(1)<b>.png"}
    page = handlers.show_batch([sent], BOTH, "none")
    assert "=HYPERLINK(1)&lt;b&gt;.png" in page
    assert "<b>.png" not in page
    assert _csv(page)[0]["path"] == "'=HYPERLINK(1)<b>.png"


@pytest.mark.parametrize("files", [None, [], "tile.png", {}])
def test_without_images_the_tab_asks_for_them(handlers: Handlers, files: Any) -> None:
    assert "No images yet" in handlers.show_batch(files, BOTH, "none")


def test_too_many_images_are_refused(handlers: Handlers, upload: Upload, tile: Image.Image) -> None:
    page = handlers.show_batch([upload(tile)] * (MAX_BATCH + 1), BOTH, "none")
    assert f"Choose at most {MAX_BATCH}" in page


def test_files_that_were_not_uploaded_are_not_read(handlers: Handlers, tmp_path: Path, tile: Image.Image) -> None:
    tile.save(tmp_path / "secret.png")
    page = handlers.show_batch([{"path": str(tmp_path / "secret.png")}, "x", 3, None], BOTH, "none")
    assert page.count("this is not an uploaded file") == 4
    assert str(tmp_path) not in page


def test_images_are_analyzed_in_one_job_unless_they_are_large_together(
    handlers: Handlers, upload: Upload, tile: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = []
    analyze_all = Analyzer.analyze_all

    def watched(analyzer: Analyzer, tiles: list[Image.Image], *given: Any) -> Any:
        jobs.append(len(tiles))
        return analyze_all(analyzer, tiles, *given)

    monkeypatch.setattr(Analyzer, "analyze_all", watched)
    files = [upload(tile, "a.png"), upload(b"hello", "b.png"), upload(tile, "c.png"), upload(tile, "d.png")]
    page = handlers.show_batch(files, BOTH, "none")
    assert jobs == [3]
    monkeypatch.setattr(batch, "MAX_PIXELS", 2 * tile.width * tile.height)
    assert handlers.show_batch(files, BOTH, "none") == page
    assert jobs == [3, 2, 1]


def test_a_model_that_fails_for_one_image_is_an_error_in_its_row_alone(
    handlers: Handlers, upload: Upload, tile: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict = zoo.Classifier.predict

    def refuse(model: zoo.Classifier, image: Image.Image) -> Any:
        if image.width == 8:
            raise zoo.errors.BundleError("gave a non-finite output")
        return predict(model, image)

    monkeypatch.setattr(zoo.Classifier, "predict", refuse)
    page = handlers.show_batch([upload(tile.resize((8, 8)), "a.png"), upload(tile, "b.png")], BOTH, "none")
    assert "1 of 2 images predicted" in page
    assert _csv(page)[0]["error"] == "gave a non-finite output"


def test_a_damaged_second_frame_of_one_image_does_not_stop_the_others(
    handlers: Handlers, upload: Upload, tile: Image.Image
) -> None:
    gif = BytesIO()
    tile.save(gif, "GIF")
    page = handlers.show_batch([upload(gif.getvalue()[:-1] + b",", "a.gif"), upload(tile, "b.png")], BOTH[:1], "none")
    assert "2 of 2 images predicted" in page
