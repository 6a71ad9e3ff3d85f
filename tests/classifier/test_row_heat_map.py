"""The layer and the tokens of the heat map, named by the row of a model."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import zoo
from tests.installed_packages import Site
from zoo.errors import CatalogError, PluginError
from zoo.plugins import plugins
from zoo.registry import registry
from zoo.registry.catalog import read_catalog
from zoo.testing.case import make_case
from zoo.testing.heat_map_checks import has_heat_map

REGISTER = """
from pathlib import Path

import zoo
from zoo.spec import Architecture, Option, Preprocessing


@zoo.hookimpl
def zoo_register_models(register):
    register(
        Architecture(
            name="timm",
            build="any_timm.model:build",
            summary="any network of timm",
            options={"network": Option(default="resnet18", help="its name in timm")},
            preprocessing=Preprocessing(height=64, width=64),
        )
    )


@zoo.hookimpl
def zoo_registry_files():
    return [Path(__file__).with_name("registry.yaml")]
"""
MODEL = """
import timm


def build(num_outputs, *, network):
    more = {"img_size": 64, "dynamic_img_size": True} if network.startswith("vit") else {}
    return timm.create_model(network, num_classes=num_outputs, **more)
"""
ROWS = """
models:
  a_resnet: {architecture: timm, cam_layer: layer4}
  a_vit: {architecture: timm, options: {network: vit_tiny_patch16_224}, cam_layer: blocks.11.norm1, cam_tokens: 1}
  no_layer: {architecture: timm}
  misspelt: {architecture: timm, cam_layer: layer5}
  no_tokens: {architecture: timm, options: {network: vit_tiny_patch16_224}, cam_layer: blocks.11.norm1}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A plugin with one architecture for all networks of timm."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.install("any_timm", REGISTER, registry=ROWS)
    (site.folder / "any_timm" / "model.py").write_text(MODEL)
    sys.path.insert(0, str(site.folder))
    plugins.cache_clear()
    registry.cache_clear()
    yield site
    sys.path.remove(str(site.folder))
    plugins.cache_clear()
    registry.cache_clear()


@pytest.mark.parametrize("name", ["a_resnet", "a_vit"])
def test_a_model_is_explained_by_the_layer_and_the_tokens_of_its_row(site: Site, tmp_path: Path, name: str) -> None:
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    model = zoo.create_model(name)
    assert model.explain(image).heat.shape == (64, 64)
    assert zoo.from_pretrained(model.save(tmp_path / "bundle")).explain(image).heat.shape == (64, 64)


def test_a_row_without_a_layer_uses_that_of_the_architecture() -> None:
    found = registry().model("dala")
    assert found.heat_map.layer == found.architecture.cam_layer
    assert registry().heat_map("dala", "dala") == found.heat_map


def test_a_trained_model_whose_row_is_not_installed_uses_the_layer_of_the_architecture() -> None:
    vit = registry().heat_map("somebody_elses_row", "vit")
    assert (vit.layer, vit.tokens) == ("blocks.5.norm1", 1)


def test_a_row_that_names_a_layer_also_decides_about_the_tokens(own_registry: Callable[[str], None]) -> None:
    own_registry("models:\n  map: {architecture: vit, cam_layer: patches}\n  two: {architecture: vit, cam_tokens: 2}\n")
    as_map, two = registry().model("map").heat_map, registry().model("two").heat_map
    assert (as_map.layer, as_map.tokens) == ("patches", None)
    assert (two.layer, two.tokens) == ("blocks.5.norm1", 2)


def test_a_model_without_a_layer_says_that_its_row_can_name_one(site: Site) -> None:
    with pytest.raises(PluginError, match=r"timm names no layer for a heat map \(cam_layer\)\n.*row of the model"):
        zoo.create_model("no_layer").explain(np.zeros((64, 64, 3), dtype=np.uint8))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a_vit", None),
        ("a_resnet", None),
        ("no_layer", "cam_layer in the registry row"),
        ("misspelt", "there is no layer 'layer5' for the heat map\n  did you mean layer4"),
        ("no_tokens", "returns no map with two dimensions"),
    ],
)
def test_the_conformance_kit_checks_the_layer_of_the_row(site: Site, name: str, said: str | None) -> None:
    case = make_case(name, height=None, width=None)
    if said is None:
        has_heat_map(case)
        return
    with pytest.raises(PluginError) as caught:
        has_heat_map(case)
    assert said in str(caught.value)


def test_a_negative_number_of_tokens_is_an_error_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "rows.yaml"
    file.write_text("models:\n  a:\n    architecture: vit\n    cam_tokens: -1\n")
    with pytest.raises(CatalogError, match=r"rows\.yaml:4: cam_tokens must be at least 0"):
        read_catalog(file)
