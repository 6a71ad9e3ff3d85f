"""The sentences of an audit, which the terminal and the page share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.auditing.audit_findings import ELSEWHERE, NO_PATIENTS, NOT_IN_DATA
from zoo.metrics.names import measure_name
from zoo.metrics.number_text import signed_interval, with_sign
from zoo.text import percent

if TYPE_CHECKING:
    from zoo.auditing.audit import Audit
    from zoo.auditing.leak_worth import LeakWorth
    from zoo.metrics.paired import Difference


def verdict(audit: Audit) -> str:
    """Return what was found, in a sentence."""
    total = f"{audit.test_images:,} test images"
    if any(finding.title == NOT_IN_DATA for finding in audit.findings):
        total += " in these data, which lack some of the table,"
    tested = max(audit.test_images, 1)
    possible = f"{audit.possibly_leaking:,} of {total} ({percent(audit.possibly_leaking / tested)})"
    if audit.leaking:
        sentence = (
            f"The split leaks: {audit.leaking:,} of {total} ({percent(audit.leaking / tested)}) are linked "
            "with an image that the model has seen"
        )
        return f"{sentence}; another {audit.possibly_leaking:,} may be." if audit.possibly_leaking else f"{sentence}."
    if audit.possibly_leaking:
        return f"The split may leak: {possible} may be linked with an image that the model has seen."
    if unsure := [finding for finding in audit.findings if finding.harm == "possible leak"]:
        reasons = []
        for finding in unsure:
            if finding.title == ELSEWHERE:
                rows = "1 row of the table was" if finding.count == 1 else f"{finding.count:,} rows of the table were"
                reasons.append(f"{rows} not matched, having another folder or patient than the image of that name")
            else:
                reasons.append(f"{'patients' if finding.title == NO_PATIENTS else 'some patients'} are not known")
        return f"No link between test images and other parts was found, but {' and '.join(reasons)}."
    return f"No leak was found: none of the {total} is linked with an image of another part."


def worth_of_leak(worth: LeakWorth) -> str:
    """Return what the leak is worth, in a sentence, and in another one why that may not be seen."""
    name, difference = _main_measure(worth)
    points = f"{with_sign(100 * difference.value, 1)} points of {measure_name(name)}"
    if difference.interval is None:
        found = f"The leak is worth {points} ({difference.reason})."
    else:
        low, high = 100 * difference.interval[0], 100 * difference.interval[1]
        sure = "" if low > 0 or high < 0 else "; the interval includes 0, so this comparison does not show an effect"
        found = f"The leak is worth {points} (95 % interval {signed_interval((low, high), 1)}){sure}."
    if not worth.one_class:
        return found
    return (
        f"{found} But {worth.one_class} of {2 * worth.trainings} trainings give all test images the same class, and do "
        "not show what a leak is worth: train longer."
    )


def how_worth_was_measured(worth: LeakWorth) -> list[str]:
    """Return how the two models were trained and tested, in sentences."""
    settings = ", ".join(f"{name} {value}" for name, value in worth.settings.items())
    times = "once" if worth.trainings == 1 else f"{worth.trainings} times, with other seeds,"
    known, others = worth.test_unit == "patient", f"other {worth.test_unit}s"
    units = f"of {worth.test_units:,} patients" if known else "of unknown patients"
    tested = f"the same {worth.test_images:,} test images {units}"
    if not worth.all_tested:
        tested += " (not of all, as nearly all training images are linked with the test part)"
    linked = "linked with a training image, by patient or as a copy" if known else "linked with a training image"
    lines = [
        f"{worth.model} was trained with the recipe {worth.recipe}{f' ({settings})' if settings else ''} {times} in "
        f"two ways, each on {worth.train_images:,} images with the same number of each class, and tested on {tested}.",
        f"With the leak: trained as the split says, so that {worth.leaking_test_images:,} of the tested images are "
        f"{linked}. Without: no training image is linked with a tested "
        "one; in their place are as many other images of each class, which the first model was not trained on.",
    ]
    if worth.trainings == 1:
        lines.append(f"The interval covers {others}, but not other trainings, as there was one of each.")
    else:
        lines.append(f"The interval covers {others} (stratified jackknife) and other trainings (Student's t).")
    kept = "the best epoch on the same validation images" if worth.validated else "the last epoch"
    lines.append(f"Of each training, {kept} was kept. Validation images are not linked with tested images.")
    return lines


def how_links_were_found(audit: Audit) -> list[str]:
    """Return how links between images were found, in sentences."""
    known = ", ".join(f"{name}s" for name in audit.groups) or "none"
    lines = [
        f"Names that link images, as the data state them: {known}.",
        "Identical images have the same pixels, whatever the format or metadata of their files.",
        "Near-identical images: 16x16 gray copies whose root mean square difference, under the best of the eight "
        "symmetries of the square, is at most 0.25 of their contrast. Copies that are cropped, rotated by other angles "
        "or stained differently are not found.",
        "A test image leaks if it is linked with a training or validation image.",
    ]
    if audit.val_as_test:
        lines.append("The split has no test part; its validation part, which results are reported on, is taken for it.")
    return lines


def _main_measure(worth: LeakWorth) -> tuple[str, Difference]:
    """Return the measure that is stated first: balanced accuracy where it is defined."""
    name = "balanced_accuracy" if "balanced_accuracy" in worth.measures else next(iter(worth.measures))
    return name, worth.measures[name]
