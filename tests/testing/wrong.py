"""A third party's package full of wrong networks, installed for this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest
import torch
from safetensors.torch import save_file

from tests.installed_packages import Site

REGISTER = """
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path

import zoo
from zoo.spec import Architecture, Option, Preprocessing, Pretrained

CLASSES = {
    "right": "Right", "slow_start": "SlowStart", "four_dimensions": "FourDimensions", "not_finite": "NotFinite",
    "draws": "Draws", "neighbors": "Neighbors", "one_size": "OneSize", "size_in_shape": "SizeInShape",
    "two_classes": "TwoClasses", "idle": "Idle", "narrow": "Narrow", "cut_off": "CutOff",
    "steep_start": "SteepStart", "forgets": "Forgets",
    "softmax": "Softmax", "sigmoid": "Sigmoid", "flat": "Flat", "zero": "Zero",
    "two_names": "TwoNames", "in_place": "InPlace", "grows": "Grows",
    "misspelt": "Misspelt", "two_outputs": "TwoOutputs",
    "unseeded": "unseeded", "reads_file": "reads_file", "reads_safetensors": "reads_safetensors",
    "asks_network": "asks_network", "runs_program": "runs_program", "raises": "raises",
}
SMALL = Preprocessing(height=16, width=16)


class Mode(str, Enum):
    SOFT = "soft"


def right(name, build="Right", **changes):
    given = {"summary": "for a test", "preprocessing": SMALL, "cam_layer": "conv", **changes}
    return Architecture(name=name, build=f"wrong.networks:{build}", **given)


def weights(**changes):
    given = {"repo": "a/b", "revision": "0" * 40, "license": "mit", "data": "x", "load": "wrong.networks:raises"}
    return (Pretrained(**{**given, **changes}),)


@zoo.hookimpl
def zoo_register_models(register):
    for name, build in CLASSES.items():
        register(right(name, build))
    register(right("patches", "Patches", preprocessing=Preprocessing(height=42, width=42)))
    register(right("pixels_in_255", preprocessing=Preprocessing(height=16, width=16, mean=(123.7, 116.3, 103.5))))
    register(right("no_height", preprocessing=Preprocessing(height=0, width=16)))
    register(right("pinned", pretrained=weights()))
    register(right("pinned_by_content", pretrained=weights(revision="main", sha256="0" * 64)))
    register(right("not_pinned", pretrained=weights(revision="main")))
    register(right("no_loader", pretrained=weights(load="wrong.networks:load_wieghts")))
    register(right("enum", "with_mode", options={"mode": Option(default=Mode.SOFT, help="which")}))
    gate = Option(default="relu", choices=("relu", "sigmoid"), help="which")
    register(right("bad_choice", "bad_choice", options={"gate": gate}))
    register(right("bad_switch", "bad_switch", options={"gated": Option(default=True, help="whether")}))
    register(right("lazy", "lazy"))
    register(right("wrong_signature", "wrong_signature", options={"gate": gate}))
    register(right("no_layer", cam_layer=None))
    register(right("misspelt_layer", cam_layer="cnov"))
    register(right("pooled_layer", cam_layer="pool"))
    register(right("flat_layer", cam_layer="fc"))
    register(right("idle_layer", "Idle", cam_layer="idle"))


@zoo.hookimpl
def zoo_registry_files():
    return [Path(__file__).with_name("registry.yaml")]
"""

ROWS = """
models:
  right: {architecture: right, parameters: 206}
  miscounted: {architecture: right, parameters: 207}
  one_output: {architecture: right, head: sigmoid}
  flat: {architecture: flat}
  zero: {architecture: zero}
  sigmoid: {architecture: sigmoid}
  one_flat_output: {architecture: flat, head: sigmoid}
  one_zero_output: {architecture: zero, head: sigmoid}
  one_sigmoid: {architecture: sigmoid, head: sigmoid}
"""

HASTY = """
import zoo
from zoo.spec import Architecture, Preprocessing

@zoo.hookimpl
def zoo_register_models(register):
    import torch
    small = Preprocessing(height=16, width=16)
    register(
        Architecture(name="hasty", build="wrong.networks:Right", summary="", preprocessing=small, cam_layer="conv")
    )
"""


@pytest.fixture(scope="module")
def third_party(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two packages on the path, and a registry with their models."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.install("wrong", REGISTER, registry=ROWS)
    site.install("hasty", HASTY)
    package = site.folder / "wrong"
    copyfile(Path(__file__).with_name("networks.py"), package / "networks.py")
    (package / "weights.bin").write_bytes(b"weights")
    save_file({"weight": torch.zeros(1)}, package / "weights.safetensors")
    with site.in_this_process():
        yield site
