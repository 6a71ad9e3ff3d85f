"""Slides and cases that are numbered anew for each patient, so that one number links no patients."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zoo.data.patient_names import same_for_one_patient

FEWEST_PATIENTS = 3
"""The fewest patients, beside half of them, who share a number that is counted within each patient."""
Number = tuple[str, int]
"""The word before a number, and the number: `slide 02` is ("slide", 2)."""


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """What was taken for numbers within each patient."""

    names: Sequence[str | None]
    """The name of each image, with its patient where it is such a number."""
    patients: int
    """The number of patients with a name."""
    having: Mapping[str, int]
    """How many patients have each number, the most common first."""


def number_within_patients(
    names: Sequence[str | None], patients: Sequence[str | None], *, fact: str
) -> Numbered | None:
    """Return names of which those that are numbers within a patient have the patient before them; None without such.

    These are small numbers that at least half of the patients have, and the numbers of a patient that follow on one:
    3 beside 2. All patients must have one, or one patient several; otherwise those who share one may be slides of one
    patient, which the data call patients.

    Args:
        names: The slide or case of each image.
        patients: The patient of each image.
        fact: What is named, such as `slide`.
    """
    pairs = {(name, patient) for name, patient in zip(names, patients, strict=True) if name and patient}
    total, everyone = len({patient for _, patient in pairs}), len({patient for patient in patients if patient})
    of_patient: defaultdict[str, set[Number]] = defaultdict(set)
    for name, patient in pairs:
        if number := _number(name):
            of_patient[patient].add(number)
    counts = Counter(number for own in of_patient.values() for number in own)
    words = Counter((patient, word) for patient, own in of_patient.items() for word, _ in own)
    several = {word for (_, word), count in words.items() if count > 1}
    common = {
        number
        for number, count in counts.items()
        if count >= max(FEWEST_PATIENTS, total / 2) and (count == everyone or number[0] in several)
    }
    if not common:
        return None
    within: dict[str, set[Number | None]] = {}
    for patient in {patient for _, patient in pairs}:
        within[patient] = {*common}
        for word, value in sorted(of_patient[patient]):
            if (word, value - 1) in within[patient] & of_patient[patient]:
                within[patient].add((word, value))
    of_any = set[Number | None]().union(*within.values())
    taken = [
        name is not None and _number(name) in within.get(patient or "", of_any)
        for name, patient in zip(names, patients, strict=True)
    ]
    having = Counter(name for name, patient in sorted(pairs) if _number(name) in within[patient])
    return Numbered(
        names=[
            ((f"{patient}, {fact} {name}" if patient else None) if number else name)
            for name, patient, number in zip(names, patients, taken, strict=True)
        ],
        patients=total,
        having=dict(having.most_common()),
    )


def _number(name: str) -> Number | None:
    """Return the small number that a name is, with the word before it, such as `1`, `02`, `S3` or `slide 4`."""
    found = re.fullmatch(r"(\D{0,10}?)0*(\d{1,2})", name.strip())
    return (same_for_one_patient(found[1]), int(found[2])) if found else None
