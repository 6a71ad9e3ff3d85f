from __future__ import annotations

import inspect
from typing import Any

import pytest

from zoo import errors
from zoo.errors import MissingExtraError, UnknownNameError, UsageError, ZooError, did_you_mean


def test_an_error_says_where_what_and_what_next() -> None:
    error = ZooError("is not YAML", where="rows.yaml:3", hint="mind the brackets")
    assert str(error) == "rows.yaml:3: is not YAML\n  mind the brackets"


def test_an_error_without_place_and_hint_is_its_message() -> None:
    assert str(ZooError("no such thing")) == "no such thing"


def test_every_error_is_of_the_family() -> None:
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__]
    assert len(kinds) > 5
    assert all(issubclass(kind, ZooError) for kind in kinds)


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
def test_the_nearest_name(name: str, known: list[str], said: str) -> None:
    assert did_you_mean(name, known).endswith(said)


def test_an_unknown_name_says_which_was_meant() -> None:
    error = UnknownNameError("model", "dalla", {"dala": 1}, where="here")
    assert str(error) == "here: unknown model 'dalla'\n  did you mean dala?"


def test_an_unknown_name_can_carry_another_hint() -> None:
    assert UnknownNameError("model", "dalla", ["dala"], hint="ask").hint == "ask"


def test_a_missing_extra_says_how_to_get_it() -> None:
    error = MissingExtraError("gradio", "demo")
    assert "gradio" in error.message
    assert error.hint == "pip install 'histozoo[demo]'"


def test_usage_is_not_caught_as_something_else() -> None:
    with pytest.raises(ZooError):
        raise UsageError("no")
    assert not issubclass(UsageError, errors.DataError)


@pytest.mark.parametrize("name", [3, None, ["dala"], "x" * 1_000_000])
def test_a_name_that_cannot_be_meant_lists_the_known_ones(name: Any) -> None:
    assert str(UnknownNameError("model", name, ["b", "a"])).endswith("known: a, b")
