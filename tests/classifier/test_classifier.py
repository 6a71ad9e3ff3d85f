from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from zoo import Classifier, create_model
from zoo.classifier import Prediction
from zoo.data.images import pixels
from zoo.errors import BundleError, DataError, PluginError, UnknownNameError, UsageError
from zoo.explain import METHODS
from zoo.spec import ExplanationMethod

SIGMOID = "models:\n  tiny_sigmoid:\n    architecture: small_resnet\n    options: {depth: 8}\n    head: sigmoid\n"


@pytest.fixture
def classifier() -> Classifier:
    torch.manual_seed(0)
    return create_model("resnet20", classes=["benign", "malignant", "other"], options={"depth": 8})


@pytest.fixture
def sigmoid(own_registry: Callable[[str], None]) -> Classifier:
    own_registry(SIGMOID)
    torch.manual_seed(0)
    return create_model("tiny_sigmoid", classes=["benign", "malignant"])


@pytest.fixture
def tile(tmp_path: Path) -> Path:
    noise = np.random.default_rng(0).integers(0, 256, (70, 90, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "tile.png")
    return tmp_path / "tile.png"


def test_pixels_are_scaled_and_normalized_as_the_spec_says(classifier: Classifier, tile: Path) -> None:
    preprocessing = classifier.config.preprocessing
    small = pixels(Image.open(tile), preprocessing).astype(np.float64)
    wanted = (small / 255 - np.array(preprocessing.mean)) / np.array(preprocessing.std)
    found = classifier.preprocess(tile)
    assert found.shape == (1, 3, 64, 64)
    assert found[0].permute(1, 2, 0).numpy() == pytest.approx(wanted, abs=1e-5)


def test_forward_returns_logits_and_predict_their_softmax(classifier: Classifier, tile: Path) -> None:
    with torch.no_grad():
        logits = classifier(classifier.preprocess(tile))
    assert logits.shape == (1, 3)
    prediction = classifier.predict(tile)
    wanted = torch.softmax(logits, dim=1)[0].tolist()
    assert list(prediction.probabilities.values()) == pytest.approx(wanted)
    assert list(prediction.probabilities) == ["benign", "malignant", "other"]
    assert prediction.label == ["benign", "malignant", "other"][int(logits.argmax())]
    assert prediction.confidence == max(prediction.probabilities.values())


def test_a_sigmoid_output_is_the_probability_of_the_second_class(sigmoid: Classifier, tile: Path) -> None:
    with torch.no_grad():
        logits = sigmoid(sigmoid.preprocess(tile))
    assert logits.shape == (1, 1)
    positive = 1 / (1 + np.exp(-logits.item()))
    prediction = sigmoid.predict(tile)
    assert prediction.probabilities == {
        "benign": pytest.approx(1 - positive),
        "malignant": pytest.approx(positive),
    }
    assert prediction.label == ("malignant" if logits.item() > 0 else "benign")


def test_predict_gives_the_same_for_a_path_a_pil_image_and_an_array(classifier: Classifier, tile: Path) -> None:
    with Image.open(tile) as image:
        image.load()
        things = [tile, str(tile), image, np.asarray(image)]
    found = [classifier.predict(thing) for thing in things]
    assert all(isinstance(one, Prediction) for one in found)
    assert found == [found[0]] * 4


def test_predict_and_explain_turn_tf32_off(classifier: Classifier, tile: Path) -> None:
    shorter: list[bool] = []
    classifier.network.register_forward_hook(lambda *_: shorter.append(torch.backends.cudnn.allow_tf32))
    classifier.predict(tile)
    classifier.explain(tile)
    assert len(shorter) == 2
    assert not any(shorter)


def test_predict_takes_a_mixed_sequence_of_images_and_returns_a_list(classifier: Classifier, tile: Path) -> None:
    image = Image.open(tile).convert("RGB")
    turned = image.rotate(90, expand=True)
    alone = [classifier.predict(tile), classifier.predict(turned)]
    for batch in ([tile, turned], (str(tile), np.asarray(turned))):
        found = classifier.predict(batch)
        assert [one.label for one in found] == [one.label for one in alone]
        for one, other in zip(found, alone, strict=True):
            assert list(one.probabilities.values()) == pytest.approx(list(other.probabilities.values()), abs=1e-6)


def test_predict_takes_an_array_of_four_dimensions_as_several_images(classifier: Classifier) -> None:
    batch = np.random.default_rng(0).integers(0, 256, (5, 20, 30, 3), dtype=np.uint8)
    assert classifier.predict(batch) == classifier.predict(list(batch))
    assert classifier.predict(batch[:0]) == []


def test_predict_runs_a_long_list_in_batches_of_batch_size(classifier: Classifier) -> None:
    batch = np.random.default_rng(0).integers(0, 256, (7, 20, 30, 3), dtype=np.uint8)
    sizes: list[int] = []
    classifier.network.register_forward_pre_hook(lambda module, given: sizes.append(len(given[0])))
    found = classifier.predict(batch, batch_size=3)
    assert sizes == [3, 3, 1]
    assert [one.label for one in found] == [one.label for one in classifier.predict(batch)]


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((20, 20)),
        np.zeros((3, 20, 20), np.uint8),
        np.zeros((20, 20, 4), np.uint8),
        np.zeros((2, 20, 20, 3), np.float32),
        torch.zeros(3, 20, 20),
        torch.zeros(1, 3, 20, 20),
        None,
        3,
        [None],
    ],
)
def test_predict_refuses_anything_that_is_not_an_image(classifier: Classifier, wrong: Any) -> None:
    with pytest.raises(DataError, match="an array must be height x width x 3 of 8-bit values"):
        classifier.predict(wrong)


@pytest.mark.parametrize("batch_size", [0, -1, None, 2.5, "2"])
def test_predict_refuses_a_batch_size_that_is_no_number_of_images(
    classifier: Classifier, tile: Path, batch_size: Any
) -> None:
    with pytest.raises(UsageError, match="batch_size must be"):
        classifier.predict([tile, tile], batch_size=batch_size)


def test_predict_names_the_damaged_image_of_a_batch(classifier: Classifier, tile: Path) -> None:
    bad = tile.with_name("bad.png")
    bad.write_bytes(tile.read_bytes()[:500])
    with pytest.raises(DataError, match=r"bad\.png: cannot be read"):
        classifier.predict([tile, bad])


def test_predict_runs_in_evaluation_mode_and_restores_training_mode(classifier: Classifier, tile: Path) -> None:
    classifier.train()
    state = {name: tensor.clone() for name, tensor in classifier.state_dict().items()}
    first = classifier.predict(tile)
    assert classifier.training
    assert first == classifier.eval().predict(tile), "predicting is done in evaluation mode"
    assert all(torch.equal(state[name], tensor) for name, tensor in classifier.state_dict().items())
    classifier.train()
    with pytest.raises(DataError):
        classifier.predict(None)
    assert classifier.training


def test_mean_and_std_are_not_part_of_the_state_dict(classifier: Classifier) -> None:
    assert {name.partition(".")[0] for name in classifier.state_dict()} == {"network"}


def test_explain_gives_the_heat_map_of_the_predicted_class_or_of_a_label(classifier: Classifier, tile: Path) -> None:
    found = classifier.explain(tile)
    assert found.label == found.prediction.label == classifier.predict(tile).label
    assert found.method == "grad-cam"
    assert found.heat.shape == (70, 90)
    assert 0 <= found.heat.min() <= found.heat.max() <= 1
    assert found.overlay().size == (90, 70)
    maps = [classifier.explain(tile, label=name).heat for name in classifier.classes]
    assert (maps[classifier.classes.index(found.label)] == found.heat).all()
    assert not (maps[0] == maps[1]).all()


@pytest.mark.parametrize("name", ["resnet20", "cbam20", "senet20", "dala"])
def test_the_prediction_of_explain_is_that_of_predict_to_the_bit(name: str, tile: Path) -> None:
    torch.manual_seed(0)
    classifier = create_model(name)
    assert classifier.explain(tile).prediction == classifier.predict(tile)


def test_explain_runs_the_network_once_and_prepares_the_image_once(
    classifier: Classifier, tile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes: list[object] = []
    prepared: list[object] = []
    preprocess = Classifier.preprocess

    def counted(self: Classifier, images: Any) -> torch.Tensor:
        prepared.append(images)
        return preprocess(self, images)

    classifier.network.register_forward_hook(lambda *_: passes.append(None))
    monkeypatch.setattr(Classifier, "preprocess", counted)
    for label in (None, "other"):
        passes.clear()
        prepared.clear()
        classifier.explain(tile, label=label)
        assert len(passes) == 1
        assert len(prepared) == 1


def test_explain_takes_several_images_and_returns_a_list(classifier: Classifier, tile: Path) -> None:
    array = np.asarray(Image.open(tile))
    alone = classifier.explain(tile, label="other")
    for several in ([tile, array], np.stack([array, array])):
        found = classifier.explain(several, label="other")
        assert [one.label for one in found] == ["other", "other"]
        assert [one.prediction for one in found] == [alone.prediction] * 2
        assert all((one.heat == alone.heat).all() for one in found)


@pytest.mark.parametrize("method", METHODS, ids=lambda one: one.name)
def test_every_method_of_explain_is_in_its_docstring_with_its_title(method: ExplanationMethod) -> None:
    assert f'"{method.name}" ({method.title}' in (Classifier.explain.__doc__ or "")


def test_dt_gradcam_is_the_grad_cam_map_cut_at_a_threshold(classifier: Classifier, tile: Path) -> None:
    whole = classifier.explain(tile).heat
    cut = classifier.explain(tile, method="dt-gradcam").heat
    assert (cut == 0).sum() > (whole == 0).sum()
    assert (cut <= whole + 1e-6).all()


def test_explain_gives_opposite_heat_maps_for_the_two_classes_of_a_sigmoid_output(
    sigmoid: Classifier, tile: Path
) -> None:
    maps = [sigmoid.explain(tile, label=name).heat for name in ("benign", "malignant")]
    assert not (maps[0] == maps[1]).all()
    assert (np.minimum(*maps) < 1e-6).mean() > 0.5, "what speaks for one class speaks against the other"


@pytest.mark.parametrize(
    ("how", "text"),
    [({"method": "gradcam"}, "did you mean grad-cam"), ({"label": "malignat"}, "did you mean malignant?")],
)
def test_explain_suggests_the_nearest_method_or_class_for_a_misspelt_one(
    classifier: Classifier, tile: Path, how: dict[str, str], text: str
) -> None:
    with pytest.raises(UnknownNameError) as caught:
        classifier.explain(tile, **how)
    assert text in str(caught.value)


def test_explain_refuses_an_architecture_without_a_layer_for_the_map(
    classifier: Classifier, tile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from zoo.registry import registry

    plugin = registry().plugins.owner("small_resnet")
    bare = replace(plugin.models["small_resnet"], cam_layer=None)
    monkeypatch.setitem(plugin.models, "small_resnet", bare)
    with pytest.raises(PluginError, match="small_resnet names no layer for a heat map"):
        classifier.explain(tile)


def test_save_refuses_to_overwrite_an_existing_folder(classifier: Classifier, tmp_path: Path) -> None:
    classifier.save(tmp_path / "bundle")
    before = (tmp_path / "bundle" / "model.safetensors").read_bytes()
    with pytest.raises(BundleError, match="already exists; nothing is overwritten"):
        classifier.save(tmp_path / "bundle")
    assert (tmp_path / "bundle" / "model.safetensors").read_bytes() == before


def test_save_on_a_full_disk_leaves_no_bundle(
    classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zoo.bundle.bundle_files.write_json", full)
    with pytest.raises(OSError, match="No space left"):
        classifier.save(tmp_path / "deep" / "bundle")
    assert list((tmp_path / "deep").iterdir()) == []


def test_a_model_in_half_the_precision_predicts_nearly_the_same(classifier: Classifier, tile: Path) -> None:
    expected = classifier.predict(tile).probabilities
    found = classifier.to(torch.bfloat16).predict(tile).probabilities
    assert found == pytest.approx(expected, abs=0.05)


def test_preprocessing_no_image_is_an_error_that_says_so(classifier: Classifier) -> None:
    with pytest.raises(UsageError, match="no image was given"):
        classifier.preprocess([])
