"""Every check of the kit catches what it says it catches, says what to do, and leaves the other checks alone."""

from __future__ import annotations

import pytest

from tests.strangers import Site
from zoo.testing import outcomes
from zoo.testing.checks import CHECKS

WRONG = [
    ("registers_without_torch", "hasty", ("imports torch", "register names as text")),
    ("declares_sane_preprocessing", "pixels_in_255", ("(123.7, 116.3, 103.5)", "divide by 255")),
    ("names_its_pretrained_weights", "not_pinned", ("a/b are not pinned", "'main'", "the full commit")),
    ("names_its_pretrained_weights", "no_loader", ("'wrong.networks:load_wieghts' cannot be imported",)),
    ("options_survive_json", "enum", ("option mode", "comes back as 'soft'", "use plain text")),
    ("builds_without_access", "reads_file", ("the file", "weights.bin", "Architecture(pretrained=...)")),
    ("builds_without_access", "reads_safetensors", ("the file", "weights.safetensors")),
    ("builds_without_access", "asks_network", ("the network", "127.0.0.1")),
    ("builds_without_access", "runs_program", ("another program",)),
    ("builds_from_the_seed", "unseeded", ("the weights differ", "torch.manual_seed")),
    ("builds_every_choice", "bad_choice", ("ValueError: no sigmoid today", "gate='sigmoid'")),
    ("has_declared_parameters", "miscounted", ("206 parameters", "declares 207", "registry.yaml:4", "parameters: 206")),
    ("gives_logits", "four_dimensions", ("(2, 2, 1, 1), not (2, 2)", "one row of num_outputs")),
    ("gives_logits", "not_finite", ("not finite", "initialisation")),
    ("is_deterministic", "draws", ("different outputs", "use nn.Dropout")),
    ("ignores_neighbours", "neighbours", ("depends on the other images", "running statistics")),
    ("takes_another_size", "one_size", ("networks.py:", "images of 8x8", "pool to one place")),
    ("takes_another_size", "size_in_shape", ("images of another size give",)),
    ("takes_other_classes", "two_classes", ("for five classes it has 2 outputs", "use num_outputs")),
    ("trains_every_parameter", "idle", ("no gradient reaches idle.bias, idle.weight", "use it in forward")),
    ("trains_every_parameter", "steep_start", ("gradient of scale is not finite", "initialisation")),
    ("bundle_comes_back", "forgets", ("other outputs when it is loaded", "a parameter or a buffer")),
    ("bundle_comes_back", "two_names", ("cannot be saved", "share the module instead")),
    ("bundle_comes_back", "grows", ("cannot be loaded", "forward may not add any")),
    ("has_activation_map", "no_layer", ("names no layer", "Architecture(cam_layer=...)")),
    ("has_activation_map", "misspelt_layer", ("no layer 'cnov'", "did you mean conv?")),
    ("has_activation_map", "pooled_layer", ("a map of 1x1", "before the pooling")),
    ("has_activation_map", "flat_layer", ("no map with two dimensions", "cam_tokens")),
]
RIGHT = ["right", "slow_start", "patches", "narrow", "pinned", "pinned_by_content", "one_output"]


def failed(name: str) -> dict[str, str]:
    return {one.check: one.error for one in outcomes(name) if one.error is not None}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_network_passes_every_check(strangers: Site, name: str) -> None:
    assert failed(name) == {}


@pytest.mark.parametrize(("check", "name", "words"), WRONG, ids=[f"{check}-{name}" for check, name, _ in WRONG])
def test_a_wrong_network_fails_its_check_alone(strangers: Site, check: str, name: str, words: tuple[str, ...]) -> None:
    errors = failed(name)
    assert list(errors) == [check]
    for word in words:
        assert word in errors[check]


def test_every_check_has_a_network_that_it_catches() -> None:
    assert {check for check, _, _ in WRONG} == {check.__name__ for check in CHECKS}


def test_a_size_of_nothing_is_told(strangers: Site) -> None:
    assert failed("no_height")["declares_sane_preprocessing"].startswith("the size cannot be 0x16")


def test_logits_that_are_cut_off_are_told(strangers: Site) -> None:
    assert "no gradient leaves the logits" in failed("cut_off")["trains_every_parameter"]


def test_a_layer_that_forward_does_not_call_is_told(strangers: Site) -> None:
    assert "name a layer that forward calls" in failed("idle_layer")["has_activation_map"]
