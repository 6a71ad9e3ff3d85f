"""Made-up predictions, better than chance, for any number of classes and patients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Cases = Callable[..., dict[str, Any]]


@pytest.fixture
def case() -> Cases:
    """Arguments for `measure`: each patient has one class, and the probabilities have ties."""

    def make(*, classes: int = 2, samples: int = 300, patients: int = 24, seed: int = 0) -> dict[str, Any]:
        generator = np.random.default_rng(seed)
        patient = generator.integers(patients, size=samples)
        patient[: 2 * patients] = np.tile(np.arange(patients), 2)[:samples]
        labels = (patient % (classes + 1)).clip(max=classes - 1)
        logits = generator.normal(size=(samples, classes)) + 1.2 * np.eye(classes)[labels]
        weights = np.exp(np.round(logits, 1))
        return {
            "labels": labels,
            "probabilities": weights / weights.sum(axis=1, keepdims=True),
            "classes": [f"class {index}" for index in range(classes)],
            "groups": [f"patient {index}" for index in patient],
        }

    return make
