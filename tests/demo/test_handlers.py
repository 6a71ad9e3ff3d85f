from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

import zoo
from tests.bundles import make_provenance
from zoo.errors import UsageError
from zoo_demo.analysis import LARGEST
from zoo_demo.examples import draw_examples
from zoo_demo.handlers import Handlers
from zoo_demo.models import load
from zoo_demo.results_html import percent

BOTH = ["drawn", "fresh"]
Upload = Callable[..., dict[str, Any]]


def _pictures(page: str) -> list[str]:
    return re.findall(r'<img src="(data:image/jpeg;base64,[^"]+)"', page)


def _alone(bundle: Path, uploads: Path) -> Handlers:
    return Handlers(load([str(bundle)], device=torch.device("cpu")), draw_examples(), uploads=uploads)


def _bomb(side: int) -> bytes:
    """A small PNG of `side` x `side` pixels, all of them black."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    black = zlib.compress(bytes(side * (side // 8 + 1)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", black) + chunk(b"IEND", b"")


def test_each_model_has_a_card(desk: Handlers, upload: Upload, tile: Image.Image, bundles: dict[str, Path]) -> None:
    page = desk.answer(upload(tile), BOTH, "grad-cam", None)
    assert re.findall(r"<h3>(.*?)</h3>", page) == BOTH
    assert len(set(_pictures(page))) == 2
    said = re.findall(r"<span>([^<]+)</span><span>([^<]+)</span>", page)
    assert said == [
        (name, percent(value))
        for model in BOTH
        for name, value in zoo.from_pretrained(bundles[model]).predict(tile).probabilities.items()
    ]
    assert len(re.findall(r"<dd>\d+\.\d\d s on the CPU</dd>", page)) == 2


def test_what_a_model_was_trained_on_is_told_loudly(desk: Handlers, upload: Upload, tile: Image.Image) -> None:
    drawn, fresh = (desk.answer(upload(tile), [name], "grad-cam", None) for name in BOTH)
    assert "<b>Synthetic sample.</b>" in drawn
    assert "1,200 images of 49 made-up patients" in drawn
    assert "<b>Not trained.</b>" in fresh
    assert "Synthetic sample" not in fresh


def test_the_other_method_draws_another_map(desk: Handlers, upload: Upload, tile: Image.Image) -> None:
    sent = upload(tile)
    plain, cut = (desk.answer(sent, ["drawn"], method, None) for method in ("grad-cam", "dt-gradcam"))
    assert _pictures(plain) != _pictures(cut)
    assert "DT Grad-CAM for" in cut


def test_a_map_speaks_for_the_class_that_was_chosen(desk: Handlers, upload: Upload, tile: Image.Image) -> None:
    sent = upload(tile)
    pages = {name: desk.answer(sent, ["drawn"], "grad-cam", name) for name in ("benign", "malignant")}
    assert all(f"Grad-CAM for <b>{name}</b>" in page for name, page in pages.items())
    assert _pictures(pages["benign"]) != _pictures(pages["malignant"])


def test_a_class_that_a_model_does_not_know_means_its_own_answer(
    desk: Handlers, upload: Upload, tile: Image.Image
) -> None:
    sent = upload(tile)
    own = desk.answer(sent, ["drawn"], "grad-cam", None)
    assert _pictures(desk.answer(sent, ["drawn"], "grad-cam", "no such class")) == _pictures(own)


def test_an_example_is_called_synthetic_and_another_tile_is_not(
    desk: Handlers, upload: Upload, tile: Image.Image
) -> None:
    example = desk.answer(upload(desk.example({"number": 1})), BOTH, "grad-cam", None)
    assert "synthetic tile, drawn by the zoo" in example
    assert "synthetic tile" not in desk.answer(upload(tile), BOTH, "grad-cam", None)


@pytest.mark.parametrize("which", [None, {}, {"number": 2}, {"number": -1}, {"number": "1"}])
def test_only_examples_that_exist_can_be_taken(desk: Handlers, which: Any) -> None:
    with pytest.raises(UsageError, match="no such example"):
        desk.example(which)


@pytest.mark.parametrize("name", ["tile.tif", "tile.jpg", "tile.bmp", "tile.webp"])
def test_every_format_of_the_zoo_is_read(desk: Handlers, upload: Upload, tile: Image.Image, name: str) -> None:
    assert "zoo-card" in desk.answer(upload(tile, name), BOTH, "grad-cam", None)


def test_a_large_tile_is_shown_small(desk: Handlers, upload: Upload, tile: Image.Image) -> None:
    page = desk.answer(upload(tile.resize((3000, 2400))), ["drawn"], "grad-cam", None)
    assert "3000 × 2400 pixels" in page
    assert len(_pictures(page)[0]) < LARGEST * LARGEST


def test_before_a_tile_is_chosen_the_page_asks_for_one(desk: Handlers) -> None:
    assert "No tile yet" in desk.answer(None, BOTH, "grad-cam", None)


@pytest.mark.parametrize("content", [b"hello", b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a"])
def test_a_file_that_is_no_image_is_told_by_its_name_only(
    desk: Handlers, upload: Upload, uploads: Path, content: bytes
) -> None:
    page = desk.answer(upload(content, "notes.png"), BOTH, "grad-cam", None)
    assert 'role="alert"' in page
    assert "notes.png: " in page
    assert "PNG, JPEG, TIFF, BMP" in page
    assert str(uploads) not in page


def test_a_truncated_image_is_told(desk: Handlers, upload: Upload, uploads: Path, tile: Image.Image) -> None:
    upload(tile)
    whole = (uploads / "tile.png").read_bytes()
    assert 'role="alert"' in desk.answer(upload(whole[: len(whole) // 2]), BOTH, "grad-cam", None)


@pytest.mark.filterwarnings("ignore:Image size:PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(("side", "told"), [(9_000, "81,000,000"), (12_000, "12000x12000"), (40_000, "bomb")])
def test_a_decompression_bomb_is_refused(desk: Handlers, upload: Upload, side: int, told: str) -> None:
    bomb = _bomb(side)
    assert len(bomb) < 2**20
    page = desk.answer(upload(bomb, "bomb.png"), BOTH, "grad-cam", None)
    assert 'role="alert"' in page
    assert told in page


def test_a_tile_that_was_deleted_is_asked_for_again(
    desk: Handlers, upload: Upload, uploads: Path, tile: Image.Image
) -> None:
    sent = upload(tile)
    (uploads / "tile.png").unlink()
    assert "deleted after a while" in desk.answer(sent, BOTH, "grad-cam", None)


def test_files_outside_the_uploads_are_not_read(desk: Handlers, uploads: Path, tile: Image.Image) -> None:
    secret = uploads.parent / "secret.png"
    tile.save(secret)
    (uploads / "link.png").symlink_to(secret)
    for path in (
        secret,
        uploads / ".." / "secret.png",
        uploads / "link.png",
        "http://localhost/x.png",
        "a\0b",
        None,
        3,
    ):
        sent = {"path": str(path) if isinstance(path, Path) else path}
        assert "not an uploaded file" in desk.answer(sent, BOTH, "grad-cam", None)
    assert "not an uploaded file" in desk.answer(str(secret), BOTH, "grad-cam", None)


@pytest.mark.parametrize("names", [[], None, "drawn", ["nobody"], [3]])
def test_without_a_model_the_page_asks_for_one(desk: Handlers, upload: Upload, tile: Image.Image, names: Any) -> None:
    assert "No model is chosen" in desk.answer(upload(tile), names, "grad-cam", None)


@pytest.mark.parametrize("method", ["bogus", None, ["grad-cam"]])
def test_an_unknown_method_is_told(desk: Handlers, upload: Upload, tile: Image.Image, method: Any) -> None:
    page = desk.answer(upload(tile), BOTH, method, None)
    assert 'role="alert"' in page
    assert "There is no such heat map" in page


def test_a_strangers_words_stay_words(upload: Upload, uploads: Path, tmp_path: Path, tile: Image.Image) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    model = zoo.create_model("resnet20", classes=(hostile, "b"))
    training = make_provenance()
    data = replace(training.data, name=hostile, options={hostile: hostile})
    init = replace(training.init, used=hostile)
    model.describe_training(replace(training, data=data, init=init)).save(tmp_path / "a<b>")
    desk = _alone(tmp_path / "a<b>", uploads)
    page = desk.answer(upload(tile, "<i>.png"), ["a<b>"], "grad-cam", hostile)
    page += desk.answer(upload(b"", "<i>.png"), ["a<b>"], "grad-cam", hostile)
    assert "&lt;img src=x onerror" in page
    assert not re.search(r"<img src=x|<i>\.png|a<b>", page)


def test_of_many_classes_the_likeliest_are_shown(
    upload: Upload, uploads: Path, tmp_path: Path, tile: Image.Image
) -> None:
    model = zoo.create_model("resnet20", num_classes=9)
    with torch.no_grad():
        model.network.fc.weight.zero_()
        model.network.fc.bias.copy_(torch.linspace(0, 1, 9))
    model.save(tmp_path / "nine")
    page = _alone(tmp_path / "nine", uploads).answer(upload(tile), ["nine"], "grad-cam", None)
    shown = [float(value) for value in re.findall(r"<span>([\d.]+) %</span>", page)]
    assert len(shown) == 6
    assert shown == sorted(shown, reverse=True)
    assert "and 3 more" in page


def test_a_model_that_names_no_layer_still_answers(
    desk: Handlers, upload: Upload, tile: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise zoo.errors.PluginError("resnet20 names no layer for a class-activation map")

    monkeypatch.setattr(zoo.Classifier, "explain", refuse)
    page = desk.answer(upload(tile), ["drawn"], "grad-cam", None)
    assert "No heat map: resnet20 names no layer" in page
    assert 'class="zoo-bars"' in page


def test_warming_up_looks_with_every_model(desk: Handlers, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    explain = zoo.Classifier.explain

    def watched(model: zoo.Classifier, *given: Any, **options: Any) -> Any:
        seen.append(model)
        return explain(model, *given, **options)

    monkeypatch.setattr(zoo.Classifier, "explain", watched)
    desk.warm_up()
    assert seen == [model.classifier for model in desk.models]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0 %"),
        (0.0001, "&lt; 0.1 %"),
        (0.5, "50.0 %"),
        (0.9994, "99.9 %"),
        (0.9996, "&gt; 99.9 %"),
        (1.0, "100.0 %"),
    ],
)
def test_rounding_makes_no_certainty(value: float, text: str) -> None:
    assert percent(value) == text
