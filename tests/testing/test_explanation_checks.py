"""The conformance kit for explanation methods: ours pass it, and each mistake is found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.installed_packages import Answer, Site
from zoo import create_model
from zoo.errors import PluginError, UnknownNameError
from zoo.explain import METHODS
from zoo.plugins import plugins
from zoo.testing import check_explanation_method, explanation_outcomes

REGISTER = """
import zoo
from zoo.spec import ExplanationMethod

NAMES = ("occlusion", "saliency", "nan", "percent", "batch", "no_tensor", "raises", "exits", "random_masks", "prints",
         "leaves_hooks", "trains", "backward", "other_logits", "erases", "shared", "turned", "upside_down", "mirrored",
         "transposed", "one_class", "constant", "random_crops")

@zoo.hookimpl
def zoo_register_explanation_methods(register):
    for name in NAMES:
        register(ExplanationMethod(name=name, title=name.title(), explain=f"odd.methods:{name}", summary="for a test"))
    register(ExplanationMethod(name="layer", title="L", explain="odd.methods:layer", summary="", uses_layer=True))
"""
FUNCTIONS = """
import sys
import time
import torch

def occlusion(network, image, score):
    with torch.no_grad():
        whole = score(network(image))
        heat = torch.zeros(4, 4)
        for row in range(4):
            for column in range(4):
                hidden = image.clone()
                rows, columns = image.shape[2] // 4, image.shape[3] // 4
                hidden[:, :, row * rows : (row + 1) * rows, column * columns : (column + 1) * columns] = 0
                heat[row, column] = (whole - score(network(hidden))).clamp(min=0)
    return heat / heat.max().clamp(min=1e-12)

def saliency(network, image, score):
    image = image.requires_grad_()
    logits = network(image)
    score.use(logits)
    (slope,) = torch.autograd.grad(score(logits).sum(), image)
    heat = slope[0].abs().amax(dim=0)
    return heat / heat.max().clamp(min=1e-12)

def layer(network, image, score, *, layer, tokens):
    network.get_submodule(layer)
    return saliency(network, image, score)

def nan(network, image, score):
    return saliency(network, image, score) * torch.nan

def percent(network, image, score):
    return 100 * saliency(network, image, score)

def batch(network, image, score):
    return saliency(network, image, score)[None]

def no_tensor(network, image, score):
    return saliency(network, image, score).numpy()

def raises(network, image, score):
    raise ZeroDivisionError("no contrast")

def exits(network, image, score):
    sys.exit(0)

def random_masks(network, image, score):
    return saliency(network, image, score) * torch.rand(image.shape[2:])

def prints(network, image, score):
    print("explaining")
    return saliency(network, image, score)

def leaves_hooks(network, image, score):
    network.register_forward_hook(lambda *_: None)
    return saliency(network, image, score)

def trains(network, image, score):
    with torch.no_grad():
        next(network.parameters()).mul_(0.99)
    return saliency(network, image, score)

def backward(network, image, score):
    score(network(image)).sum().backward()
    return torch.ones(2, 2)

def other_logits(network, image, score):
    score.use(network(torch.zeros_like(image)))
    return torch.ones(2, 2)

def erases(network, image, score):
    image.zero_()
    return torch.ones(2, 2)

def turned(network, image, score):
    return torch.rot90(occlusion(network, image, score))

def upside_down(network, image, score):
    return torch.rot90(saliency(network, image, score), 2)

def mirrored(network, image, score):
    return saliency(network, image, score).flip(1)

def transposed(network, image, score):
    return saliency(network, image, score).T

def one_class(network, image, score):
    image = image.requires_grad_()
    (slope,) = torch.autograd.grad(network(image)[:, 0].sum(), image)
    heat = slope[0].abs().amax(dim=0)
    return heat / heat.max().clamp(min=1e-12)

def constant(network, image, score):
    return torch.ones(2, 2)

def random_crops(network, image, score):
    masks = torch.rand(200, 1, 4, 4, generator=torch.Generator().manual_seed(0)).round()
    large = torch.nn.functional.interpolate(masks, image.shape[2:])
    with torch.no_grad():
        heat = (score(network(image * large))[:, None, None] * masks[:, 0]).mean(0)
    heat = (heat - heat.min())
    return heat / heat.max().clamp(min=1e-12)

LAST = []

def shared(network, image, score):
    LAST[:] = [saliency(network, image, score)]
    time.sleep(0.01)
    return LAST[0]
"""


@pytest.fixture(scope="module", autouse=True)
def _odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    site = Site(tmp_path_factory.mktemp("site"))
    site.install("odd", REGISTER)
    (site.folder / "odd" / "methods.py").write_text(FUNCTIONS)
    with site.in_this_process():
        yield


@pytest.mark.parametrize("name", ["occlusion", "saliency", "layer", "random_crops", *(one.name for one in METHODS)])
def test_ours_and_correct_explanation_methods_pass_every_check(name: str) -> None:
    check_explanation_method(name)


@pytest.mark.parametrize(
    ("name", "check", "said"),
    [
        ("nan", "gives_a_map_for_every_class", "returns values that are NaN or infinite"),
        ("percent", "gives_a_map_for_every_class", "odd.methods:percent returns values from"),
        ("batch", "gives_a_map_for_every_class", "odd.methods:batch returns (1, 32, 24)"),
        ("no_tensor", "gives_a_map_for_every_class", "odd.methods:no_tensor returns ndarray"),
        ("raises", "gives_a_map_for_every_class", "odd.methods:raises failed: ZeroDivisionError: no contrast"),
        ("exits", "gives_a_map_for_every_class", "odd.methods:exits failed: SystemExit: 0"),
        ("random_masks", "is_repeatable", "draws from torch's random number generator"),
        ("prints", "is_repeatable", "prints 'explaining'"),
        ("leaves_hooks", "leaves_the_network_as_it_is", "changes the network: hooks of the network"),
        ("trains", "leaves_the_network_as_it_is", "changes the network: conv"),
        ("backward", "leaves_the_network_as_it_is", "changes the network: gradient of"),
        ("other_logits", "gives_a_map_for_every_class", "other logits than those of the image"),
        ("turned", "shows_the_evidence", "highest at the bottom left, for a class whose only evidence is a spot at"),
        ("upside_down", "shows_the_evidence", "highest at the bottom right"),
        ("mirrored", "shows_the_evidence", "highest at the top right, for a class whose only evidence is"),
        ("transposed", "shows_the_evidence", "highest at the bottom left"),
        ("one_class", "shows_the_evidence", "spot at the top right"),
        ("constant", "shows_the_evidence", "highest in no corner alone"),
        ("shared", "is_thread_safe", "gives other maps when several threads share the network"),
    ],
)
def test_a_mistake_of_an_explanation_method_is_found_by_the_check_for_it(name: str, check: str, said: str) -> None:
    errors = {outcome.check: outcome.error for outcome in explanation_outcomes(name) if outcome.error}
    assert said in errors[check]


def test_an_unknown_explanation_method_is_an_error_that_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown method 'oclusion'"):
        check_explanation_method("oclusion")


TILE = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)


def test_a_classifier_explains_an_image_with_the_method_of_a_plugin() -> None:
    model = create_model("resnet20", options={"depth": 8})
    for name in ("occlusion", "saliency"):
        found = model.explain(TILE, method=name)
        assert found.heat.shape == (40, 50)
        assert found.prediction == model.predict(TILE)
        assert found.method == name


def test_a_method_that_changes_its_image_changes_no_prediction() -> None:
    model = create_model("resnet20", options={"depth": 8})
    assert model.explain(TILE, method="erases").prediction == model.predict(TILE)


def test_a_method_without_a_layer_explains_a_model_that_declares_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    plugin = plugins().owner("small_resnet")
    monkeypatch.setitem(plugin.models, "small_resnet", replace(plugin.models["small_resnet"], cam_layer=None))
    model = create_model("resnet20", options={"depth": 8})
    assert model.explain(TILE, method="occlusion").heat.shape == (40, 50)
    with pytest.raises(PluginError, match="names no layer for a heat map"):
        model.explain(TILE, method="layer")


def test_the_error_of_a_method_names_it_and_the_line_and_not_the_model() -> None:
    with pytest.raises(PluginError) as caught:
        create_model("resnet20", options={"depth": 8}).explain(TILE, method="raises")
    assert "explanation method raises (" in str(caught.value)
    assert "methods.py:" in str(caught.value)


def test_zoo_explain_draws_the_maps_of_a_plugins_method(command: object, tmp_path: Path) -> None:
    create_model("resnet20", options={"depth": 8}).save(tmp_path / "bundle")
    from PIL import Image

    Image.fromarray(TILE).save(tmp_path / "tile.png")
    run = command
    answer: Answer = run("explain", "bundle/", "tile.png", "--method", "occlusion", "--out", "a.svg")  # type: ignore[operator]
    assert answer.status == 0, answer.err
    assert "Occlusion, for the class above each map" in (tmp_path / "a.svg").read_text()
    answer = run("explain", "bundle/", "tile.png", "--method", "oclusion", "--out", "b.svg")  # type: ignore[operator]
    assert (answer.status, answer.err) == (1, "error: unknown method 'oclusion'\n  did you mean occlusion?\n")
