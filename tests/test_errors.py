from __future__ import annotations

import inspect
from typing import Any

import pytest

from zoo import errors
from zoo.errors import MissingExtraError, UnknownNameError, UsageError, ZooError, did_you_mean


def test_an_error_prints_where_what_and_what_to_do() -> None:
    error = ZooError("is not YAML", where="rows.yaml:3", hint="mind the brackets")
    assert str(error) == "rows.yaml:3: is not YAML\n  mind the brackets"


def test_an_error_without_where_and_hint_prints_its_message() -> None:
    assert str(ZooError("no such thing")) == "no such thing"


def test_every_error_class_is_a_zoo_error() -> None:
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__]
    assert len(kinds) > 5
    assert all(issubclass(kind, ZooError | Warning) for kind in kinds)


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("dalla", ["resnet50", "dala"], "did you mean dala?"),
        ("DALA", ["resnet50", "dala"], "did you mean dala?"),
        ("resnet5", ["resnet50", "resnet56", "dala"], "did you mean resnet56 or resnet50?"),
        ("xyz", ["b", "a"], "known: a, b"),
        ("xyz", [], "none is defined"),
        ("xyz", [f"n{i:02d}" for i in range(14)], "n10, n11 and 2 more"),
    ],
)
def test_did_you_mean_suggests_similar_names_or_lists_the_known_ones(name: str, known: list[str], said: str) -> None:
    assert did_you_mean(name, known).endswith(said)


def test_an_unknown_name_suggests_a_similar_one() -> None:
    error = UnknownNameError("model", "dalla", {"dala": 1}, where="here")
    assert str(error) == "here: unknown model 'dalla'\n  did you mean dala?"


def test_an_unknown_name_error_can_have_another_hint() -> None:
    assert UnknownNameError("model", "dalla", ["dala"], hint="ask").hint == "ask"


def test_a_missing_extra_is_an_error_with_the_command_to_install_it() -> None:
    error = MissingExtraError("gradio", extra="demo")
    assert "gradio" in error.message
    assert error.hint == "pip install 'histozoo[demo]'"


def test_a_usage_error_is_not_a_data_error() -> None:
    with pytest.raises(ZooError):
        raise UsageError("no")
    assert not issubclass(UsageError, errors.DataError)


@pytest.mark.parametrize("name", [3, None, ["dala"], "x" * 1_000_000])
def test_an_unknown_name_of_another_type_or_length_lists_the_known_ones(name: Any) -> None:
    assert str(UnknownNameError("model", name, ["b", "a"])).endswith("known: a, b")


@pytest.mark.parametrize("long", ["x" * 50_000_000, "x\n" * 100_000])
def test_an_error_fits_on_a_screen(long: str) -> None:
    text = str(ZooError(long, where=long, hint=long))
    assert len(text) < 24 * 80
    assert text.count("\n") < 24


def test_an_error_contains_no_control_characters() -> None:
    error = ZooError("\x1b[2Ja", where="b\x9b\ud800", hint="c\u202e\nd")
    assert str(error) == "b\\x9b\\ud800: \\x1b[2Ja\n  c\\u202e\nd"
    str(error).encode()
