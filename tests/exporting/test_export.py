"""An exported file gives what its model gives, or there is no file."""

from __future__ import annotations

import json
import re
import sys
from ast import literal_eval
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

import zoo
from tests.bundles import make_provenance
from tests.docs.guide import blocks
from tests.exporting.conftest import CLASSES, tiny, tiny_sigmoid
from zoo import Classifier
from zoo.calibration import Calibration
from zoo.classifier.verdict import verify
from zoo.config.plain import plain
from zoo.data.images import pixels, read_image
from zoo.errors import BundleError, ExportError, MissingExtraError, UnknownNameError, UsageError, ZooError
from zoo.exporting.export import Exported
from zoo.exporting.metadata import export_metadata
from zoo.exporting.network import ExportedNetwork
from zoo.exporting.torch_export_file import write_torch_export
from zoo.files import sha256
from zoo.spec import Fit
from zoo.tensors import read_tensors, write_tensors

GUIDE = Path(zoo.__file__).resolve().parent.parent / "docs" / "exporting.md"


def _images(count: int) -> Tensor:
    return torch.randn(count, 3, 12, 16, generator=torch.Generator().manual_seed(count))


def test_an_onnx_file_gives_the_logits_and_probabilities_of_its_model_for_any_number_of_images(
    onnx_file: Exported, tiny_bundle: Path
) -> None:
    import onnxruntime

    session, model = onnxruntime.InferenceSession(onnx_file.path), zoo.from_pretrained(tiny_bundle)
    for count in (1, 3, 16):
        images = _images(count)
        logits, probabilities = session.run(["logits", "probabilities"], {"images": images.numpy()})
        with torch.no_grad():
            expected = model(images)
        torch.testing.assert_close(torch.from_numpy(logits), expected, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(
            torch.from_numpy(probabilities).double(), model.probabilities(expected), rtol=1e-4, atol=1e-5
        )
    assert onnx_file.largest_difference.logits < 1e-4
    assert onnx_file.size == onnx_file.path.stat().st_size


def test_the_metadata_of_an_onnx_file_have_classes_preprocessing_and_weights(
    onnx_file: Exported, tiny_bundle: Path
) -> None:
    import onnxruntime

    found = onnxruntime.InferenceSession(onnx_file.path).get_modelmeta().custom_metadata_map
    assert json.loads(found["classes"]) == CLASSES
    assert json.loads(found["preprocessing"])["width"] == 16
    assert float(found["temperature"]) == 1
    assert found["weights_sha256"] == sha256(tiny_bundle / "model.safetensors")
    assert "fresh weights" in found["trained_on"]


def test_the_metadata_of_a_model_with_a_fresh_head_say_what_the_rest_of_it_was_trained_on() -> None:
    model, training = tiny(), make_provenance()
    data, init = replace(training.data, synthetic=True), replace(training.init, license="mit")
    model.config = replace(model.config, earlier_training=replace(training, data=data, init=init))
    found = export_metadata(model)
    assert found["trained_on"].startswith("BreakHis 40x, drawn by a program; then its head was replaced by a fresh one")
    assert found["initial_weights_license"] == "mit"


def test_an_exported_file_names_no_folder_of_this_machine(onnx_file: Exported, pt2_file: Exported) -> None:
    for exported in (onnx_file, pt2_file):
        content = exported.path.read_bytes()
        assert str(Path(torch.__file__).parent).encode() not in content
        assert str(Path(zoo.__file__).parent).encode() not in content


def test_a_torch_export_file_gives_the_logits_and_probabilities_of_its_model(
    pt2_file: Exported, tiny_bundle: Path
) -> None:
    extra = {"metadata.json": ""}
    _check_torch_export(pt2_file.path, zoo.from_pretrained(tiny_bundle), extra)
    assert json.loads(json.loads(extra["metadata.json"])["classes"]) == CLASSES


def test_a_network_with_one_output_is_exported_with_two_probabilities(tmp_path: Path) -> None:
    model = tiny_sigmoid()
    exported = zoo.export(model.save(tmp_path / "bundle"), tmp_path / "model.pt2")
    _check_torch_export(exported.path, model, {})


def _check_torch_export(path: Path, model: Classifier, extra: dict[str, str]) -> None:
    with path.open("rb") as file:
        loaded = torch.export.load(file, extra_files=extra).module()
    for count in (1, 5):
        logits, probabilities = loaded(_images(count))
        with torch.no_grad():
            expected = model(_images(count))
        torch.testing.assert_close(logits, expected)
        torch.testing.assert_close(probabilities.double(), model.probabilities(expected), rtol=1e-5, atol=1e-6)
        assert probabilities.shape == (count, 2)


@pytest.mark.parametrize("make", [tiny, tiny_sigmoid])
def test_the_temperature_divides_the_logits_before_they_become_probabilities(
    make: Callable[[], Classifier], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make()
    monkeypatch.setattr(Classifier, "temperature", 2.5)
    with torch.no_grad():
        logits, probabilities = ExportedNetwork(model)(_images(3))
        torch.testing.assert_close(logits, model(_images(3)))
    both = torch.cat([torch.zeros_like(logits), logits], dim=1) if logits.shape[1] == 1 else logits
    torch.testing.assert_close(probabilities, torch.softmax(both / 2.5, dim=1))


def test_the_metadata_have_the_temperature_and_the_threshold_of_the_calibration() -> None:
    model = tiny()
    model.calibration = Calibration(images=9, temperature=2.5, reason=None, threshold=0.3, chosen="given")
    found = export_metadata(model)
    assert (found["temperature"], found["threshold"]) == ("2.5", "0.3")
    assert "threshold" not in export_metadata(tiny(["a", "b", "c"]))


def test_the_guide_predicts_without_histozoo_what_the_model_predicts(
    onnx_file: Exported, pt2_file: Exported, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 31, 3), dtype=np.uint8)
    Image.fromarray(noise).save("tile.png")
    for exported in (onnx_file, pt2_file):
        Path("dala").with_suffix(exported.path.suffix).write_bytes(exported.path.read_bytes())
    code = {block.title: block.text for block in blocks(GUIDE) if block.kind == "python"}
    assert "zoo" not in "".join(code.values())
    exec(code["predict_onnx.py"], {})
    wanted = zoo.from_pretrained(tiny_bundle).predict("tile.png").probabilities
    assert literal_eval(capsys.readouterr().out) == pytest.approx(dict(wanted), abs=1e-6)
    exec(code["predict_torch.py"], {})
    assert capsys.readouterr().out == f"{CLASSES} (5, 2)\n"


@pytest.mark.parametrize("kind", ["transparent", "turned", "16 bits", "palette"])
def test_the_guide_reads_images_as_the_model_does(
    onnx_file: Exported, tiny_bundle: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 31, 4), dtype=np.uint8)
    exif = Image.Exif()
    if kind == "transparent":
        image = Image.fromarray(noise)
    elif kind == "16 bits":
        image = Image.fromarray(noise[..., 0].astype(np.uint16) * 257)
    else:
        image = Image.fromarray(noise[..., :3].copy())
    if kind == "turned":
        exif[0x0112] = 6
    if kind == "palette":
        image = image.quantize(16)
        image.info["transparency"] = 0
    image.save("tile.png", exif=exif)
    Path("dala.onnx").write_bytes(onnx_file.path.read_bytes())
    exec({block.title: block.text for block in blocks(GUIDE)}["predict_onnx.py"], {})
    wanted = zoo.from_pretrained(tiny_bundle).predict("tile.png").probabilities
    assert literal_eval(capsys.readouterr().out) == pytest.approx(dict(wanted), abs=1e-6)


@pytest.mark.parametrize("fit", ["crop", "squash"])
@pytest.mark.parametrize("crop_pct", [1.0, 0.875])
@pytest.mark.parametrize("size", [(40, 31), (31, 40), (16, 12)])
def test_the_guide_crops_images_as_the_model_does(
    onnx_file: Exported, tiny_bundle: Path, crop_pct: float, size: tuple[int, int], fit: Fit
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    Image.fromarray(noise).save("tile.png")
    Path("dala.onnx").write_bytes(onnx_file.path.read_bytes())
    script: dict[str, Any] = {}
    exec({block.title: block.text for block in blocks(GUIDE)}["predict_onnx.py"], script)
    model = zoo.from_pretrained(tiny_bundle)
    cropped = replace(model.config.preprocessing, fit=fit, crop_pct=crop_pct)
    script["preprocessing"] = {**script["preprocessing"], **plain(cropped)}
    image = torch.from_numpy(pixels(read_image(Path("tile.png")), cropped).copy())
    (wanted,) = model.normalize(image.permute(2, 0, 1)[None])
    np.testing.assert_allclose(script["preprocess"]("tile.png"), wanted.numpy(), atol=1e-6)


def test_a_file_that_does_not_agree_is_not_kept(
    tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zoo.exporting import torch_export_file

    right = torch_export_file.run_torch_export

    def wrong(path: Path) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
        run = right(path)

        def with_an_error_in_the_seventh_image(images: Tensor) -> tuple[Tensor, Tensor]:
            logits, probabilities = run(images)
            return logits + 0.001 * (torch.arange(len(logits)) == 6)[:, None], probabilities

        return with_an_error_in_the_seventh_image

    monkeypatch.setattr(torch_export_file, "run_torch_export", wrong)
    with pytest.raises(ExportError, match=r"its logits differ by 0\.001 in a batch of 7"):
        zoo.export(tiny_bundle, tmp_path / "model.pt2")
    assert list(tmp_path.iterdir()) == []


def _damage_golden(bundle: Path, damage: str) -> None:
    path = bundle / "golden.safetensors"
    tensors = read_tensors(path)
    if damage == "bytes":
        path.write_bytes(b"nothing")
    elif damage == "missing":
        path.unlink()
    elif damage == "no logits":
        write_tensors(path, {"input": tensors["input"]})
    elif damage == "other size":
        write_tensors(path, {**tensors, "input": tensors["input"][..., :8]})
    elif damage == "other logits":
        write_tensors(path, {**tensors, "logits": tensors["logits"] + 1})
    elif damage == "nan":
        write_tensors(path, {**tensors, "logits": tensors["logits"] * torch.nan})


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        ("bytes", "golden.safetensors: cannot be read"),
        ("missing", "there is no golden.safetensors"),
        ("no logits", "golden.safetensors is damaged: it has no tensor 'logits'"),
        ("other size", r"golden.safetensors is damaged: input \(2, 3, 12, 8\)"),
        ("other logits", "this model's outputs differ from those saved with it by 1"),
        ("nan", "golden.safetensors is damaged: logits has a number that is NaN or infinite"),
    ],
)
def test_a_bundle_with_damaged_golden_tensors_is_neither_exported_nor_verified(
    damage: str, text: str, tmp_path: Path
) -> None:
    bundle = tiny().save(tmp_path / "bundle")
    _damage_golden(bundle, damage)
    with pytest.raises(BundleError, match=text):
        zoo.export(bundle, tmp_path / "model.pt2")
    check = verify(bundle).checks[-1]
    assert not check.passed
    assert re.search(text, check.found)
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_a_model_whose_outputs_are_not_numbers_is_not_exported(tmp_path: Path) -> None:
    model = tiny()
    with torch.no_grad():
        next(model.network.parameters()).fill_(torch.nan)
    with pytest.raises(BundleError, match="the model gave a non-finite output"):
        zoo.export(model.save(tmp_path / "bundle"), tmp_path / "model.pt2")
    assert not (tmp_path / "model.pt2").exists()


@pytest.mark.parametrize(
    ("name", "options", "kind", "text"),
    [
        ("model.pt", {}, UsageError, r"must end in .onnx \(ONNX\) or .pt2 \(torch.export\)"),
        ("model", {}, UsageError, "must end in"),
        ("model.pt2", {"format": "onnx"}, UsageError, r"must end in .onnx \(ONNX\)$"),
        ("model.pt2", {"format": "torch_export"}, UnknownNameError, "did you mean torch-export"),
        ("there.pt2", {}, UsageError, "already exists; nothing is overwritten"),
        ("there.pt2/model.pt2", {}, ExportError, "cannot be written"),
    ],
)
def test_a_wrong_file_is_refused_before_any_work(
    name: str, options: dict[str, str], kind: type[ZooError], text: str, tiny_bundle: Path, tmp_path: Path
) -> None:
    (tmp_path / "there.pt2").write_text("mine")
    with pytest.raises(kind) as caught:
        zoo.export(tiny_bundle, tmp_path / name, **options)
    assert caught.match(text)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_a_missing_package_is_an_error_with_the_command_that_installs_it(
    tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match="this needs onnxruntime, which is not installed") as caught:
        zoo.export(tiny_bundle, tmp_path / "model.onnx")
    assert caught.value.hint == "pip install 'histozoo[export]'"


def test_a_full_disk_is_an_error_that_names_the_file_and_leaves_nothing(
    tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_network: object, _images: object, path: Path, _metadata: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zoo.exporting.torch_export_file.write_torch_export", full)
    with pytest.raises(ExportError, match=r"model\.pt2: cannot be written: No space left on device"):
        zoo.export(tiny_bundle, tmp_path / "model.pt2")
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_torch_cannot_follow_is_an_error(tmp_path: Path) -> None:
    class Branching(torch.nn.Module):
        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return (x, x) if float(x.sum()) > 0 else (x, -x)

    with pytest.raises(ExportError, match=r"torch\.export cannot follow this network"):
        write_torch_export(Branching(), torch.ones(2, 3), tmp_path / "model.pt2", {})
