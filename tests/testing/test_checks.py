"""Every check of the conformance kit fails for the networks it is made for, and says what to do."""

from __future__ import annotations

import pytest

from tests.installed_packages import Site
from tests.testing.test_lying_networks import CAUGHT
from zoo.testing import outcomes
from zoo.testing.conformance import CHECKS

WRONG = [
    ("registers_without_torch", "hasty", ("imports torch", "register functions by name")),
    ("declares_valid_preprocessing", "pixels_in_255", ("(123.7, 116.3, 103.5)", "divide them by 255")),
    ("pins_pretrained_weights", "not_pinned", ("a/b are not pinned", "'main'", "the full commit")),
    ("pins_pretrained_weights", "no_loader", ("'wrong.networks:load_wieghts' cannot be imported",)),
    ("options_survive_json", "enum", ("option mode", "read as 'soft'", "use text")),
    ("builds_without_access", "reads_file", ("building opens the file", "weights.bin", "Architecture(pretrained=...)")),
    ("builds_without_access", "reads_safetensors", ("building opens the file", "weights.safetensors")),
    ("builds_without_access", "asks_network", ("building connects to", "127.0.0.1")),
    ("builds_without_access", "runs_program", ("building starts the program",)),
    ("builds_reproducibly", "unseeded", ("different weights", "torch.manual_seed")),
    ("builds_every_choice", "bad_choice", ("ValueError: no sigmoid today", "gate='sigmoid'")),
    ("builds_every_choice", "bad_switch", ("ValueError: only gated", "gated=False")),
    ("has_declared_parameters", "miscounted", ("206 parameters", "declares 207", "registry.yaml:4", "parameters: 206")),
    ("returns_logits", "four_dimensions", ("(2, 2, 1, 1), not (2, 2)", "one row of num_outputs")),
    ("returns_logits", "not_finite", ("not finite", "initial weights")),
    ("returns_logits", "softmax", ("returns probabilities that add up to 1", "remove the softmax")),
    ("returns_logits", "sigmoid", ("returns values between 0 and 1, whatever", "remove the sigmoid")),
    ("returns_logits", "one_sigmoid", ("returns values between 0 and 1, whatever", "remove the sigmoid")),
    ("is_deterministic", "draws", ("different logits", "use nn.Dropout")),
    ("ignores_other_images", "neighbors", ("depend on the other images", "running statistics")),
    ("accepts_another_size", "one_size", ("networks.py:", "images of 8x8", "pool over height and width")),
    ("accepts_another_size", "size_in_shape", ("images of another size give",)),
    ("accepts_other_classes", "two_classes", ("2 outputs for five classes", "use num_outputs")),
    ("trains_every_parameter", "idle", ("no gradient for idle.bias, idle.weight", "use it in forward")),
    ("trains_every_parameter", "steep_start", ("gradient of scale is not finite", "initial weights")),
    ("saves_and_loads", "forgets", ("gives other logits", "a parameter or a buffer")),
    ("saves_and_loads", "two_names", ("cannot be saved", "call one module twice")),
    ("saves_and_loads", "grows", ("cannot be loaded", "none in forward")),
    ("has_heat_map", "no_layer", ("no layer for the heat map", "Architecture(cam_layer=...)")),
    ("has_heat_map", "misspelt_layer", ("no layer 'cnov'", "did you mean conv?")),
    ("has_heat_map", "pooled_layer", ("a heat map of 1x1", "before the pooling")),
    ("has_heat_map", "flat_layer", ("no map with two dimensions", "cam_tokens")),
]
RIGHT = ["right", "slow_start", "patches", "narrow", "pinned", "pinned_by_content", "one_output"]
RIGHT += ["flat", "one_flat_output", "zero", "one_zero_output"]


def failed(name: str) -> dict[str, str]:
    return {outcome.check: outcome.error for outcome in outcomes(name) if outcome.error is not None}


@pytest.mark.parametrize("name", RIGHT)
def test_a_correct_network_passes_every_check(third_party: Site, name: str) -> None:
    assert failed(name) == {}


@pytest.mark.parametrize(("check", "name", "words"), WRONG, ids=[f"{check}-{name}" for check, name, _ in WRONG])
def test_a_wrong_network_fails_one_check_with_a_reason_and_a_hint(
    third_party: Site, check: str, name: str, words: tuple[str, ...]
) -> None:
    errors = failed(name)
    assert list(errors) == [check]
    for word in words:
        assert word in errors[check]


def test_every_check_has_a_network_that_fails_it() -> None:
    failed_by = {check for check, _, _ in WRONG} | {check for check, _ in CAUGHT.values()}
    assert failed_by == {check.__name__ for check in CHECKS}


def test_a_network_without_shapes_before_its_first_images_is_an_error(third_party: Site) -> None:
    errors = list(failed("lazy").values())
    assert errors[0] == "fc.weight has no shape before the first images\n  use nn.Linear, not nn.LazyLinear, and so on"
    assert not any("uninitialized" in error for error in errors)


def test_an_image_size_of_zero_is_an_error(third_party: Site) -> None:
    assert failed("no_height")["declares_valid_preprocessing"].startswith("images cannot have a size of 0x16")


def test_logits_without_a_gradient_are_an_error(third_party: Site) -> None:
    assert "the logits have no gradient" in failed("cut_off")["trains_every_parameter"]


def test_a_heat_map_layer_that_forward_does_not_call_is_an_error(third_party: Site) -> None:
    assert "choose a layer that forward calls" in failed("idle_layer")["has_heat_map"]
