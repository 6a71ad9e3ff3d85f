"""What a run's initial model had seen: kept in the run folder, so that the run can be resumed without that model."""

from __future__ import annotations

from zoo.bundle.provenance import InitialWeights
from zoo.bundle.seen import MAX_BYTES, Seen, seen_from_document
from zoo.errors import RunError
from zoo.evaluation.selection import seen_before
from zoo.files import read_json, write_json
from zoo.progress import Reporter
from zoo.runs import Run
from zoo.text import counted
from zoo.training.training_data import TrainingData

INITIAL_SEEN = "initial_seen.json"


def write_initial_seen(run: Run, seen: Seen | None) -> None:
    """Write the record of the initial model into the run folder, if there is one."""
    if seen is not None:
        write_json(run.path / INITIAL_SEEN, seen.to_document())


def read_initial_seen(run: Run, weights: InitialWeights | None) -> Seen | None:
    """Return the record in a run folder; a RunError if it is not that of the initial weights.

    Args:
        run: The run.
        weights: The initial weights in run.yaml.
    """
    if weights is None or weights.model is None or weights.model.seen is None:
        return None
    try:
        found = seen_from_document(read_json(run.path / INITIAL_SEEN, at_most=MAX_BYTES))
    except (OSError, ValueError) as error:
        raise RunError(f"{INITIAL_SEEN} cannot be read: {error}", where=str(run)) from error
    if found.digest != weights.model.seen:
        raise RunError(f"{INITIAL_SEEN} is not the one that the run started with", where=str(run))
    return found


def say_what_was_seen(data: TrainingData, before: Seen | None, name: str, progress: Reporter) -> None:
    """Say how many images of the validation and of the test part the initial model had seen.

    Args:
        data: The images and their split.
        before: What the initial model had seen; None if there is none.
        name: Its name.
        progress: Receives the messages.
    """
    if before is None:
        return
    known = before.patients is not None and data.prepared.manifest.groups is not None
    for part, indices, consequence in (
        ("test", data.split.test, "these are not measured"),
        ("validation", data.split.val, "validation measures are too good for new patients"),
    ):
        if found := seen_before(data.prepared, indices, before):
            which = f"{len(found):,} of {counted(len(indices), 'image')} of the {part} part"
            patients = ", or on their patients" if known else ""
            progress.say(f"{name} was trained or validated on {which}{patients}: {consequence}")
