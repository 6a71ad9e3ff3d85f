from __future__ import annotations

import pytest

from zoo.config.plugin_options import checked_options
from zoo.errors import UnknownNameError, UsageError
from zoo.spec import Option

KNOWN = {
    "gate": Option(default="relu", choices=("relu", "sigmoid"), help=""),
    "dropout": Option(default=0.25, help=""),
    "depth": Option(default=20, help=""),
    "wide": Option(default=False, help=""),
    "magnification": Option(default="all", choices=("40", "100", "all"), help=""),
    "anything": Option(default=None, help=""),
}


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("gate", "sigmoid", "sigmoid"),
        ("dropout", "0.5", 0.5),
        ("dropout", 1, 1.0),
        ("depth", "32", 32),
        ("wide", "yes", True),
        ("wide", True, True),
        ("magnification", 40, "40"),
        ("magnification", "40", "40"),
        ("anything", "40", 40),
        ("anything", "none", None),
        ("anything", 1.5, 1.5),
    ],
)
def test_an_option_has_the_type_of_its_default(name: str, given: object, kept: object) -> None:
    checked = checked_options(KNOWN, {name: given}, of="dala")
    assert checked == {name: kept}
    assert type(checked[name]) is type(kept)


def test_options_that_are_not_given_are_not_returned() -> None:
    assert checked_options(KNOWN, {}, of="dala") == {}


def test_an_unknown_option_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        checked_options(KNOWN, {"gat": "relu"}, of="dala")
    assert str(caught.value) == "unknown option of dala 'gat'\n  did you mean gate?"


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("gate", "tanh", "dala: option gate must be one of relu, sigmoid, not 'tanh'"),
        ("gate", ["relu"], "dala: option gate must be a string"),
        ("dropout", "much", "dala: option dropout must be a number, not 'much'"),
        ("dropout", "nan", "dala: option dropout must be a number, not 'nan'"),
        ("depth", 20.5, "dala: option depth must be a whole number, not 20.5"),
        ("depth", True, "must be a whole number, not True"),
        ("wide", 1, "must be true or false, not 1"),
        ("magnification", 50, "must be one of 40, 100, all, not '50'"),
        ("anything", {}, "option anything must be"),
    ],
)
def test_an_invalid_value_of_an_option_is_refused(name: str, given: object, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked_options(KNOWN, {name: given}, of="dala")
    assert said in str(caught.value)
