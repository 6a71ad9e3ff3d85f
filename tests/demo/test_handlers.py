from __future__ import annotations

import re
import shutil
import struct
import zlib
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

import zoo
from tests.bundles import make_provenance
from tests.demo.drawn_examples import drawn_examples
from zoo.data.split.leakage import Leak
from zoo.errors import UsageError
from zoo.runs import Run
from zoo.text import probability_percent
from zoo_demo.analyzer import Analyzer
from zoo_demo.handlers import Handlers
from zoo_demo.images_html import MAX_SIDE
from zoo_demo.models import load_models
from zoo_demo.uploads import Uploads

BOTH = ["drawn", "fresh"]
Upload = Callable[..., dict[str, Any]]


def _heat_maps(page: str) -> list[str]:
    return re.findall(r'<img src="(data:image/png;base64,[^"]+)"', page)


def _handlers_of(bundle: Path, uploads: Uploads) -> Handlers:
    return Handlers(Analyzer(load_models([str(bundle)], device=torch.device("cpu"))), drawn_examples(), uploads=uploads)


def _bomb(side: int) -> bytes:
    """Return a small PNG file of `side` x `side` black pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    black = zlib.compress(bytes(side * (side // 8 + 1)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", black) + chunk(b"IEND", b"")


def test_each_model_has_a_card_with_its_probabilities_heat_map_and_time(
    handlers: Handlers, upload: Upload, tile: Image.Image, bundles: dict[str, Path]
) -> None:
    page = handlers.show_results(upload(tile), BOTH, "grad-cam", None)
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["The tile", *BOTH]
    assert len(set(_heat_maps(page))) == 2
    shown = re.findall(r"<span>([^<]+)</span><span>([^<]+)</span>", page)
    assert shown == [
        (name, escape(probability_percent(value)))
        for model in BOTH
        for name, value in zoo.from_pretrained(bundles[model]).predict(tile).probabilities.items()
    ]
    assert len(re.findall(r"<dd>0\.272 million parameters, (?:\d+\.\d\d s|[\d.]+ ms) on the CPU</dd>", page)) == 2


def test_a_model_trained_on_synthetic_data_and_an_untrained_one_carry_a_warning(
    handlers: Handlers, upload: Upload, tile: Image.Image
) -> None:
    drawn, fresh = (handlers.show_results(upload(tile), [name], "grad-cam", None) for name in BOTH)
    assert "<b>Synthetic sample</b> <span>(this model)</span>: trained on images drawn by a program" in drawn
    assert "1,200 images of 49 invented patients" in drawn
    assert "<b>Not trained</b>" in fresh
    assert "Synthetic sample" not in fresh


def test_the_two_methods_give_different_heat_maps(handlers: Handlers, upload: Upload, tile: Image.Image) -> None:
    sent = upload(tile)
    grad_cam, dt_grad_cam = (
        handlers.show_results(sent, ["drawn"], method, None) for method in ("grad-cam", "dt-gradcam")
    )
    assert _heat_maps(grad_cam) != _heat_maps(dt_grad_cam)
    assert "DT Grad-CAM for" in dt_grad_cam


def test_a_heat_map_explains_the_chosen_class(handlers: Handlers, upload: Upload, tile: Image.Image) -> None:
    sent = upload(tile)
    pages = {name: handlers.show_results(sent, ["drawn"], "grad-cam", name) for name in ("benign", "malignant")}
    assert all(f"Grad-CAM for <b>{name}</b>" in page for name, page in pages.items())
    assert _heat_maps(pages["benign"]) != _heat_maps(pages["malignant"])


def test_without_the_chosen_class_a_heat_map_explains_the_predicted_one_and_says_so(
    handlers: Handlers, upload: Upload, tile: Image.Image
) -> None:
    sent = upload(tile)
    own = handlers.show_results(sent, ["drawn"], "grad-cam", None)
    other = handlers.show_results(sent, ["drawn"], "grad-cam", "no such class")
    assert _heat_maps(other) == _heat_maps(own)
    assert "This model has no class no such class: the map is for its own answer." in other


def test_only_an_example_is_called_synthetic(handlers: Handlers, upload: Upload, tile: Image.Image) -> None:
    example = handlers.show_results(upload(handlers.show_example({"number": 1})), BOTH, "grad-cam", None)
    assert "synthetic tile, drawn by a program" in example
    assert "synthetic tile" not in handlers.show_results(upload(tile), BOTH, "grad-cam", None)


@pytest.mark.parametrize("which", [None, {}, {"number": 2}, {"number": -1}, {"number": "1"}])
def test_an_example_that_does_not_exist_is_an_error(handlers: Handlers, which: Any) -> None:
    with pytest.raises(UsageError, match="no such example"):
        handlers.show_example(which)


@pytest.mark.parametrize("name", ["tile.tif", "tile.jpg", "tile.bmp", "tile.webp"])
def test_tiff_jpeg_bmp_and_webp_tiles_are_read(
    handlers: Handlers, upload: Upload, tile: Image.Image, name: str
) -> None:
    assert "zoo-card" in handlers.show_results(upload(tile, name), BOTH, "grad-cam", None)


def test_a_large_tile_is_scaled_down_for_the_page(handlers: Handlers, upload: Upload, tile: Image.Image) -> None:
    page = handlers.show_results(upload(tile.resize((3000, 2400))), ["drawn"], "grad-cam", None)
    assert "3000 × 2400 pixels" in page
    (shown,) = re.findall(r"url\(data:image/jpeg;base64,([^)]+)\)", page)
    with Image.open(BytesIO(b64decode(shown))) as image:
        assert max(image.size) == MAX_SIDE


def test_without_a_tile_the_page_asks_for_one(handlers: Handlers) -> None:
    assert "No tile yet" in handlers.show_results(None, BOTH, "grad-cam", None)


@pytest.mark.parametrize("content", [b"hello", b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a"])
def test_the_error_for_a_file_that_is_not_an_image_contains_its_name_but_not_its_folder(
    handlers: Handlers, upload: Upload, uploads: Uploads, content: bytes
) -> None:
    page = handlers.show_results(upload(content, "notes.png"), BOTH, "grad-cam", None)
    assert 'role="alert"' in page
    assert re.search(r"notes\.png(:| is) ", page)
    assert "PNG, JPEG, TIFF, BMP" in page
    assert str(uploads.folder) not in page


def test_a_truncated_image_is_an_error(handlers: Handlers, upload: Upload, uploads: Uploads, tile: Image.Image) -> None:
    upload(tile)
    whole = (uploads.folder / "tile.png").read_bytes()
    assert 'role="alert"' in handlers.show_results(upload(whole[: len(whole) // 2]), BOTH, "grad-cam", None)


@pytest.mark.filterwarnings("ignore:Image size:PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(("side", "words"), [(5_001, "5001x5001"), (12_000, "12000x12000"), (40_000, "bomb")])
def test_a_decompression_bomb_is_refused(handlers: Handlers, upload: Upload, side: int, words: str) -> None:
    bomb = _bomb(side)
    assert len(bomb) < 2**20
    page = handlers.show_results(upload(bomb, "bomb.png"), BOTH, "grad-cam", None)
    assert 'role="alert"' in page
    assert words in page
    assert "at most 25,000,000" in page
    assert "DOS" not in page


def test_a_tile_that_was_deleted_must_be_uploaded_again(
    handlers: Handlers, upload: Upload, uploads: Uploads, tile: Image.Image
) -> None:
    sent = upload(tile)
    (uploads.folder / "tile.png").unlink()
    assert "Upload it again" in handlers.show_results(sent, BOTH, "grad-cam", None)


def test_files_outside_the_upload_folder_are_not_read(handlers: Handlers, uploads: Uploads, tile: Image.Image) -> None:
    secret = uploads.folder.parent / "secret.png"
    tile.save(secret)
    (uploads.folder / "link.png").symlink_to(secret)
    for path in (
        secret,
        uploads.folder / ".." / "secret.png",
        uploads.folder / "link.png",
        "http://localhost/x.png",
        "a\0b",
        None,
        3,
    ):
        sent = {"path": str(path) if isinstance(path, Path) else path}
        assert "not an uploaded file" in handlers.show_results(sent, BOTH, "grad-cam", None)
    assert "not an uploaded file" in handlers.show_results(str(secret), BOTH, "grad-cam", None)


@pytest.mark.parametrize("names", [[], None, "drawn", ["nobody"], [3]])
def test_without_a_selected_model_the_page_asks_for_one(
    handlers: Handlers, upload: Upload, tile: Image.Image, names: Any
) -> None:
    assert "No model is selected" in handlers.show_results(upload(tile), names, "grad-cam", None)


@pytest.mark.parametrize("method", ["bogus", None, ["grad-cam"]])
def test_an_unknown_heat_map_method_is_an_error(
    handlers: Handlers, upload: Upload, tile: Image.Image, method: Any
) -> None:
    page = handlers.show_results(upload(tile), BOTH, method, None)
    assert 'role="alert"' in page
    assert "Unknown heat map method" in page


def test_html_in_names_of_bundles_classes_and_files_is_escaped(
    upload: Upload, uploads: Uploads, tmp_path: Path, tile: Image.Image
) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    model = zoo.create_model("resnet20", classes=(hostile, "b"))
    training = make_provenance()
    data = replace(training.data, name=hostile, options={hostile: hostile})
    init = replace(training.init, used=hostile)
    model.describe_training(replace(training, data=data, init=init)).save(tmp_path / "a<b>")
    handlers = _handlers_of(tmp_path / "a<b>", uploads)
    page = handlers.show_results(upload(tile, "<i>.png"), ["a<b>"], "grad-cam", hostile)
    page += handlers.show_results(upload(b"", "<i>.png"), ["a<b>"], "grad-cam", hostile)
    assert "&lt;img src=x onerror" in page
    assert not re.search(r"<img src=x|<i>\.png|a<b>", page)


def test_a_model_with_leaked_results_is_marked(
    upload: Upload, uploads: Uploads, tmp_path: Path, tile: Image.Image
) -> None:
    training = make_provenance()
    leak = Leak(patients=12, test_patients=25, identical=0, share=0.5)
    for name, split in (("leaked", replace(training.split, leak=leak)), ("clean", training.split)):
        model = zoo.create_model("resnet20", classes=("benign", "malignant"))
        model.describe_training(replace(training, split=split)).save(tmp_path / name)
        page = _handlers_of(tmp_path / name, uploads).show_results(upload(tile), [name], "grad-cam", None)
        assert ("Leaked results" in page) == (name == "leaked")


def test_a_card_says_whether_the_network_is_better_than_a_simple_model(
    upload: Upload, uploads: Uploads, trained: Run, tile: Image.Image, tmp_path: Path
) -> None:
    page = _handlers_of(trained.path, uploads).show_results(upload(tile), [trained.path.name], "grad-cam", None)
    text = str(trained.metrics.baseline)
    assert f"<dt>Worth it?</dt><dd>{text[0].upper()}{escape(text[1:])}.</dd>" in page
    damaged = shutil.copytree(trained.bundle, tmp_path / "damaged")
    (damaged / "metrics.json").write_text("{}")
    page = _handlers_of(damaged, uploads).show_results(upload(tile), ["damaged"], "grad-cam", None)
    assert "Worth it?" not in page


def test_of_many_classes_only_the_most_probable_are_shown(
    upload: Upload, uploads: Uploads, tmp_path: Path, tile: Image.Image
) -> None:
    model = zoo.create_model("resnet20", num_classes=9)
    with torch.no_grad():
        model.network.fc.weight.zero_()
        model.network.fc.bias.copy_(torch.linspace(0, 1, 9))
    model.save(tmp_path / "nine")
    page = _handlers_of(tmp_path / "nine", uploads).show_results(upload(tile), ["nine"], "grad-cam", None)
    shown = [float(value) for value in re.findall(r"<span>([\d.]+) %</span>", page)]
    assert len(shown) == 6
    assert shown == sorted(shown, reverse=True)
    assert "and 3 more" in page


def test_a_model_without_a_heat_map_still_shows_its_probabilities(
    handlers: Handlers, upload: Upload, tile: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise zoo.errors.PluginError("resnet20 names no layer for a heat map")

    monkeypatch.setattr(zoo.Classifier, "explain", refuse)
    page = handlers.show_results(upload(tile), ["drawn"], "grad-cam", None)
    assert "No heat map: resnet20 names no layer" in page
    assert 'class="zoo-bars"' in page


def test_warming_up_analyses_an_example_with_every_model(handlers: Handlers, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    explain = zoo.Classifier.explain

    def watched(model: zoo.Classifier, *given: Any, **options: Any) -> Any:
        seen.append(model)
        return explain(model, *given, **options)

    monkeypatch.setattr(zoo.Classifier, "explain", watched)
    Analyzer(handlers.models).warm_up(handlers.examples[0].image)
    assert seen == [model.classifier for model in handlers.models]


def test_a_tile_unlike_the_training_images_is_none_of_the_classes(
    calibrated: Run, upload: Upload, uploads: Uploads, tile: Image.Image
) -> None:
    handlers = _handlers_of(calibrated.bundle, uploads)
    (name,) = (model.name for model in handlers.models)
    page = handlers.show_results(upload(Image.new("RGB", (64, 64), "white")), [name], "grad-cam", None)
    assert "<b>None of these:</b> unlike my training images." in page
    assert "The map explains an answer that the model does not give." in page
    assert "calibrated on 16 validation patients: temperature" in page
    assert re.search(r"decision threshold of [\d.]+ % \(chosen on 16 validation patients\)", page)
