"""The section of the card with the results: every number with its interval, and what the interval shows."""

from __future__ import annotations

from zoo.bundle.bundle_metrics import is_leaked
from zoo.bundle.card.markdown import folded, plain, table
from zoo.bundle.provenance import Provenance
from zoo.metrics.metrics_file import Metrics
from zoo.metrics.names import headlines, measure_name
from zoo.metrics.number_text import decimal, interval_text
from zoo.metrics.patient_answers import PatientAnswers
from zoo.metrics.result import Result
from zoo.text import sentence


def results_section(metrics: Metrics | None, training: Provenance | None) -> str:
    """Return the section with the measures, the images that they were computed on, and how to read them."""
    if metrics is None:
        return "## Results\n\nNot evaluated: it is not known how well this model performs."
    measures = metrics.measures
    parts = [
        "## Results",
        *_warnings(metrics, training),
        _tested_on(metrics),
        _measures(measures, first=True),
        _explanation(metrics),
        _decision(metrics),
        _confusion(measures),
        "\n".join(f"- {plain(note)}" for note in measures.notes if note != measures.one_class),
        *_patients(metrics.patients),
        f"**Is the network worth it?** {sentence(plain(metrics.baseline))}" if metrics.baseline else "",
        f"**Prediction sets:** {plain(str(metrics.coverage))}." if metrics.coverage else "",
        f"**Unlike the training images:** {plain(metrics.novelty.text(measures.samples))}." if metrics.novelty else "",
        f"**Degraded images:** {plain(metrics.stress)}." if metrics.stress else "",
        folded("All other measures", _measures(measures, first=False)),
    ]
    return "\n\n".join(part for part in parts if part)


def _warnings(metrics: Metrics, training: Provenance | None) -> list[str]:
    """Return what a reader must know before the first number: no class told apart, images seen in training."""
    one_class = metrics.measures.one_class
    warnings = [f"> **One class for every image.** {sentence(plain(one_class))}"] if one_class else []
    return [*warnings, _leak_warning(metrics, training)]


def _leak_warning(metrics: Metrics, training: Provenance | None) -> str:
    """Return a warning if the model has seen the images or their patients, a common flaw of published results."""
    seen, split = metrics.seen, metrics.split
    leaked = is_leaked(metrics, training)
    doubt = ""
    if seen is not None and not seen.known:
        doubt = sentence(str(seen)) if leaked else f"**Possibly leaked.** {sentence(str(seen))}"
    if split.unit == "image" and split.part == "test" and (by_image := _split_by_image(training)):
        return f"{by_image} {doubt}".rstrip()
    if not leaked:
        return f"> {doubt}" if doubt else ""
    if seen is not None:
        which = {"train": "Measured on the training part. ", "val": "Measured on the validation part. "}
        reason = f"{which.get(split.part, '')}{sentence(str(seen))}"
    else:
        leak = training.split.leak if training else None
        reason = sentence(str(leak))
    return f"> **Leaked.** {reason} The numbers below are **too high for a new patient**."


def _split_by_image(training: Provenance | None) -> str:
    """Return the warning about a split by image; empty if it is known that no patient is in two parts."""
    if training is None or training.split.patients is None:
        return (
            "> **Split by image.** The data do not state the patient of each image. If patients have several images, "
            "they are in both the training and the test part, and the numbers below are **too high for a new patient**."
        )
    if training.split.leak is None or not training.split.leak.patients:
        return ""
    return (
        "> **Split by image.** Images of one patient are in both the training and the test part, so the numbers "
        "below are **too high for a new patient**. Use them only to compare with papers that split by image."
    )


def _tested_on(metrics: Metrics) -> str:
    """Return a sentence about the images that the measures were computed on."""
    measures, split = metrics.measures, metrics.split
    patients = "an unknown number of" if measures.groups is None else f"{measures.groups:,}"
    name = plain(metrics.data.name)
    drawn = "synthetic " if metrics.data.synthetic else ""
    where = f"all of {name}" if split.unit is None else f"the {split.part} part of {name}, split {split.method}"
    seen = metrics.seen
    if split.unit is None and seen is not None and seen.images and not seen.measured:
        where += f", but {seen.images:,} images that were left out, since {seen}"
    return f"Measured on {measures.samples:,} {drawn}images of {patients} patients: {where}."


def _measures(measures: Result, *, first: bool) -> str:
    """Return a table of the measures that a reader looks for first, or of all others."""
    names = [name for name in measures.values if (name in headlines()) == first]
    rows = [[plain(measure_name(name)), *_value(measures, name)] for name in names]
    return table(["measure", "value", f"{measures.level:.0%} interval"], rows, numbers=["value"])


def _value(measures: Result, name: str) -> tuple[str, str]:
    """Return the value of a measure and its interval, or the reason why it has none."""
    value, interval = measures.values[name], measures.intervals.get(name)
    reason = plain(measures.reasons.get(name, ""))
    if value is None:
        return "undefined", reason
    return decimal(value), interval_text(interval, reason)


def _patients(answers: PatientAnswers | None) -> list[str]:
    """Return the measures of one answer for each patient, or why there are none."""
    if answers is None or (answers.measures is None and not answers.left_out):
        return []
    if answers.measures is None:
        return [f"**One answer for each patient:** none, since {plain(answers.reason)}."]
    measures = answers.measures
    rows = [[plain(measure_name(name)), *_value(measures, name)] for name in headlines() if name in measures.values]
    return [
        f"**One answer for each of {measures.samples:,} patients:** {plain(answers.rule)}.",
        table(["measure", "value", f"{measures.level:.0%} interval"], rows, numbers=["value"]),
        f"Left out: {plain(answers.reason)}." if answers.reason else "",
    ]


def _explanation(metrics: Metrics) -> str:
    """Return a paragraph on how to read the table."""
    positive = metrics.measures.positive
    which = "means over the classes" if positive is None else f"those of *{plain(positive)}*"
    return (
        f"Precision, recall, specificity, F1, average precision and AUROC are {which}. {measure_name('f1_minority')} "
        f"is that of *{plain(metrics.measures.minority)}*, which has the fewest images in the whole data set. "
        f"{_spread(metrics)}"
    )


def _decision(metrics: Metrics) -> str:
    """Return what is predicted, unless it is the most probable class."""
    decision = metrics.calibration.decision if metrics.calibration else ""
    if not decision:
        return ""
    name = plain(metrics.measures.classes[1])
    return f"An image is called *{name}* if its probability of it is above the {plain(decision)}."


def _spread(metrics: Metrics) -> str:
    """Return sentences about the intervals."""
    seed, units = metrics.training_seed, f"{metrics.measures.unit}s"
    training = "one training" if seed is None else f"one training (seed {seed})"
    return (
        f"The intervals come from the spread between the **{units}** of the test set (stratified jackknife, Student's "
        f"t). They show the uncertainty due to the choice of these {units}, "
        f"but not the variation between trainings, since this is {training}."
    )


def _confusion(measures: Result) -> str:
    """Return the confusion matrix as a table, with the sentence before it."""
    names = [plain(name) for name in measures.classes]
    rows = [[f"**{name}**", *map(str, row)] for name, row in zip(names, measures.confusion, strict=True)]
    return (
        "Confusion matrix, in images; rows are the truth, columns the prediction:\n\n"
        f"{table(['truth', *names], rows, numbers=names)}"
    )
