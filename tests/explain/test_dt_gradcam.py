from __future__ import annotations

import numpy as np
import pytest

from zoo.explain import dynamic_threshold
from zoo.explain.dt_gradcam import otsu


def _two_hills(seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed)
    low, high = noise.normal(0.2, 0.05, 700), noise.normal(0.75, 0.08, 200)
    return np.concatenate([low, high]).clip(0, 1).reshape(30, 30)


def _between(heat: np.ndarray, limit: float) -> float:
    """Otsu's variance between the two groups, from the values themselves."""
    below, above = heat[heat < limit], heat[heat >= limit]
    return len(below) * len(above) * (below.mean() - above.mean()) ** 2


@pytest.mark.parametrize("seed", range(3))
def test_otsu_threshold_has_the_largest_variance_between_groups(seed: int) -> None:
    heat = _two_hills(seed)
    found = _between(heat, otsu(heat))
    best = max(_between(heat, limit) for limit in np.linspace(0.3, 0.7, 400))
    assert found == pytest.approx(best, rel=0.01)
    assert 0.35 < otsu(heat) < 0.6


def test_values_below_the_threshold_become_zero_and_the_rest_is_stretched_to_1() -> None:
    heat = _two_hills(0)
    limit = otsu(heat)
    cut = dynamic_threshold(heat)
    assert (cut[heat <= limit] == 0).all()
    assert cut[heat > limit] == pytest.approx((heat[heat > limit] - limit) / (1 - limit))
    assert dynamic_threshold(np.array([[0.0, 0.1, 1.0]])).max() == 1


@pytest.mark.parametrize("value", [0.0, 0.4, 1.0])
def test_a_constant_heat_map_does_not_give_nan(value: float) -> None:
    heat = np.full((7, 7), value)
    assert (dynamic_threshold(heat) == heat).all()


def test_each_reading_of_the_threshold_clears_what_is_below_it() -> None:
    heat = np.linspace(0, 1, 1000).reshape(25, 40)
    cleared = {
        method: float((dynamic_threshold(heat, method) == 0).mean())
        for method in ("dt-gradcam", "dt-gradcam-mean", "dt-gradcam-quantile")
    }
    assert cleared == pytest.approx(
        {"dt-gradcam": 0.5, "dt-gradcam-mean": 0.5 + 12**-0.5, "dt-gradcam-quantile": 0.8}, abs=0.01
    )


@pytest.mark.parametrize("method", ["dt-gradcam", "dt-gradcam-mean", "dt-gradcam-quantile"])
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_map_without_any_differences_stays_finite(method: str, value: float) -> None:
    assert np.isfinite(dynamic_threshold(np.full((4, 4), value), method)).all()
