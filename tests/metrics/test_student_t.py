from __future__ import annotations

import pytest
from scipy.special import stdtrit

from zoo.metrics.student_t import student_t


@pytest.mark.parametrize("degrees", [1, 1.3, 2, 3.7, 9, 30.5, 400, 1e5])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_quantiles_agree_with_scipy(degrees: float, level: float) -> None:
    assert student_t(degrees, level) == pytest.approx(stdtrit(degrees, (1 + level) / 2), rel=1e-8)
