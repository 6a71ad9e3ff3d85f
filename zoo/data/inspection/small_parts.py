"""Validation and test parts that are too small for what is decided on them."""

from __future__ import annotations

MIN_VALIDATION_IMAGES = 20
"""With fewer, one image changes the accuracy by more than 5 %: an epoch or a temperature is chosen by chance."""
MIN_TEST_IMAGES = 30
MIN_TEST_PATIENTS = 5


def small_parts(*, val: int, test: int, test_patients: int | None) -> tuple[str, ...]:
    """Return a sentence on each part of a split that is too small.

    Args:
        val: The number of validation images; none are not too few, since then nothing is chosen on them.
        test: The number of test images.
        test_patients: The number of patients in the test part; None if patients are not known.
    """
    found = []
    if 0 < val < MIN_VALIDATION_IMAGES:
        images = _images(val)
        found.append(f"the validation part has only {images}: too few for calibration, or for choosing the epoch")
    if 0 < test < MIN_TEST_IMAGES:
        found.append(f"the test part has only {_images(test)}: each changes the accuracy by {1 / test:.0%}")
    if test_patients is not None and 0 < test_patients < MIN_TEST_PATIENTS:
        patients = "1 patient" if test_patients == 1 else f"{test_patients} patients"
        found.append(f"the test part has only {patients}: the results say little about others")
    return tuple(found)


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count} images"
