from __future__ import annotations

import numpy as np

from zoo.config.plain import from_plain, plain
from zoo.metrics.novelty_result import NoveltyResult
from zoo.metrics.patient_mean import patient_mean

UNLIKE = np.array([False] * 9 + [True])


def test_a_share_over_images_whose_patients_are_not_known_is_not_said_to_be_by_patient() -> None:
    by_image = NoveltyResult(images=1, share=patient_mean(UNLIKE, None))
    by_patient = NoveltyResult(images=1, share=patient_mean(UNLIKE, [f"p{number}" for number in range(10)]))
    said = "1 of 10 images is unlike the training images (out-of-distribution); mean share"
    assert by_image.text(10).startswith(f"{said} 0.100 (95 % 0.")
    assert by_patient.text(10).startswith(f"{said} per patient 0.100 (95 % 0.")
    assert from_plain(NoveltyResult, plain(by_image)) == by_image
