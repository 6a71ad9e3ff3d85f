"""The conformance kit as a plugin's own test and the command line use it."""

from __future__ import annotations

import pytest
import torch

from tests.installed_packages import Site
from zoo.errors import PluginError, UnknownNameError
from zoo.testing import check_model, outcomes
from zoo.testing.conformance import CHECKS


def test_check_model_prints_nothing_for_a_correct_network(
    third_party: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    check_model("right")
    assert capsys.readouterr() == ("", "")


def test_check_model_raises_an_error_with_the_failed_check_the_reason_and_a_hint(third_party: Site) -> None:
    with pytest.raises(PluginError) as error:
        check_model("pooled_layer")
    assert str(error.value).splitlines() == [
        "pooled_layer fails 1 of 22 checks:",
        "  The layer for the heat map exists, and the heat map has height and width.",
        "    the layer 'pool' gives a heat map of 1x1",
        "      choose a layer before the pooling, whose output has height and width",
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("raises", ": RuntimeError: no luck today"),
        ("wrong_signature", "it is called as build(num_outputs, gate='relu')"),
        ("misspelt", "forward fails on images of 16x16: AttributeError: 'Misspelt' object has no attribute 'pol'"),
        ("two_outputs", "forward returns a tuple, not a tensor\n  return only the logits"),
    ],
)
def test_an_error_that_fails_many_checks_is_reported_in_full_once(third_party: Site, name: str, words: str) -> None:
    errors = [outcome.error for outcome in outcomes(name) if outcome.error]
    assert words in errors[0]
    assert sum(words in error for error in errors) == 1
    assert sum(error.startswith("same error as for ") for error in errors) >= 5


def test_an_error_in_forward_names_the_line_of_the_plugin(third_party: Site) -> None:
    first = next(outcome.error for outcome in outcomes("misspelt") if outcome.error)
    lines = (third_party.folder / "wrong" / "networks.py").read_text(encoding="utf-8").splitlines()
    file, line, _ = first.split(":", 2)
    assert file == str(third_party.folder / "wrong" / "networks.py")
    assert "self.pol(" in lines[int(line) - 1]


def test_all_checks_run_when_one_fails(third_party: Site) -> None:
    assert [outcome.check for outcome in outcomes("not_pinned")] == [check.__name__ for check in CHECKS]


def test_checks_can_run_at_another_image_size(third_party: Site) -> None:
    errors = [outcome.error for outcome in outcomes("one_size", height=24, width=20) if outcome.error]
    assert "images of 24x20" in errors[0]


def test_checking_does_not_change_the_callers_random_state(third_party: Site) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    check_model("right")
    assert torch.equal(torch.rand(3), expected)


def test_an_unknown_model_is_an_error() -> None:
    with pytest.raises(UnknownNameError, match="resnet20"):
        check_model("resnet2")
