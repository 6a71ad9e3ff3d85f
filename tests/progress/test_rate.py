from __future__ import annotations

import pytest

from zoo.progress.rate import per_time


@pytest.mark.parametrize(
    ("rate", "text"),
    [(2.46, "2.5 images/s"), (0.1, "0.1 images/s"), (0.035, "2.1 images/min"), (0.0, "0.0 images/s")],
)
def test_a_slow_rate_is_given_per_minute(rate: float, text: str) -> None:
    assert per_time(rate, "images") == text
    assert per_time(rate) == text.replace(" images", "")
