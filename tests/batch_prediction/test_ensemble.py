from __future__ import annotations

import numpy as np
import pytest
import torch

from zoo.batch_prediction.ensemble import Ensemble
from zoo.device import choose_compute
from zoo.runs import Run


def test_of_two_models_the_median_novelty_is_between_the_two(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    both = Ensemble([trained.path, trained.path], compute=choose_compute("cpu"))
    answers = iter([(torch.full((1, 2), 0.5), torch.tensor([value])) for value in (0.4, 1.8)])
    monkeypatch.setattr(both, "_one_model", lambda *_: next(answers))
    _, novelty = both.answer([[np.zeros((32, 32, 3), dtype=np.uint8)]])
    assert novelty is not None
    assert novelty.tolist() == pytest.approx([1.1])
