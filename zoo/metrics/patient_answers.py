"""One answer for each patient: the mean of the logits of the patient's images.

The mean of the logits is the logit of the (normalized) geometric mean of the probabilities, and it does not depend on
the constant that a network adds to all logits of an image. A patient whose images have several labels has no single
right answer, and is left out: a rule such as "the most frequent label" or "any positive image" would depend on the
question, which the data do not state. If that concerns most patients, the labels are not those of patients, and there
are no measures at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from zoo.metrics.one_class import one_class_note
from zoo.metrics.outputs import Outputs
from zoo.metrics.result import Result
from zoo.text import counted

RULE = "the mean of the logits of the patient's images"


@dataclass(frozen=True, kw_only=True)
class PatientAnswers:
    """The measures of one answer for each patient, in which a patient counts once, whatever the number of images."""

    rule: str
    """How the answer follows from those for the images."""
    measures: Result | None
    """The measures, in which a sample is a patient; None if most patients have several labels, or
    if patients are not known."""
    left_out: int
    """The number of patients who are left out, since their images have several labels."""
    reason: str
    """Why there are no measures, or why patients are left out; empty if none is."""


def patient_answers(outputs: Outputs) -> PatientAnswers:
    """Return the measures of one answer for each patient, from the outputs for the images."""
    if outputs.groups is None:
        return PatientAnswers(rule=RULE, measures=None, left_out=0, reason="the patients are not known")
    names, of_image = np.unique(np.array(outputs.groups), return_inverse=True)
    patients = of_image.reshape(-1)
    has = np.zeros((len(names), len(outputs.classes)), dtype=bool)
    has[patients, outputs.labels] = True
    one = has.sum(axis=1) == 1
    left_out = int((~one).sum())
    reason = ""
    if left_out:
        who = f"{left_out:,} of {counted(len(names), 'patient')}"
        reason = f"the images of {who} have several labels, so that there is no one right answer for them"
    if 2 * left_out > len(names):
        return PatientAnswers(rule=RULE, measures=None, left_out=left_out, reason=reason)
    found = replace(
        outputs,
        labels=has.argmax(axis=1)[one],
        logits=_means(np.asarray(outputs.logits, dtype=np.float64), patients, len(names))[one],
        groups=[str(name) for name in names[one]],
    ).measure()
    constant = one_class_note(found.confusion, found.classes, of="patients")
    notes = (*([constant] if constant else []), *(note for note in found.notes if note != found.one_class))
    return PatientAnswers(rule=RULE, measures=replace(found, notes=notes), left_out=left_out, reason=reason)


def _means(logits: NDArray[np.float64], patients: NDArray[np.integer], count: int) -> NDArray[np.float64]:
    """Return the mean of the rows of each patient.

    Images are added up in the order of their logits, so that their order in the data does not change a bit.
    """
    order = np.lexsort((*logits.T, patients))
    sums = np.stack([np.bincount(patients[order], weights=column, minlength=count) for column in logits[order].T])
    return np.asarray((sums / np.bincount(patients, minlength=count)).T)
