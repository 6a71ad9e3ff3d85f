from __future__ import annotations

import pytest

from zoo_demo.sizes import duration, millions


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (10, "< 0.001"),
        (4_321, "0.00432"),
        (272_474, "0.272"),
        (23_512_130, "23.5"),
        (134_268_738, "134"),
        (999_600_000, "1,000"),
        (1_843_000_000, "1,843"),
    ],
)
def test_a_number_of_parameters_is_shown_in_millions_without_an_exponent(count: int, text: str) -> None:
    assert millions(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.000_04, "0.04 ms"),
        (0.0031, "3.1 ms"),
        (0.0123, "12 ms"),
        (0.0997, "100 ms"),
        (0.1, "0.10 s"),
        (2.345, "2.35 s"),
    ],
)
def test_a_short_time_is_shown_in_milliseconds(seconds: float, text: str) -> None:
    assert duration(seconds) == text
