from __future__ import annotations

import numpy as np

from zoo.config.plain import from_plain, plain
from zoo.metrics.novelty_result import NoveltyResult
from zoo.metrics.patient_mean import patient_mean

UNLIKE = np.array([False] * 9 + [True])


def test_a_share_over_images_whose_patients_are_not_known_is_not_said_to_be_by_patient() -> None:
    by_image = NoveltyResult(images=1, share=patient_mean(UNLIKE, None))
    by_patient = NoveltyResult(images=1, share=patient_mean(UNLIKE, [f"p{number}" for number in range(10)]))
    assert str(by_image).startswith("1 image is unlike those of the training; their share: 0.100 (95 % 0.")
    assert "; their share by patient: 0.100 (95 % 0." in str(by_patient)
    assert from_plain(NoveltyResult, plain(by_image)) == by_image
