"""Numbers as a reader sees them."""

from __future__ import annotations

import pytest

from zoo.metrics.number_text import (
    decimal,
    interval_text,
    p_text,
    p_value,
    signed_interval,
    stated,
    with_interval,
    with_sign,
)


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0004, "< 0.001"),
        (0.0096, "0.0096"),
        (0.0312, "0.031"),
        (0.0494, "0.049"),
        (0.0496, "0.0496"),
        (0.04996, "0.04996"),
        (0.0499999, "0.0499999"),
        (0.05, "0.05"),
        (0.0503, "0.05"),
        (0.312, "0.31"),
        (1.0, "1"),
    ],
)
def test_a_p_value_below_the_limit_is_never_shown_as_the_limit(p: float, text: str) -> None:
    assert p_value(p) == text
    assert p_text(p) == (f"p {text}" if text.startswith("<") else f"p = {text}")


@pytest.mark.parametrize(
    ("value", "text"), [(-0.0004, "0.000"), (-0.0, "0.000"), (0.0004, "0.000"), (-0.0006, "-0.001"), (None, "–")]
)
def test_zero_has_no_minus_sign(value: float | None, text: str) -> None:
    assert decimal(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(-0.0004, "0.000"), (0.0, "0.000"), (0.0004, "0.000"), (-0.0006, "-0.001"), (0.0306, "+0.031")]
)
def test_a_difference_that_is_rounded_to_zero_has_no_sign(value: float, text: str) -> None:
    assert with_sign(value) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.8736, 3, "0.8736"),
        (0.97, 3, "0.970"),
        (0.97, None, "0.97"),
        (1.0, None, "1"),
        (1.0, 3, "1.000"),
        (1e-05, 3, "0.00001"),
    ],
)
def test_a_stated_number_has_its_own_digits(value: float, digits: int | None, text: str) -> None:
    assert stated(value, digits) == text


def test_only_the_ends_of_an_interval_keep_their_sign_which_says_whether_it_includes_zero() -> None:
    assert interval_text((-0.0004, 0.061)) == "-0.000 to 0.061"
    assert with_interval(-0.0003, (-0.061, 0.0004)) == "0.000 (-0.061 to 0.000)"
    assert signed_interval((-0.0004, 0.061)) == "-0.000 to +0.061"
