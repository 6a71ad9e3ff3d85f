"""The kit as a stranger's test and the command line use it."""

from __future__ import annotations

import pytest
import torch

from tests.strangers import Site
from zoo.errors import PluginError, UnknownNameError
from zoo.testing import check_model, outcomes
from zoo.testing.checks import CHECKS


def test_a_right_network_passes_in_silence(strangers: Site, capsys: pytest.CaptureFixture[str]) -> None:
    check_model("right")
    assert capsys.readouterr() == ("", "")


def test_a_wrong_network_is_refused_with_the_promise_and_what_to_do(strangers: Site) -> None:
    with pytest.raises(PluginError) as told:
        check_model("pooled_layer")
    assert str(told.value).splitlines() == [
        "pooled_layer breaks 1 promise:",
        "  The layer for the class-activation map exists, and its map has two dimensions.",
        "    the layer 'pool' gives a map of 1x1",
        "      name a layer before the pooling, whose output still has height and width",
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("raises", "wrong.networks:raises could not build raises: RuntimeError: no luck today"),
        ("wrong_signature", "it is called as build(num_outputs, gate='relu')"),
        ("misspelt", "forward fails on images of 16x16: AttributeError: 'Misspelt' object has no attribute 'pol'"),
        ("two_outputs", "forward returns a tuple, not a tensor\n  return the logits alone"),
    ],
)
def test_what_breaks_everything_is_told_once(strangers: Site, name: str, words: str) -> None:
    errors = [one.error for one in outcomes(name) if one.error]
    assert words in errors[0]
    assert sum(words in error for error in errors) == 1
    assert sum(error.startswith("the same as under ") for error in errors) >= 5


def test_an_error_in_forward_names_the_plugins_own_line(strangers: Site) -> None:
    first = next(one.error for one in outcomes("misspelt") if one.error)
    lines = (strangers.folder / "wrong" / "networks.py").read_text(encoding="utf-8").splitlines()
    file, line, _ = first.split(":", 2)
    assert file == str(strangers.folder / "wrong" / "networks.py")
    assert "self.pol(" in lines[int(line) - 1]


def test_all_checks_run_even_when_one_fails(strangers: Site) -> None:
    assert [one.check for one in outcomes("not_pinned")] == [check.__name__ for check in CHECKS]


def test_it_can_be_held_to_them_at_another_size(strangers: Site) -> None:
    errors = [one.error for one in outcomes("one_size", height=24, width=20) if one.error]
    assert "images of 24x20" in errors[0]


def test_checking_leaves_the_callers_random_numbers_alone(strangers: Site) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    check_model("right")
    assert torch.equal(torch.rand(3), expected)


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(UnknownNameError, match="resnet20"):
        check_model("resnet2")
