"""Networks that look right: the conformance kit finds those that do harm, and a trial stops them before a training."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest
import torch

from tests.installed_packages import Site
from zoo.device import choose_compute
from zoo.errors import PluginError
from zoo.plugins import plugins
from zoo.registry import registry
from zoo.testing import outcomes
from zoo.testing.trial import try_network

REGISTER = """
from pathlib import Path

import zoo
from zoo.spec import Architecture, Option, Preprocessing

SMALL = Preprocessing(height=16, width=16)
GATE = {"gate": Option(default="relu", choices=("relu", "tanhh"), help="which")}
NAMES = NAMES_HERE


@zoo.hookimpl
def zoo_register_models(register):
    for name in NAMES:
        register(
            Architecture(
                name=f"lying_{name}",
                build=f"lying.networks:{name}",
                summary="for a test",
                preprocessing=SMALL,
                cam_layer="conv",
                options=GATE if name in ("Gate", "Pooling", "Ignores") else {},
            )
        )


@zoo.hookimpl
def zoo_registry_files():
    return [Path(__file__).with_name("registry.yaml")]
"""
ROWS = """
recipes:
  odd_size: {summary: s, height: 30, width: 30}
  odd_augmentation: {summary: s, augment: [symetries]}
models:
  lying_Patches: {architecture: lying_Patches}
  lying_Double: {architecture: lying_Double}
  odd_size: {architecture: lying_Patches, recipe: odd_size}
  odd_augmentation: {architecture: lying_Double, recipe: odd_augmentation}
"""

CAUGHT: dict[str, tuple[str, str]] = {
    "Views": ("trains_in_every_precision", "view size is not compatible"),
    "ViewsPositions": ("returns_logits", "view size is not compatible"),
    "Strides": ("trains_in_every_precision", "the logits depend on the memory layout"),
    "AddsInPlace": ("trains_in_every_precision", "bfloat16"),
    "Cancels": ("trains_in_every_precision", "bfloat16 and channels_last: logits are not finite"),
    "TiedModules": ("saves_and_loads", "call one module twice"),
    "TiedParameter": ("saves_and_loads", "call one module twice"),
    "DrawnAtBuild": ("saves_and_loads", "gives other logits"),
    "DrawnBuffer": ("saves_and_loads", "gives other logits"),
    "Shuffles": ("saves_and_loads", "gives other logits"),
    "SavesLess": ("saves_and_loads", "cannot be loaded"),
    "Lazy": ("builds_without_access", "fc.weight has no shape before the first images"),
    "Halves": ("returns_logits", "forward changes the images that it is given\n  write x = 2 * x, not x *= 2"),
    "BornInForward": ("saves_and_loads", "cannot be loaded"),
    "Counts": ("resumes_exactly", "register_buffer"),
    "Averages": ("resumes_exactly", "register_buffer"),
    "AveragesInBuffer": ("resumes_exactly", "register_buffer"),
    "WarmsUp": ("resumes_exactly", "register_buffer"),
    "PythonNoise": ("trains_reproducibly", "draws from Python's random number generator"),
    "NumpyNoise": ("trains_reproducibly", "draws from NumPy's global random number generator"),
    "SystemNoise": ("trains_reproducibly", "give different logits"),
    "OwnGenerator": ("trains_reproducibly", "give different logits"),
    "python_weights": ("builds_without_side_effects", "draws from Python's random number generator"),
    "numpy_weights": ("builds_without_side_effects", "draws from NumPy's global random number generator"),
    "seeds": ("builds_without_side_effects", "every seed gives the same training"),
    "seeds_python": ("builds_without_side_effects", "Python's random number generator, or seeds it"),
    "seeds_numpy": ("builds_without_side_effects", "NumPy's global random number generator, or seeds it"),
    "changes_dtype": ("builds_without_side_effects", "changes torch's default dtype"),
    "changes_threads": ("builds_without_side_effects", "changes the number of threads"),
    "changes_folder": ("builds_without_side_effects", "changes the working directory"),
    "demands_determinism": ("builds_without_side_effects", "changes whether algorithms are deterministic"),
    "prints": ("builds_without_side_effects", "prints 'building Right'"),
    "writes_to_descriptor": ("builds_without_side_effects", "prints 'building Right in C'"),
    "PrintsInForward": ("trains_reproducibly", "forward prints 'forward (2, 3, 16, 16)'"),
    "Gate": ("builds_every_choice", "with gate='tanhh': forward fails"),
    "Pooling": ("builds_every_choice", "with gate='tanhh', two images give logits of shape (2, 2, 1)"),
    "Remembers": ("keeps_its_structure", "forward adds to seen"),
    "Sprouts": ("keeps_its_structure", "forward adds to _modules"),
    "OnlyInEval": ("trains_every_parameter", "no gradient for shift"),
    "odd_size": ("fits_its_recipe", "the recipe odd_size trains with images of 30x30"),
    "odd_augmentation": ("fits_its_recipe", "did you mean symmetries?"),
}
"""Networks that do harm: the check that finds it, and a part of its message."""
HARMLESS = (
    *("Patches", "WritesErrors", "CachesOnce", "CountsForNothing", "IdleBuffer", "Ignores", "SharesTwice", "Skips"),
    "Double",
)
STOPPED = {
    "Views": "forward fails for images of 16x16 in training mode (float32, channels_last): ",
    "ViewsPositions": "in evaluation mode (float32, contiguous)",
    "Strides": "the logits depend on the memory layout of the images",
    "TiedModules": "the weights cannot be saved: ",
    "TiedParameter": "the weights cannot be saved: ",
    "DrawnAtBuild": "a network that is saved and loaded gives other logits",
    "DrawnBuffer": "a network that is saved and loaded gives other logits",
    "Shuffles": "a network that is saved and loaded gives other logits",
    "SavesLess": "the saved weights cannot be loaded",
    "Lazy": "fc.weight has no shape before the first images",
    "Halves": "forward changes the images that it is given",
    "BornInForward": "the saved weights cannot be loaded",
    "Counts": "a network that is saved and loaded gives other logits",
    "Averages": "a network that is saved and loaded gives other logits",
    "AveragesInBuffer": "a network that is saved and loaded gives other logits",
    "OnlyInEval": "no gradient for shift",
}
"""Networks that cannot be trained and used at all, and a part of the message before training."""
IN_BFLOAT16 = {
    "AddsInPlace": "forward fails for images of 16x16 in training mode (bfloat16, channels_last)",
    "Cancels": "logits are not finite",
}
NAMES = [name for name in (*CAUGHT, *HARMLESS) if not name.startswith("odd_")]


def registry_name(name: str) -> str:
    return name if name.startswith("odd_") else f"lying_{name}"


@pytest.fixture(scope="module")
def lying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The package on the path, and a registry with its models."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.install("lying", REGISTER.replace("NAMES_HERE", repr(NAMES)), registry=ROWS)
    copyfile(Path(__file__).with_name("lying_networks.py"), site.folder / "lying" / "networks.py")
    sys.path.insert(0, str(site.folder))
    _forget()
    yield site
    sys.path.remove(str(site.folder))
    _forget()
    for name in [name for name in sys.modules if name.partition(".")[0] == "lying"]:
        del sys.modules[name]


def _forget() -> None:
    plugins.cache_clear()
    registry.cache_clear()


def failed(name: str) -> dict[str, str]:
    return {outcome.check: outcome.error for outcome in outcomes(registry_name(name)) if outcome.error is not None}


@pytest.mark.parametrize("name", CAUGHT)
def test_the_kit_finds_a_network_that_does_harm(lying: Site, name: str) -> None:
    check, said = CAUGHT[name]
    assert said in failed(name)[check]


@pytest.mark.parametrize("name", HARMLESS)
def test_the_kit_passes_a_strange_network_that_does_no_harm(lying: Site, name: str) -> None:
    assert failed(name) == {}


@pytest.mark.parametrize("name", [*STOPPED, *IN_BFLOAT16])
def test_a_trial_stops_a_network_that_cannot_be_trained_and_used(lying: Site, name: str) -> None:
    with pytest.raises(PluginError) as caught:
        try_network(
            registry().model(registry_name(name)),
            ("a", "b", "c"),
            choose_compute("cpu", "bfloat16" if name in IN_BFLOAT16 else "float32"),
        )
    assert caught.value.where == "lying (lying 1.0)"
    assert f"lying_{name} cannot be trained: " in str(caught.value)
    assert {**STOPPED, **IN_BFLOAT16}[name] in caught.value.message


@pytest.mark.parametrize("name", [*HARMLESS, "one_output"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("layout", ["channels_last", "contiguous"])
def test_a_trial_lets_a_network_pass_that_can_be_trained(lying: Site, name: str, precision: str, layout: str) -> None:
    model = registry().model("resnet20" if name == "one_output" else registry_name(name))
    try_network(model, ("a", "b"), choose_compute("cpu", precision, layout))  # type: ignore[arg-type]


def test_checking_restores_global_settings(lying: Site) -> None:
    before = torch.get_default_dtype(), torch.get_num_threads(), Path.cwd()
    for name in ("changes_dtype", "changes_threads", "changes_folder", "demands_determinism"):
        failed(name)
    assert (torch.get_default_dtype(), torch.get_num_threads(), Path.cwd()) == before
    assert not torch.are_deterministic_algorithms_enabled()
